using System.Runtime.InteropServices;

namespace Linux;

public static partial class LibC
{
    public const int EXDEV = 18, ENOSPC = 28, ELOOP = 40, S_IFSOCK = 0xc000, STATX_ATTR_MOUNT_ROOT = 0x2000;

    /// <summary>Replaces what is at <paramref name="newpath"/>, a symbolic link too, in one step.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string oldpath, string newpath);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdirat(int dirfd, string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int symlink(string target, string linkpath);

    /// <summary>Of the link itself where the path is one; <see cref="uint.MaxValue"/> leaves owner or group as it is.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int lchown(string path, uint owner, uint group);
}
