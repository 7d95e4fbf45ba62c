namespace Linux;

/// <summary>File systems in memory (tmpfs(5)), bounded, and never swapped out where the kernel has that (noswap, 6.4).</summary>
public static class Tmpfs
{
    /// <param name="mode">Of its root directory.</param>
    /// <param name="group">Of its root directory.</param>
    /// <exception cref="SystemCallException">As mount(2) says.</exception>
    public static void Mount(string target, long bytes, UnixFileMode mode, uint group = 0, int flags = LibC.MS_NODEV | LibC.MS_NOSUID) =>
        Add(target, flags, $"size={bytes},mode={Convert.ToString((int)mode, 8)},gid={group}");

    /// <summary>Changes its bound; what is in it stays.</summary>
    /// <exception cref="SystemCallException">As mount(2) says; EINVAL where more is in it.</exception>
    public static void Resize(string target, long bytes, int flags = LibC.MS_NODEV | LibC.MS_NOSUID) => Add(target, flags | LibC.MS_REMOUNT, $"size={bytes}");

    /// <summary>One mounted with noswap takes no other options without it.</summary>
    private static void Add(string target, int flags, string options)
    {
        try { Mounts.Add("tmpfs", target, "tmpfs", flags, options + ",noswap"); }
        catch (SystemCallException e) when (e.Errno == LibC.EINVAL) { Mounts.Add("tmpfs", target, "tmpfs", flags, options); }
    }
}
