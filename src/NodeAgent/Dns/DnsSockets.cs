using System.Net;
using System.Net.Sockets;
using Linux;

namespace NodeAgent.Dns;

/// <summary>
/// The sockets of an address, bound to it and to nothing else: an answer has the source that the client asked. The address need not be on the
/// machine yet. What comes in between binding and answering waits in them.
/// </summary>
internal sealed record DnsSockets(Socket Udp, Socket Tcp) : IDisposable
{
    private const int Waiting = 128, UdpBuffer = 1 << 20;

    /// <exception cref="SocketException">Somebody else has the port.</exception>
    public static DnsSockets Bind(IPEndPoint address, NetworkNamespace node)
    {
        var udp = node.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        var tcp = node.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            foreach (var socket in (Socket[])[udp, tcp])
            {
                socket.SetRawSocketOption(LibC.IPPROTO_IP, LibC.IP_FREEBIND, BitConverter.GetBytes(1));
                socket.Bind(address);
            }
            udp.ReceiveBufferSize = UdpBuffer;
            tcp.Listen(Waiting);
            return new(udp, tcp);
        }
        catch
        {
            udp.Dispose();
            tcp.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Udp.Dispose();
        Tcp.Dispose();
    }
}
