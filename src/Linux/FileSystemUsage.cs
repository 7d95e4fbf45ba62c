namespace Linux;

/// <summary>The room on the file system that a path is on, in bytes and in files (inodes).</summary>
/// <param name="Available">To programs without privileges.</param>
/// <param name="Inodes">0 where the file system does not count them.</param>
public sealed record FileSystemUsage(long Capacity, long Available, long Used, long Inodes, long InodesFree)
{
    /// <exception cref="SystemCallException">There is no such path.</exception>
    public static FileSystemUsage Of(string path)
    {
        LibC.Check(LibC.GetStatvfs(path, out var fs), $"statvfs {path}");
        var block = fs.f_frsize;
        return new FileSystemUsage((long)(fs.f_blocks * block), (long)(fs.f_bavail * block), (long)((fs.f_blocks - fs.f_bfree) * block), (long)fs.f_files, (long)fs.f_ffree);
    }
}
