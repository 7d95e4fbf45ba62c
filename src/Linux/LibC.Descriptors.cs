using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

#pragma warning disable CS8981 // C's own names are lower-case
/// <summary>Pipes, terminals and processes as descriptors that can be waited for (epoll(7), pty(7), pidfd_open(2)).</summary>
public static partial class LibC
{
    public const int EIO = 5, EPIPE = 32;
    public const int O_RDWR = 2, O_NOCTTY = 0x100;
    public const int F_GETFL = 3, F_SETFL = 4, F_DUPFD_CLOEXEC = 1030;
    public const int EPOLL_CLOEXEC = 0x80000, EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 1, EPOLLOUT = 4, EPOLLONESHOT = 1u << 30;
    public const int SIGWINCH = 28, TCSANOW = 0;
    public const uint TIOCSWINSZ = 0x5414, TIOCSPTLCK = 0x40045431, TIOCGPTPEER = 0x5441, FIONREAD = 0x541B;

    [StructLayout(LayoutKind.Sequential)]
    public struct winsize
    {
        public ushort ws_row;
        public ushort ws_col;
        public ushort ws_xpixel;
        public ushort ws_ypixel;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int pipe2(int* pipefd, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(SafeFileHandle fd, int cmd, nint arg);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeFileHandle fd, ref byte buf, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeFileHandle fd, in byte buf, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    /// <param name="ev">A struct epoll_event, which is packed on x86-64 only: see <see cref="DescriptorEvents"/>.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int epoll_ctl(int epfd, int op, SafeFileHandle fd, byte* ev);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int epoll_wait(int epfd, byte* events, int maxevents, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pidfd_open(int pid, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int posix_openpt(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle fd, nuint op, in winsize size);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle fd, nuint op, ref int value);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle fd, nuint op, nint value);

    /// <param name="termios">60 bytes with glibc.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int tcgetattr(SafeFileHandle fd, byte* termios);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int tcsetattr(SafeFileHandle fd, int actions, byte* termios);

    [LibraryImport("libc")]
    public static unsafe partial void cfmakeraw(byte* termios);
}
