using Linux;

namespace NodeAgent.Images;

/// <summary>An image of the own store, as garbage collection sees it.</summary>
/// <param name="Names">None for one that was unpacked from an extra store, or half removed.</param>
/// <param name="Bytes">What it takes unpacked and in blobs (which it may share).</param>
internal sealed record CollectableImage(string Digest, IReadOnlyList<string> Names, DateTime LastUsed, long Bytes);

/// <summary>Finds and removes what nobody uses in the own store; extra stores are never touched.</summary>
internal sealed class ImageGarbage(ImageStore store)
{
    /// <summary>A blob that nobody refers to may be the beginning of a copy made by hand.</summary>
    private static readonly TimeSpan BlobAge = TimeSpan.FromMinutes(10);

    private ImageLayout Layout => new(Path.Combine(store.Own, "oci"));

    private string UnpackedDirectory => Path.Combine(store.Own, "unpacked");

    /// <summary>The ones to remove so that as many bytes become free, the longest unused first.</summary>
    public static IReadOnlyList<CollectableImage> Choose(IEnumerable<CollectableImage> images, IReadOnlySet<string> inUse, DateTime usedBefore, long bytes)
    {
        var chosen = new List<CollectableImage>();
        foreach (var image in images.Where(image => !inUse.Contains(image.Digest) && image.LastUsed < usedBefore).OrderBy(image => image.LastUsed))
        {
            if (bytes <= 0) break;
            chosen.Add(image);
            bytes -= image.Bytes;
        }
        return chosen;
    }

    public IReadOnlyList<CollectableImage> Images()
    {
        var names = Layout.Entries().GroupBy(entry => entry.Digest).ToDictionary(group => group.Key, group => group.Select(entry => entry.Name).ToList());
        var unpacked = Directory.Exists(UnpackedDirectory) ? Directory.GetDirectories(UnpackedDirectory).Select(path => $"sha256:{Path.GetFileName(path)}") : [];
        return [.. names.Keys.Union(unpacked).Select(digest => new CollectableImage(digest, names.GetValueOrDefault(digest) ?? [], LastUsed(digest), Bytes(digest)))];
    }

    /// <returns>False if somebody asked for it meanwhile: then it stays.</returns>
    public async Task<bool> Remove(CollectableImage image, DateTime usedBefore, CancellationToken cancel)
    {
        using var trash = ImageWorkspace.Create(store.Own);
        using (await StoreLock.Changing(store.Own, cancel))
        {
            if (!store.TryTakeAway(image.Digest, usedBefore, Path.Combine(trash.Path, "image"))) return false;
            if (image.Names.Count > 0) ImageIndex.RemoveImage(Layout.Directory, image.Digest);
            PullRecord.Forget(store.Own, image.Digest);
        }
        return true;
    }

    /// <summary>Removes the image of this name or digest.</summary>
    /// <exception cref="InvalidOperationException">There is none, or a container is made of it.</exception>
    public async Task<CollectableImage> Remove(string asked, IReadOnlySet<string> inUse, CancellationToken cancel)
    {
        var name = asked.StartsWith("sha256:", StringComparison.Ordinal) ? asked : ImageName.Parse(asked).ToString();
        var image = Images().FirstOrDefault(image => image.Digest == name || image.Names.Contains(name))
            ?? throw new InvalidOperationException($"{asked}: there is no such image in {store.Own}");
        if (inUse.Contains(image.Digest)) throw new InvalidOperationException($"{asked}: a container is made of it");
        var blobs = BlobsOf(image.Digest).ToHashSet();
        if (!await Remove(image, DateTime.UtcNow, cancel)) throw new InvalidOperationException($"{asked}: it was asked for just now");
        await RemoveBlobs(blobs, cancel);
        return image;
    }

    /// <summary>Removes blobs that no image has. While an image is being copied nothing is: it may count on any of them.</summary>
    /// <param name="all">Also young ones: they were some image's until now.</param>
    public async Task RemoveBlobs(IReadOnlySet<string> all, CancellationToken cancel)
    {
        var directory = Path.Combine(Layout.Directory, "blobs", "sha256");
        if (!Directory.Exists(directory)) return;
        using var alone = StoreLock.NobodyCopies(store.Own);
        if (alone is null) return;
        using var changing = await StoreLock.Changing(store.Own, cancel);
        var needed = Layout.Entries().SelectMany(entry => BlobsOf(entry.Digest)).ToHashSet();
        foreach (var file in new DirectoryInfo(directory).GetFiles())
            if (!needed.Contains($"sha256:{file.Name}") && (all.Contains($"sha256:{file.Name}") || DateTime.UtcNow - file.LastWriteTimeUtc > BlobAge))
                file.Delete();
    }

    /// <summary>Empty where the store is damaged.</summary>
    public IReadOnlyList<string> BlobsOf(string digest)
    {
        try { return Layout.ReadImage(digest).Blobs; }
        catch (InvalidDataException) { return [digest]; }
    }

    private DateTime LastUsed(string digest)
    {
        var unpacked = Path.Combine(UnpackedDirectory, digest["sha256:".Length..]);
        return Directory.Exists(unpacked) ? Directory.GetLastWriteTimeUtc(unpacked) : File.GetLastWriteTimeUtc(Layout.Blob(digest));
    }

    private long Bytes(string digest) => ImageSize.Of(Path.Combine(UnpackedDirectory, digest["sha256:".Length..]))
        + BlobsOf(digest).Select(blob => new FileInfo(Layout.Blob(blob))).Where(file => file.Exists).Sum(file => file.Length);
}
