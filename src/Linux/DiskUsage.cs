namespace Linux;

/// <summary>How much a directory and all in it take of the disk, as du(1) counts: allocated blocks, files with several names once.</summary>
public static class DiskUsage
{
    private const int BlockSize = 512;

    /// <summary>Of a path that the kernel takes (PATH_MAX), in characters that may be two bytes; more is too deep for a walk by paths.</summary>
    private const int LongestPath = 1024;

    /// <summary>A tree with more entries is counted as far as this: a walk must end.</summary>
    private const long MostEntries = 5_000_000;

    /// <returns>Bytes and number of inodes; nothing where there is no such directory. What changes during the walk may be missed.</returns>
    public static (long Bytes, long Files) Of(string directory)
    {
        var (bytes, files) = (0L, 0L);
        var seen = new HashSet<ulong>();
        var pending = new Stack<string>();
        if (Status(directory) is not { } root) return (0, 0);
        Add(root);
        pending.Push(directory);
        while (pending.TryPop(out var next) && files < MostEntries)
        {
            try
            {
                foreach (var entry in Directory.EnumerateFileSystemEntries(next))
                {
                    // Nobody escapes his limit by names that .NET cannot tell.
                    if (entry.Length >= LongestPath || entry.Contains('\uFFFD')) return DirectoryTree.Usage(directory);
                    if (Status(entry) is not { } status) continue;
                    Add(status);
                    // Never through a symbolic link, and not into what is mounted there.
                    if ((status.stx_mode & LibC.S_IFMT) == LibC.S_IFDIR && status.stx_dev_minor == root.stx_dev_minor && status.stx_dev_major == root.stx_dev_major) pending.Push(entry);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { } // removed meanwhile
        }
        return (bytes, files);

        void Add(in LibC.statx status)
        {
            if (status.stx_nlink > 1 && (status.stx_mode & LibC.S_IFMT) != LibC.S_IFDIR && !seen.Add(status.stx_ino)) return;
            bytes += (long)status.stx_blocks * BlockSize;
            files++;
        }
    }

    private static LibC.statx? Status(string path) =>
        LibC.GetStatx(LibC.AT_FDCWD, path, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, out var status) < 0 ? null : status;
}
