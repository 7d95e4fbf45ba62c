namespace NodeAgent.Images;

/// <summary>
/// Locks of a store, against other threads and other processes (<c>nodeagent image</c> beside a running agent). .NET
/// takes flock(2): exclusively for <see cref="FileShare.None"/>, else shared.
/// </summary>
internal static class StoreLock
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Held for the moment in which the index or what is unpacked changes.</summary>
    public static async Task<IDisposable> Changing(string store, CancellationToken cancel)
    {
        Directory.CreateDirectory(store);
        while (true)
        {
            if (TryOpen(Path.Combine(store, "lock"), FileAccess.ReadWrite, FileShare.None) is { } held) return held;
            await Task.Delay(Look, cancel);
        }
    }

    /// <summary>Held for as long as an image is copied: blobs that nobody refers to yet are left alone.</summary>
    public static async Task<IDisposable> Copying(string store, CancellationToken cancel)
    {
        Directory.CreateDirectory(store);
        var path = Path.Combine(store, "copying.lock");
        if (!File.Exists(path)) File.Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
        while (true)
        {
            if (TryOpen(path, FileAccess.Read, FileShare.Read) is { } held) return held;
            await Task.Delay(Look, cancel);
        }
    }

    /// <summary>Null while somebody copies.</summary>
    public static IDisposable? NobodyCopies(string store) => TryOpen(Path.Combine(store, "copying.lock"), FileAccess.ReadWrite, FileShare.None);

    private static FileStream? TryOpen(string path, FileAccess access, FileShare share)
    {
        try { return new FileStream(path, access == FileAccess.Read ? FileMode.Open : FileMode.OpenOrCreate, access, share); }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException) && e.HResult == WouldBlock) { return null; }
    }

    /// <summary>EWOULDBLOCK (11): a full disk or a read-only one must not look like a lock that is held.</summary>
    private const int WouldBlock = 11;
}
