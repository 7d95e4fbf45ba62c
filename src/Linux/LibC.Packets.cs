using System.Runtime.InteropServices;

namespace Linux;

#pragma warning disable CS8981 // C's own names are lower-case
/// <summary>Frames of a link (packet(7)), and filters of sockets (linux/filter.h).</summary>
public static unsafe partial class LibC
{
    public const int AF_PACKET = 17, SOL_IP = 0, IP_MULTICAST_IF = 32, IP_ADD_MEMBERSHIP = 35, SO_ATTACH_FILTER = 26, SO_BINDTODEVICE = 25, SO_RCVTIMEO = 20;
    public const ushort ETH_P_ARP = 0x0806;
    public const ushort BPF_LD = 0x00, BPF_JMP = 0x05, BPF_RET = 0x06, BPF_B = 0x10, BPF_ABS = 0x20, BPF_JEQ = 0x10, BPF_K = 0x00;

    /// <summary>Offset of the network header for a filter's loads, whatever the packet's data begins with.</summary>
    public const int SKF_NET_OFF = -0x100000;

    /// <summary>Which link and protocol a packet socket is for; the protocol in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_ll
    {
        public ushort sll_family;
        public ushort sll_protocol;
        public int sll_ifindex;
        public ushort sll_hatype;
        public byte sll_pkttype;
        public byte sll_halen;
        public fixed byte sll_addr[8];
    }

    /// <summary>A multicast group on a link; addresses in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ip_mreqn
    {
        public uint imr_multiaddr;
        public uint imr_address;
        public int imr_ifindex;
    }

    /// <summary>One instruction of a filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sock_filter
    {
        public ushort code;
        public byte jt;
        public byte jf;
        public uint k;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct sock_fprog
    {
        public ushort len;
        public sock_filter* filter;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int sockfd, in sockaddr_ll addr, uint addrlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int sockfd, int level, int optname, void* optval, uint optlen);
}
