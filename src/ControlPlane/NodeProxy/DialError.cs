using System.Net.Sockets;

namespace ControlPlane.NodeProxy;

/// <summary>Why a connection could not be made, in Go's words: those that people search for.</summary>
internal static class DialError
{
    public static string Words(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.HostUnreachable => "connect: no route to host",
        SocketError.NetworkUnreachable => "connect: network is unreachable",
        SocketError.ConnectionReset => "read: connection reset by peer",
        SocketError.TimedOut => "i/o timeout",
        _ => error.Message,
    };
}
