using System.Net;
using System.Net.Sockets;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>
/// Sends hellos to all of a link and hears those of the nodes there: a group of the link-local block, which no router passes on and every switch
/// floods (224.0.0.254, RFC 4727), UDP port 10260. The way of the hellos is the way of the addresses: who does not hear the one does not reach the other. What
/// can be heard: a message by this link, to the group, with a time to live that no router has touched, from the port that nobody but the agent
/// has. A pod's packets come by another link or through a router, so that none of them passes, even from a raw socket.
/// </summary>
internal sealed class HelloSocket(Socket socket) : IDisposable
{
    public const int Port = 10260;

    private static readonly TimeSpan AfterError = TimeSpan.FromMilliseconds(20);
    private static readonly EndPoint Anybody = new IPEndPoint(IPAddress.Any, 0);

    public static readonly IPEndPoint Group = new(IPAddress.Parse("224.0.0.254"), Port);

    /// <exception cref="SocketException">Something else has the port.</exception>
    public static HelloSocket Open(NetworkNamespace inside, NodeLink link) => new(NeighborDatagrams.Open(inside, link.Link.Name, link.Link.Index, link.Address, Group));

    /// <summary>What cannot be sent is as good as lost.</summary>
    public void Send(Hello hello)
    {
        try { socket.SendTo(hello.Write(), SocketFlags.None, Group); }
        catch (SocketException) { }
    }

    /// <summary>Hears until cancelled.</summary>
    /// <param name="heard">Told from which address the hello came.</param>
    public async Task Listen(Action<IPAddress, Hello> heard, CancellationToken cancel)
    {
        var buffer = new byte[Hello.Longest + 1];
        while (!cancel.IsCancellationRequested)
        {
            SocketReceiveFromResult result;
            try { result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, Anybody, cancel); }
            catch (SocketException) // the link is going, or a longer message came, which is no hello
            {
                await Task.Delay(AfterError, cancel);
                continue;
            }
            if (result.RemoteEndPoint is IPEndPoint { Port: Port } sender && Hello.Read(buffer.AsSpan(0, result.ReceivedBytes)) is { } hello) heard(sender.Address, hello);
        }
    }

    public void Dispose() => socket.Dispose();
}
