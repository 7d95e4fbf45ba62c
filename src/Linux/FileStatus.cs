using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>What a file is, by statx(2).</summary>
/// <param name="Mode">File type and permissions, as st_mode.</param>
/// <param name="Major">Of the device that the file stands for, where it is one.</param>
public readonly record struct FileStatus(int Mode, uint Uid, uint Gid, uint Major, uint Minor)
{
    public bool IsPlainFile => (Mode & LibC.S_IFMT) == LibC.S_IFREG;
    public bool IsCharacterDevice => (Mode & LibC.S_IFMT) == LibC.S_IFCHR;
    public bool IsBlockDevice => (Mode & LibC.S_IFMT) == LibC.S_IFBLK;

    /// <exception cref="SystemCallException">As statx(2) says.</exception>
    public static FileStatus Of(SafeFileHandle handle) => Of((int)handle.DangerousGetHandle(), "", LibC.AT_EMPTY_PATH);

    /// <summary>Of the link itself where the path is one.</summary>
    /// <exception cref="SystemCallException">As statx(2) says.</exception>
    public static FileStatus Of(string path) => Of(LibC.AT_FDCWD, path, LibC.AT_SYMLINK_NOFOLLOW);

    private static FileStatus Of(int directory, string path, int flags)
    {
        LibC.Check(LibC.GetStatx(directory, path, flags, LibC.STATX_BASIC_STATS, out var status), $"statx {path}");
        return new FileStatus(status.stx_mode, status.stx_uid, status.stx_gid, status.stx_rdev_major, status.stx_rdev_minor);
    }
}
