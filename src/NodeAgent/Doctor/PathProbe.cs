using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace NodeAgent.Doctor;

/// <summary>Whether another machine answers, and how large a packet gets there whole.</summary>
internal static class PathProbe
{
    private const int Headers = 28, Least = 576, Timeout = 1000, Attempts = 2;

    /// <summary>The largest packet, in bytes with its IP header, that is answered without having been fragmented; null: nothing is answered.</summary>
    /// <param name="mtu">The link's: no larger one is tried.</param>
    public static int? LargestPacket(IPAddress to, int mtu)
    {
        if (Answers(to, mtu)) return mtu;
        if (!Answers(to, Least)) return null;
        var (fits, fails) = (Least, mtu);
        while (fails - fits > 1)
        {
            var middle = (fits + fails) / 2;
            if (Answers(to, middle)) fits = middle; else fails = middle;
        }
        return fits;
    }

    private static bool Answers(IPAddress to, int size)
    {
        using var ping = new Ping();
        for (var attempt = 0; attempt < Attempts; attempt++)
            try
            {
                if (ping.Send(to, Timeout, new byte[size - Headers], new PingOptions(64, dontFragment: true)).Status == IPStatus.Success) return true;
            }
            catch (Exception e) when (e is PingException or SocketException) { } // too large for the link, or no route
        return false;
    }

    /// <summary>Whether something accepts a TCP connection there; the reason if not.</summary>
    public static async Task<string?> Refusal(DnsEndPoint to, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(to, limit.Token);
            return null;
        }
        catch (SocketException e) { return e.Message; }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { return "no answer within 5 seconds"; }
    }
}
