using System.Runtime.InteropServices;

namespace Linux;

/// <summary>Room on a file system (statvfs(3), glibc on 64 bits).</summary>
#pragma warning disable CS8981 // C's own names are lower-case
public static partial class LibC
{
    [StructLayout(LayoutKind.Sequential, Size = 112)]
    public struct statvfs
    {
        public ulong f_bsize;
        public ulong f_frsize;
        public ulong f_blocks;
        public ulong f_bfree;
        public ulong f_bavail;
        public ulong f_files;
        public ulong f_ffree;
        public ulong f_favail;
    }

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetStatvfs(string path, out statvfs buf);
}
