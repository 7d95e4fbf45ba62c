using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Linux;

/// <summary>UDP sockets that hear only machines on their own link: the generalised TTL security mechanism (RFC 5082).</summary>
public static unsafe class NeighborDatagrams
{
    private const byte HighestTtl = 255;

    /// <summary>Of the time to live in the IPv4 header.</summary>
    private const int TtlOffset = 8;

    /// <summary>
    /// A socket of a multicast group on this link. It sends with the highest time to live and the kernel drops what comes with a lower one, which
    /// has passed a router, by another link, or to another address than the group's: so nothing arrives that a machine of the link only forwards,
    /// whatever source it claims. Its own messages do not come back.
    /// </summary>
    /// <param name="index">Of the link.</param>
    /// <param name="own">The machine's address on the link, the source of what it sends.</param>
    /// <exception cref="SocketException">Somebody else has the port.</exception>
    public static Socket Open(NetworkNamespace inside, string link, int index, IPAddress own, IPEndPoint group)
    {
        var socket = inside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        try
        {
            socket.SetRawSocketOption(LibC.SOL_SOCKET, LibC.SO_BINDTODEVICE, Encoding.UTF8.GetBytes(link));
            AcceptOnlyHighestTtl(socket);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, HighestTtl);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, false);
            var membership = new LibC.ip_mreqn { imr_multiaddr = BitConverter.ToUInt32(group.Address.GetAddressBytes()), imr_address = BitConverter.ToUInt32(own.GetAddressBytes()), imr_ifindex = index };
            LibC.Check(LibC.setsockopt((int)socket.Handle, LibC.SOL_IP, LibC.IP_MULTICAST_IF, &membership, (uint)sizeof(LibC.ip_mreqn)), "choose a socket's link for a multicast group");
            LibC.Check(LibC.setsockopt((int)socket.Handle, LibC.SOL_IP, LibC.IP_ADD_MEMBERSHIP, &membership, (uint)sizeof(LibC.ip_mreqn)), "join a multicast group");
            socket.Bind(group);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void AcceptOnlyHighestTtl(Socket socket)
    {
        var program = stackalloc LibC.sock_filter[]
        {
            new() { code = LibC.BPF_LD | LibC.BPF_B | LibC.BPF_ABS, k = unchecked((uint)(LibC.SKF_NET_OFF + TtlOffset)) },
            new() { code = LibC.BPF_JMP | LibC.BPF_JEQ | LibC.BPF_K, k = HighestTtl, jt = 0, jf = 1 },
            new() { code = LibC.BPF_RET | LibC.BPF_K, k = uint.MaxValue },
            new() { code = LibC.BPF_RET | LibC.BPF_K, k = 0 },
        };
        var filter = new LibC.sock_fprog { len = 4, filter = program };
        LibC.Check(LibC.setsockopt((int)socket.Handle, LibC.SOL_SOCKET, LibC.SO_ATTACH_FILTER, &filter, (uint)sizeof(LibC.sock_fprog)), "attach a filter to a socket");
    }
}
