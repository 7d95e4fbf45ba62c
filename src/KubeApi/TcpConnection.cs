using System.Net;
using System.Net.Sockets;

namespace KubeApi;

/// <summary>
/// Connects HTTP clients. That a machine is not there is known within seconds, whereas the first TLS handshake of a busy machine without
/// hardware virtualisation may take many.
/// </summary>
public static class TcpConnection
{
    /// <summary>Of TCP alone.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Of TCP and TLS together: <see cref="System.Net.Http.SocketsHttpHandler.ConnectTimeout"/> beside this callback, and a server's for its part.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A <see cref="System.Net.Http.SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <inheritdoc cref="Connect(EndPoint, CancellationToken)"/>
    public static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel) =>
        new NetworkStream(await Connect(context.DnsEndPoint, cancel), ownsSocket: true);

    /// <exception cref="SocketException">It cannot be reached; <see cref="SocketError.TimedOut"/> after five seconds.</exception>
    public static async Task<Socket> Connect(EndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is OperationCanceledException && !cancel.IsCancellationRequested) throw new SocketException((int)SocketError.TimedOut);
            throw;
        }
    }
}
