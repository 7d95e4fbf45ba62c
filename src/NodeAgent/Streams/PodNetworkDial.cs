using System.Net;
using System.Net.Sockets;
using Linux;

namespace NodeAgent.Streams;

/// <summary>Connections to 127.0.0.1 as a pod sees it.</summary>
internal static class PodNetworkDial
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>IPv4 first, then IPv6, as "localhost" means both.</summary>
    /// <param name="networkNamespace">Null: the node's own.</param>
    /// <exception cref="LocalhostException">Neither answers.</exception>
    /// <exception cref="SystemCallException">The pod's network is gone.</exception>
    public static async Task<Socket> Localhost(string? networkNamespace, int port, CancellationToken cancel)
    {
        try { return await Connect(networkNamespace, new IPEndPoint(IPAddress.Loopback, port), cancel); }
        catch (SocketException first)
        {
            try { return await Connect(networkNamespace, new IPEndPoint(IPAddress.IPv6Loopback, port), cancel); }
            catch (SocketException second) { throw new LocalhostException(port, first, second); }
        }
    }

    private static async Task<Socket> Connect(string? networkNamespace, IPEndPoint endpoint, CancellationToken cancel)
    {
        Socket Create() => new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        Socket socket;
        // A socket stays in the namespace in which it was opened.
        if (networkNamespace is null) socket = Create();
        else
        {
            using var pod = NetworkNamespace.Open(networkNamespace);
            socket = pod.Run(Create);
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Timeout);
        try
        {
            socket.NoDelay = true;
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

/// <summary>Nobody listens at a port of a pod; in containerd's words.</summary>
internal sealed class LocalhostException(int port, SocketException v4, SocketException v6)
    : IOException($"IPv4: dial tcp4 127.0.0.1:{port}: {Words(v4)} IPv6 dial tcp6: [::1]:{port}: {Words(v6)}")
{
    private static string Words(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.TimedOut => "i/o timeout",
        SocketError.AddressNotAvailable => "connect: cannot assign requested address",
        _ => e.Message,
    };
}
