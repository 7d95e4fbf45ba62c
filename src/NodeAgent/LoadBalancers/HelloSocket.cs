using System.Net;
using System.Net.Sockets;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>
/// Sends hellos and hears those of the nodes on the same link: UDP port 10260 of the node addresses. What can be heard: a message by the node's own
/// link, with a time to live that no router has touched, from a node's address and from the same port, which nobody but the agent has. A pod's
/// packets are routed, or come by another link, so that none of them passes, even with a raw socket.
/// </summary>
internal sealed class HelloSocket(Socket socket) : IDisposable
{
    public const int Port = 10260;

    private static readonly TimeSpan AfterError = TimeSpan.FromMilliseconds(20);
    private static readonly EndPoint Anybody = new IPEndPoint(IPAddress.Any, 0);

    /// <exception cref="SocketException">Something else has the port.</exception>
    public static HelloSocket Open(NetworkNamespace inside, string link, IPAddress address) => new(NeighborDatagrams.Open(inside, link, new IPEndPoint(address, Port)));

    /// <summary>To each; what cannot be sent is as good as lost.</summary>
    public void Send(bool ready, IEnumerable<IPAddress> peers)
    {
        var message = Hello.Write(ready);
        foreach (var peer in peers)
            try { socket.SendTo(message, SocketFlags.DontRoute, new IPEndPoint(peer, Port)); }
            catch (SocketException) { }
    }

    /// <summary>Hears until cancelled.</summary>
    /// <param name="heard">Told who sent, and whether it can hold addresses.</param>
    public async Task Listen(Action<IPAddress, bool> heard, CancellationToken cancel)
    {
        var buffer = new byte[Hello.Length + 1];
        while (!cancel.IsCancellationRequested)
        {
            SocketReceiveFromResult result;
            try { result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, Anybody, cancel); }
            catch (SocketException) // a peer refused an earlier message, or the link is going
            {
                await Task.Delay(AfterError, cancel);
                continue;
            }
            if (result.RemoteEndPoint is IPEndPoint { Port: Port } sender && Hello.Read(buffer.AsSpan(0, result.ReceivedBytes)) is { } ready) heard(sender.Address, ready);
        }
    }

    public void Dispose() => socket.Dispose();
}
