using Linux;

namespace NodeAgent.Images;

/// <summary>
/// Keeps room on the file system of the image store, as the kubelet's image garbage collection does: every five
/// minutes, above the high threshold, it removes unused images down to the low one, the longest unused first.
/// </summary>
/// <param name="inUse">Digests of the images that containers of this machine are made of.</param>
/// <param name="tell">Type, reason and message of an event about the node.</param>
internal sealed class ImageGarbageCollector(ImageStore store, Func<IReadOnlySet<string>> inUse, ImageOptions options, Action<string, string, string> tell, Action<string> log)
{
    /// <summary>The first look waits: after a reboot every image is unused for a moment.</summary>
    private static readonly TimeSpan First = TimeSpan.FromMinutes(2), Period = TimeSpan.FromMinutes(5);

    private readonly ImageGarbage garbage = new(store);
    private readonly SemaphoreSlim collecting = new(1);

    /// <summary>Capacity and free bytes of a file system; set by tests.</summary>
    public Func<string, (long Capacity, long Available)> Room { get; init; } = RoomOf;

    public async Task Run(CancellationToken cancel)
    {
        var failed = false;
        try
        {
            for (var wait = First; ; wait = Period)
            {
                await Task.Delay(wait, cancel);
                failed = await Look(failed, cancel);
            }
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>Once: above the high threshold down to the low one.</summary>
    /// <exception cref="IOException">That was not possible; the message says how much was.</exception>
    public async Task CollectGarbage(CancellationToken cancel)
    {
        var (capacity, available) = Room(store.Own);
        if (capacity <= 0)
        {
            tell("Warning", "InvalidDiskCapacity", $"invalid capacity {capacity} on image filesystem");
            throw new IOException($"invalid capacity {capacity} on image filesystem");
        }
        available = Math.Min(available, capacity);
        var used = 100 - (int)(available * 100 / capacity);
        if (options.GcHighThreshold >= 100 || used < options.GcHighThreshold)
        {
            await garbage.RemoveBlobs(new HashSet<string>(), cancel);
            return;
        }
        var wanted = capacity * (100 - options.GcLowThreshold) / 100 - available;
        log($"image file system is {used} % full: freeing {wanted} bytes");
        var freed = await CollectGarbage(wanted, cancel);
        if (freed >= wanted) return;
        var message = $"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, but only found {freed} bytes eligible to free.";
        tell("Warning", "FreeDiskSpaceFailed", message);
        throw new IOException(message);
    }

    /// <summary>Removes unused images until so many bytes are free; <see cref="long.MaxValue"/>: all of them.</summary>
    /// <returns>How many bytes they took.</returns>
    public async Task<long> CollectGarbage(long bytes, CancellationToken cancel)
    {
        await collecting.WaitAsync(cancel);
        try
        {
            var usedBefore = DateTime.UtcNow - options.GcMinimumAge;
            var (freed, blobs) = (0L, new HashSet<string>());
            foreach (var image in ImageGarbage.Choose(garbage.Images(), inUse(), usedBefore, bytes))
            {
                var itsBlobs = garbage.BlobsOf(image.Digest);
                if (!await garbage.Remove(image, usedBefore, cancel)) continue;
                blobs.UnionWith(itsBlobs);
                freed += image.Bytes;
                log($"removed image {image.Digest[..19]} ({string.Join(", ", image.Names)}), {image.Bytes} bytes");
            }
            await garbage.RemoveBlobs(blobs, cancel);
            return freed;
        }
        finally { collecting.Release(); }
    }

    /// <summary>As the kubelet: the first failure may be a moment's, the second in a row is worth an event.</summary>
    private async Task<bool> Look(bool failedBefore, CancellationToken cancel)
    {
        try
        {
            await CollectGarbage(cancel);
            return false;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            log($"image garbage collection: {e.Message}");
            if (failedBefore) tell("Warning", "ImageGCFailed", e.Message);
            return true;
        }
    }

    private static (long, long) RoomOf(string store)
    {
        var drive = new DriveInfo(Directory.Exists(store) ? store : Path.GetDirectoryName(store)!);
        return (drive.TotalSize, drive.AvailableFreeSpace);
    }
}
