using System.Runtime.InteropServices;

namespace Linux;

#pragma warning disable CS8981 // C's own names are lower-case
public static partial class LibC
{
    public const int AF_UNSPEC = 0, AF_INET = 2, AF_BRIDGE = 7, AF_INET6 = 10, AF_NETLINK = 16;
    public const int SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1, SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE = 33;
    public const int MSG_PEEK = 2, MSG_TRUNC = 0x20, MSG_DONTWAIT = 0x40;

    public const int NETLINK_ROUTE = 0, NETLINK_NETFILTER = 12, SOL_NETLINK = 270;
    public const int NETLINK_ADD_MEMBERSHIP = 1, NETLINK_CAP_ACK = 10, NETLINK_EXT_ACK = 11, NETLINK_GET_STRICT_CHK = 12;

    /// <summary>Of iptables-legacy (linux/netfilter_ipv4/ip_tables.h).</summary>
    public const int IPT_SO_GET_INFO = 64, IPT_SO_GET_ENTRIES = 65;

    /// <summary>A netlink address (linux/netlink.h); port 0 = the kernel, or for bind "choose one".</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_nl
    {
        public ushort nl_family;
        public ushort nl_pad;
        public uint nl_pid;
        public uint nl_groups;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int sockfd, in sockaddr_nl addr, uint addrlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int sockfd, int level, int optname, in int optval, uint optlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int sockfd, int level, int optname, ref byte optval, ref uint optlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockname(int sockfd, ref sockaddr_nl addr, ref uint addrlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int sockfd, in byte buf, nuint len, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int sockfd, ref byte buf, nuint len, int flags);
}
