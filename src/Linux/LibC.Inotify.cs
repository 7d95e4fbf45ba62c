using System.Runtime.InteropServices;

namespace Linux;

/// <summary>Changes of files (inotify(7)).</summary>
public static partial class LibC
{
    public const int IN_CLOEXEC = 0x80000;
    public const uint IN_MODIFY = 2, IN_MOVED_FROM = 0x40, IN_MOVED_TO = 0x80, IN_CREATE = 0x100, IN_DELETE = 0x200, IN_DELETE_SELF = 0x400,
        IN_Q_OVERFLOW = 0x4000, IN_ONLYDIR = 0x1000000, IN_MASK_ADD = 0x20000000;

    /// <summary>Followed by <see cref="len"/> bytes of name.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct inotify_event
    {
        public int wd;
        public uint mask;
        public uint cookie;
        public uint len;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int inotify_add_watch(int fd, string pathname, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int inotify_rm_watch(int fd, int wd);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial nint read(int fd, byte* buf, nuint count);
}
