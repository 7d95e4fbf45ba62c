using System.Net;
using System.Net.Sockets;
using Linux;

namespace KernelTests.PodNetwork;

/// <summary>Real TCP connections between namespaces: the sockets are opened inside, and used from here.</summary>
internal static class Tcp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Connects, sends a byte each way, and tells whom the server saw.</summary>
    public static async Task<IPAddress> Connect(NetworkNamespace from, NetworkNamespace to, IPAddress address)
    {
        using var listener = to.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        listener.Listen();
        using var cancel = new CancellationTokenSource(Patience);
        var (client, server) = await Open(from, listener, new IPEndPoint(address, ((IPEndPoint)listener.LocalEndPoint!).Port), cancel.Token);
        using (client)
        using (server)
        {
            await Echo(client, server, cancel.Token);
            return ((IPEndPoint)server.RemoteEndPoint!).Address;
        }
    }

    /// <summary>A connection that stays open, to see whether it survives.</summary>
    public static async Task<(Socket Client, Socket Server)> Hold(NetworkNamespace from, NetworkNamespace to, IPAddress address)
    {
        using var listener = to.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        listener.Listen();
        using var cancel = new CancellationTokenSource(Patience);
        return await Open(from, listener, new IPEndPoint(address, ((IPEndPoint)listener.LocalEndPoint!).Port), cancel.Token);
    }

    public static async Task Echo(Socket client, Socket server, CancellationToken cancel)
    {
        var buffer = new byte[1];
        await client.SendAsync(new byte[] { 1 }, SocketFlags.None, cancel);
        Assert.Equal(1, await server.ReceiveAsync(buffer, SocketFlags.None, cancel));
        await server.SendAsync(new byte[] { 2 }, SocketFlags.None, cancel);
        Assert.Equal(1, await client.ReceiveAsync(buffer, SocketFlags.None, cancel));
        Assert.Equal(2, buffer[0]);
    }

    private static async Task<(Socket Client, Socket Server)> Open(NetworkNamespace from, Socket listener, IPEndPoint target, CancellationToken cancel)
    {
        var client = from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var accepted = listener.AcceptAsync(cancel);
        await client.ConnectAsync(target, cancel);
        return (client, await accepted);
    }
}
