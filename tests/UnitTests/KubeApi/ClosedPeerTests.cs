using System.Net;
using System.Net.Sockets;
using KubeApi;
using Xunit;

namespace UnitTests.KubeApi;

public sealed class ClosedPeerTests
{
    [Fact]
    public async Task A_peer_that_left_is_noticed_though_nobody_reads_what_it_sent()
    {
        var (client, server) = await Connection();
        using (server)
        {
            var gone = new TaskCompletionSource();
            using var watch = new ClosedPeer(server, gone.SetResult);
            await client.SendAsync(new byte[100_000]);
            client.Dispose();
            await gone.Task.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(server.Available > 0); // what it sent is still there
        }
    }

    [Fact]
    public async Task A_peer_that_is_only_slow_is_let_be()
    {
        var (client, server) = await Connection();
        using (client)
        using (server)
        {
            var gone = false;
            using var watch = new ClosedPeer(server, () => gone = true);
            await client.SendAsync(new byte[100_000]);
            await Task.Delay(TimeSpan.FromSeconds(7)); // more than two looks
            Assert.False(gone);
        }
    }

    private static async Task<(Socket Client, Socket Server)> Connection()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        return (client, await listener.AcceptAsync());
    }
}
