using System.Runtime.InteropServices;
using Linux;

namespace NodeAgent.Images;

/// <summary>An image that is ready to run: its names, the digest of its manifest, its configuration and its unpacked files.</summary>
internal sealed record Image(ImageName Name, string Digest, ImageConfig Config, string RootFs)
{
    /// <summary>Of its layers as registries keep them.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Whose pods may use it; null if it was not pulled but put there, for everybody.</summary>
    public PullRecord? Pulled { get; init; }
}

/// <summary>One line of <c>nodeagent image list</c>.</summary>
internal sealed record StoredImage(string Name, string Digest, long SizeBytes, string Store);

/// <summary>The agent's own image store and the extra, read-only ones; see README.md for their layout.</summary>
/// <param name="own">Directory of the store that pulls and imports go to.</param>
/// <param name="extra">Directories that are only read, searched in this order after the own one.</param>
internal sealed class ImageStore(string own, IReadOnlyList<string> extra)
{
    private readonly SemaphoreSlim unpacking = new(1);
    private readonly Lock handingOut = new();

    /// <summary>How long a copy may stand still.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Directory of the own store.</summary>
    public string Own => own;

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
            ImageContent content;
            try { content = layout.ReadImage(entry.Digest); }
            catch (InvalidDataException) when (store == own) { continue; } // a pull makes it whole again
            return new Image(name, entry.Digest, content.Config, await RootFs(layout, store, entry, cancel))
            {
                SizeBytes = content.SizeBytes, Pulled = store == own ? PullRecord.Read(own, entry.Digest) : null,
            };
        }
        return null;
    }

    /// <summary>Those that the images in the stores came from.</summary>
    public IReadOnlyList<string> Registries() =>
        [.. Stores().SelectMany(store => Layout(store).Entries()).Select(entry => entry.Name.Split('/')[0]).Distinct()];

    /// <summary>When the index of any store was last written.</summary>
    public DateTime Changed() => Stores().Max(store => File.GetLastWriteTimeUtc(Path.Combine(Layout(store).Directory, "index.json")));

    public IReadOnlyList<StoredImage> List() =>
        Stores().SelectMany(store => Layout(store).Entries()
            .Select(entry => new StoredImage(entry.Name, entry.Digest, Layout(store).ReadImage(entry.Digest).SizeBytes, store))).ToList();

    /// <summary>Puts an image into the own store, for everybody.</summary>
    /// <exception cref="CommandException">skopeo or umoci refused.</exception>
    /// <exception cref="TimeoutException">The source stopped sending.</exception>
    /// <exception cref="InvalidDataException">It is no image for this machine.</exception>
    public Task<Image> Import(ImageSource source, ImageName name, CancellationToken cancel) =>
        Add(source, name, digest => PullRecord.Forget(own, digest), cancel);

    /// <summary>As <see cref="Import"/>, for those who have the credential. An image that was there for everybody stays so.</summary>
    public async Task<Image> Pull(ImageSource source, ImageName name, RegistryCredential? credential, CancellationToken cancel)
    {
        var image = await Add(source, name, digest =>
        {
            if (!IsPreloaded(digest)) PullRecord.Add(own, digest, credential);
        }, cancel);
        return image with { Pulled = PullRecord.Read(own, image.Digest) };
    }

    /// <summary>
    /// Copies it and unpacks it. Only then is it listed: whatever goes wrong before leaves nothing that could be taken
    /// for an image.
    /// </summary>
    /// <param name="record">Called with its digest before it can be found.</param>
    private async Task<Image> Add(ImageSource source, ImageName name, Action<string> record, CancellationToken cancel)
    {
        using var copying = await StoreLock.Copying(own, cancel);
        using var work = ImageWorkspace.Create(own);
        var copied = await new ImageCopy(Patience).Run(source, work, cancel);
        var layout = Layout(own);
        var content = layout.ReadImage(copied.Digest);
        CheckPlatform(content.Platform);
        var rootfs = Use(own, copied.Digest) ?? await Unpack(work.Layout, "image", copied.Digest, work, cancel);
        var entry = new ImageEntry(name.ToString(), copied.Digest, name.Digest == copied.Digest ? null : name.Digest);
        record(copied.Digest);
        using (await StoreLock.Changing(own, cancel))
            ImageIndex.Put(layout.Directory, entry, new FileInfo(layout.Blob(copied.Digest)).Length);
        return new Image(name, copied.Digest, content.Config, rootfs) { SizeBytes = content.SizeBytes };
    }

    private bool IsPreloaded(string digest) => Stores().Any(store =>
        Layout(store).Entries().Any(entry => entry.Digest == digest) && (store != own || PullRecord.Read(own, digest) is null));

    private IEnumerable<string> Stores() => extra.Prepend(own);

    private static ImageLayout Layout(string store) => new(Path.Combine(store, "oci"));

    private static bool Matches(ImageEntry entry, ImageName name) =>
        name.Digest is null ? entry.Name == name.ToString()
            : (entry.Digest == name.Digest || entry.AskedDigest == name.Digest)
              && entry.Name.StartsWith($"{name.Registry}/{name.Repository}", StringComparison.Ordinal)
              && entry.Name[(name.Registry.Length + name.Repository.Length + 1)..] is [':' or '@', ..];

    /// <summary>A registry that has an image for one platform only gives it to everybody.</summary>
    private static void CheckPlatform(string? platform)
    {
        var here = $"linux/{RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "amd64", Architecture.X86 => "386", var other => other.ToString().ToLowerInvariant(), // as Go calls them
        }}";
        if (platform is not null && platform != here)
            throw new InvalidDataException($"no match for platform in manifest: not found: the image is for {platform}, this machine is {here}");
    }

    private async Task<string> RootFs(ImageLayout layout, string store, ImageEntry entry, CancellationToken cancel)
    {
        if ((Use(store, entry.Digest) ?? Use(own, entry.Digest)) is { } there) return there;
        await unpacking.WaitAsync(cancel);
        try
        {
            if (Use(own, entry.Digest) is { } meanwhile) return meanwhile;
            using var work = ImageWorkspace.Create(own);
            return await Unpack(layout.Directory, entry.Name, entry.Digest, work, cancel);
        }
        finally { unpacking.Release(); }
    }

    /// <summary>
    /// Null where it is not unpacked. Garbage collection goes by when an image was last asked for: the time of its directory.
    /// </summary>
    private string? Use(string store, string digest)
    {
        var image = Path.Combine(store, "unpacked", digest["sha256:".Length..]);
        lock (handingOut)
        {
            if (!Directory.Exists(Path.Combine(image, "rootfs"))) return null;
            if (store == own) Directory.SetLastWriteTimeUtc(image, DateTime.UtcNow);
        }
        return Path.Combine(image, "rootfs");
    }

    /// <summary>Moves an unpacked image out of its place, unless it was asked for since. Names and blobs are the caller's to remove.</summary>
    public bool TryTakeAway(string digest, DateTime usedBefore, string to)
    {
        var image = Path.Combine(own, "unpacked", digest["sha256:".Length..]);
        lock (handingOut)
        {
            if (!Directory.Exists(image)) return true;
            if (Directory.GetLastWriteTimeUtc(image) >= usedBefore) return false;
            Directory.Move(image, to);
            return true;
        }
    }

    /// <summary>
    /// In the workspace first, so that a half-unpacked image is never taken for a whole one, and on the disk before it
    /// is in its place: after a power cut it would have its name and empty files.
    /// </summary>
    private async Task<string> Unpack(string layout, string reference, string digest, ImageWorkspace work, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(work.RootFs)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await CommandRunner.Run("umoci", ["raw", "unpack", "--image", $"{layout}:{reference}", work.RootFs], cancel: cancel);
        ImageSize.Write(Path.GetDirectoryName(work.RootFs)!);
        await CommandRunner.Run("sync", ["--file-system", work.RootFs], cancel: cancel);
        var place = Path.Combine(own, "unpacked", digest["sha256:".Length..]);
        Directory.CreateDirectory(Path.Combine(own, "unpacked"));
        using (await StoreLock.Changing(own, cancel))
            if (!Directory.Exists(place)) Directory.Move(Path.GetDirectoryName(work.RootFs)!, place);
        return Use(own, digest) ?? throw new IOException($"{place} is gone as soon as it was made");
    }
}
