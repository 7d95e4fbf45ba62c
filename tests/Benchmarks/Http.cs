using System.Net;
using System.Net.Sockets;
using Linux;

namespace Benchmarks;

/// <summary>The shortest HTTP client: it says whether a server answers, from inside a given network namespace.</summary>
internal static class Http
{
    /// <summary>
    /// Connects again and again until the server answers 200 or the bound is over. Each attempt is a socket made in
    /// <paramref name="from"/>; a socket stays in the namespace that it was made in.
    /// </summary>
    /// <exception cref="TimeoutException">No 200 within <paramref name="bound"/>.</exception>
    public static void WaitForOk(NetworkNamespace from, IPAddress address, int port, TimeSpan bound) => from.Run(() =>
    {
        var end = DateTime.UtcNow + bound;
        while (DateTime.UtcNow < end)
        {
            if (Ask(address, port)) return;
            Thread.Sleep(2);
        }
        throw new TimeoutException($"http://{address}:{port}/ did not answer within {bound.TotalSeconds} s");
    });

    private static bool Ask(IPAddress address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 1000, SendTimeout = 1000 };
        try
        {
            if (!Connect(socket, new IPEndPoint(address, port))) return false;
            socket.Send("GET / HTTP/1.0\r\nHost: bench\r\n\r\n"u8);
            var answer = new byte[64];
            var count = socket.Receive(answer);
            return answer.AsSpan(0, count).IndexOf(" 200 "u8) > 0;
        }
        catch (SocketException) { return false; }
    }

    /// <summary>A lost SYN is sent again only after a second; giving up after 50 ms finds a server sooner.</summary>
    private static bool Connect(Socket socket, IPEndPoint server)
    {
        socket.Blocking = false;
        try { socket.Connect(server); }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress) { }
        if (!socket.Poll(50_000, SelectMode.SelectWrite)) return false;
        socket.Blocking = true;
        return (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0;
    }
}
