using System.Net;
using System.Net.Sockets;

namespace NodeAgent.Probes;

/// <summary>A connection that did not come about; the message is worded as Go's, which users of probes know.</summary>
internal sealed class DialException(string message, bool timedOut = false) : IOException(message)
{
    public bool TimedOut => timedOut;
}

/// <summary>TCP connections from the node.</summary>
internal static class Dialer
{
    /// <param name="host">An address or a name.</param>
    /// <exception cref="DialException">Refused, unreachable, unknown; or cancelled, which is a time-out here.</exception>
    public static async Task<Socket> Connect(string host, int port, CancellationToken cancel)
    {
        EndPoint target = IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);
        var socket = address is null ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(target, cancel);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new DialException(e is SocketException refused ? Words(refused, host, port) : $"dial tcp {Target(host, port)}: i/o timeout", e is OperationCanceledException);
        }
    }

    /// <summary>As Go joins them: an IPv6 address in brackets.</summary>
    public static string Target(string host, int port) => host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}";

    /// <summary>What the kernel said, in Go's words for its error numbers.</summary>
    public static string Reason(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset by peer",
        SocketError.HostUnreachable => "no route to host",
        SocketError.NetworkUnreachable => "network is unreachable",
        SocketError.TimedOut => "connection timed out",
        SocketError.AddressNotAvailable => "cannot assign requested address",
        _ => error.ToString(),
    };

    private static string Words(SocketException e, string host, int port) => e.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData => $"dial tcp: lookup {host}: no such host",
        SocketError.TryAgain => $"dial tcp: lookup {host}: server misbehaving",
        var error => $"dial tcp {Target(host, port)}: connect: {Reason(error)}",
    };
}
