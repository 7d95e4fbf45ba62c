using Linux;

namespace NodeAgent.Images;

/// <summary>An image that is ready to run: its names, the digest of its manifest, its configuration and its unpacked files.</summary>
internal sealed record Image(ImageName Name, string Digest, ImageConfig Config, string RootFs);

/// <summary>One line of <c>nodeagent image list</c>.</summary>
internal sealed record StoredImage(string Name, string Digest, long SizeBytes, string Store);

/// <summary>The agent's own image store and the extra, read-only ones; see README.md for their layout.</summary>
/// <param name="own">Directory of the store that pulls and imports go to.</param>
/// <param name="extra">Directories that are only read, searched in this order after the own one.</param>
internal sealed class ImageStore(string own, IReadOnlyList<string> extra)
{
    private readonly SemaphoreSlim writing = new(1);

    /// <summary>Null if no store has it. Unpacks it on first use.</summary>
    /// <exception cref="InvalidDataException">A store is damaged at a place that matters for this image.</exception>
    /// <exception cref="CommandException">Unpacking failed.</exception>
    public async Task<Image?> Find(ImageName name, CancellationToken cancel)
    {
        foreach (var store in Stores())
        {
            var layout = Layout(store);
            var entry = layout.Entries().FirstOrDefault(entry => Matches(entry, name));
            if (entry is null) continue;
            var (config, _) = layout.ReadImage(entry.Digest);
            return new Image(name, entry.Digest, config, await RootFs(store, entry, cancel));
        }
        return null;
    }

    /// <summary>Those that the images in the stores came from.</summary>
    public IReadOnlyList<string> Registries() =>
        [.. Stores().SelectMany(store => Layout(store).Entries()).Select(entry => entry.Name.Split('/')[0]).Distinct()];

    public IReadOnlyList<StoredImage> List() =>
        Stores().SelectMany(store => Layout(store).Entries()
            .Select(entry => new StoredImage(entry.Name, entry.Digest, Layout(store).ReadImage(entry.Digest).SizeBytes, store))).ToList();

    /// <summary>Copies an image into the own store and unpacks it there.</summary>
    /// <param name="source">In skopeo's words, e.g. <c>docker://docker.io/library/nginx:latest</c> or <c>oci-archive:FILE</c>.</param>
    /// <exception cref="CommandException">skopeo or umoci refused.</exception>
    public async Task<Image> Import(string source, ImageName name, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            using var fileLock = await Lock(cancel);
            await CommandRunner.Run("skopeo", ["copy", "--quiet", source, $"oci:{Layout(own).Directory}:{RefName(name)}"], cancel: cancel);
        }
        finally { writing.Release(); }
        return await Find(name, cancel) ?? throw new InvalidDataException($"{name} is not in the store after copying it there");
    }

    private IEnumerable<string> Stores() => extra.Prepend(own);

    private static ImageLayout Layout(string store) => new(Path.Combine(store, "oci"));

    private static bool Matches(ImageEntry entry, ImageName name) =>
        name.Digest is null ? entry.Name == name.ToString()
            : entry.Digest == name.Digest && entry.Name.StartsWith($"{name.Registry}/{name.Repository}", StringComparison.Ordinal);

    /// <summary>skopeo wants a tag for what was asked for by digest.</summary>
    private static string RefName(ImageName name) =>
        name.Digest is null ? name.ToString() : $"{name.Registry}/{name.Repository}:{name.Tag ?? name.Digest["sha256:".Length..][..12]}";

    private async Task<string> RootFs(string store, ImageEntry entry, CancellationToken cancel)
    {
        var hex = entry.Digest["sha256:".Length..];
        foreach (var place in new[] { store, own })
            if (Path.Combine(place, "unpacked", hex, "rootfs") is var rootfs && Directory.Exists(rootfs)) return rootfs;
        await writing.WaitAsync(cancel);
        try
        {
            using var fileLock = await Lock(cancel);
            return await Unpack(Layout(store), entry, hex, cancel);
        }
        finally { writing.Release(); }
    }

    /// <summary>Beside its place first, so that a half-unpacked image is never taken for a whole one.</summary>
    private async Task<string> Unpack(ImageLayout layout, ImageEntry entry, string hex, CancellationToken cancel)
    {
        var place = Path.Combine(own, "unpacked", hex);
        if (Directory.Exists(place)) return Path.Combine(place, "rootfs"); // another process was faster
        var temporary = Path.Combine(own, "unpacked", $".{hex}.tmp");
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(Path.Combine(own, "unpacked"));
        await CommandRunner.Run("umoci", ["unpack", "--image", $"{layout.Directory}:{entry.Name}", temporary], cancel: cancel);
        Directory.Move(temporary, place);
        return Path.Combine(place, "rootfs");
    }

    /// <summary>Against other processes: <c>nodeagent image import</c> beside a running agent. .NET takes flock(2) for FileShare.None.</summary>
    private async Task<FileStream> Lock(CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(own, "oci"));
        while (true)
        {
            try { return new FileStream(Path.Combine(own, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
            catch (IOException) { await Task.Delay(100, cancel); }
        }
    }
}
