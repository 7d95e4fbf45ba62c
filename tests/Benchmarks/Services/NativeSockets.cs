using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Benchmarks.Services;

#pragma warning disable CS8981 // C's own names are lower-case
/// <summary>Connections by bare system calls: .NET's own sockets cost as much as what is measured here.</summary>
internal static partial class NativeSockets
{
    public const int AF_INET = 2, SOCK_STREAM = 1, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_ERROR = 4, SO_LINGER = 13, EINPROGRESS = 115;
    public const int SO_RCVTIMEO = 20, SO_SNDTIMEO = 21, IPPROTO_TCP = 6, TCP_NODELAY = 1, MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;
    public const short POLLIN = 1, POLLOUT = 4;

    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_in
    {
        public ushort sin_family;
        public ushort sin_port;
        public uint sin_addr;
        public ulong sin_zero;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct linger
    {
        public int l_onoff;
        public int l_linger;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }

    public static sockaddr_in Address(IPAddress address, int port) => new()
    {
        sin_family = AF_INET, sin_port = BinaryPrimitives.ReverseEndianness((ushort)port), sin_addr = BitConverter.ToUInt32(address.GetAddressBytes()),
    };

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int sockfd, in sockaddr_in addr, uint addrlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int sockfd, in sockaddr_in addr, uint addrlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(int sockfd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(int sockfd, nint addr, nint addrlen, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(ref pollfd fds, ulong nfds, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int sockfd, int level, int optname, in linger optval, uint optlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int sockfd, int level, int optname, in int optval, uint optlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int sockfd, int level, int optname, in timeval optval, uint optlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int sockfd, in byte buf, nint len, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int sockfd, ref byte buf, nint len, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int sockfd, int level, int optname, ref int optval, ref uint optlen);

    [LibraryImport("libc")]
    public static partial int close(int fd);
}
