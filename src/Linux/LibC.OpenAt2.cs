using System.Runtime.InteropServices;

namespace Linux;

#pragma warning disable CS8981 // C's own names are lower-case
public static partial class LibC
{
    public const int SYS_openat2 = 437, AT_FDCWD = -100, O_DIRECTORY = 0x10000, O_NOFOLLOW = 0x20000;
    public const int RESOLVE_NO_MAGICLINKS = 2, RESOLVE_BENEATH = 8, RESOLVE_IN_ROOT = 0x10;

    /// <summary>How openat2(2) opens (linux/openat2.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct open_how
    {
        public ulong flags;
        public ulong mode;
        public ulong resolve;
    }

    /// <summary>openat2(2), for which glibc has no function of its own; arguments after the number are passed in registers, as for any function.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint openat2(nint number, int dirfd, string pathname, in open_how how, nint size);
}
