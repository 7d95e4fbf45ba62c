using System.Net;
using System.Net.Sockets;

namespace UnitTests.Streams;

/// <summary>Both ends of a TCP connection on 127.0.0.1.</summary>
internal sealed class Duplex : IAsyncDisposable
{
    private Duplex(Stream client, Stream server) => (Client, Server) = (client, server);

    public Stream Client { get; }
    public Stream Server { get; }

    public static async Task<Duplex> Create()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var server = await listener.AcceptTcpClientAsync();
        server.NoDelay = true;
        return new Duplex(client.GetStream(), server.GetStream());
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
