using System.Runtime.InteropServices;

namespace Linux;

/// <summary>
/// System calls, constants and structs under their C names. The kernel test LibCTests reads this class by reflection and has the
/// C compiler check every constant, size and offset against the headers, so nothing here may bear another name than in C.
/// </summary>
public static partial class LibC
{
    public const int SIGTERM = 15, SIGKILL = 9, SIGCONT = 18, SIGSTOP = 19;

    public const int EPERM = 1, ENOENT = 2, EINTR = 4, EAGAIN = 11, EBUSY = 16, EEXIST = 17, ENODEV = 19, ENOTDIR = 20, EINVAL = 22,
        EOPNOTSUPP = 95, EADDRNOTAVAIL = 99, ENETUNREACH = 101, EHOSTUNREACH = 113, ENOBUFS = 105, ESRCH = 3;

    public const int O_RDONLY = 0, O_WRONLY = 1, O_CREAT = 0x40, O_EXCL = 0x80, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int sig);

    /// <summary>The calls here take no variable arguments: mode is read only with O_CREAT, and is passed in a register either way.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, in byte buf, nuint count);

    /// <summary>Throws what errno says if <paramref name="result"/> is negative; <paramref name="what"/> names the call and its object.</summary>
    /// <exception cref="SystemCallException">The call failed.</exception>
    public static int Check(int result, string what) =>
        result < 0 ? throw new SystemCallException(what, Marshal.GetLastPInvokeError()) : result;
}
