using Linux;

namespace NodeAgent.Images;

/// <summary>Where an image comes from, in skopeo's words.</summary>
/// <param name="Reference">E.g. <c>docker://docker.io/library/nginx:latest</c> or <c>oci-archive:FILE</c>.</param>
/// <param name="Options">Of <c>skopeo copy</c>; never a password, as everybody may read command lines.</param>
internal sealed record ImageSource(string Reference, IReadOnlyList<string> Options)
{
    public ImageSource(string reference) : this(reference, []) { }
}

/// <summary>Copies an image's blobs into a store. A copy that makes no progress is given up.</summary>
/// <param name="patience">How long no byte may come.</param>
internal sealed class ImageCopy(TimeSpan patience)
{
    /// <returns>The copied manifest's entry (its name is of no meaning) and size in bytes.</returns>
    /// <exception cref="CommandException">skopeo refused.</exception>
    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    public async Task<ImageEntry> Run(ImageSource source, ImageWorkspace work, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var copy = CommandRunner.Run("skopeo", ["copy", "--quiet", .. source.Options, source.Reference, $"oci:{work.Layout}:image"], cancel: stop.Token);
        var stalled = await Watch(copy, work, cancel);
        if (stalled) await stop.CancelAsync();
        try { await copy; }
        catch (OperationCanceledException) when (stalled) { throw new TimeoutException($"no progress for {patience.TotalSeconds:0} s"); }
        return new ImageLayout(work.Layout).Entries().Single();
    }

    /// <returns>Whether it stands still; false when it has ended, well or not.</returns>
    private async Task<bool> Watch(Task copy, ImageWorkspace work, CancellationToken cancel)
    {
        var (before, since) = (Progress(work), DateTime.UtcNow);
        var look = TimeSpan.FromTicks(Math.Max(patience.Ticks / 20, TimeSpan.TicksPerMillisecond));
        while (await Task.WhenAny(copy, Task.Delay(look, cancel)) != copy && !cancel.IsCancellationRequested)
        {
            var now = Progress(work);
            if (now != before) (before, since) = (now, DateTime.UtcNow);
            else if (DateTime.UtcNow - since > patience) return true;
        }
        return false;
    }

    /// <summary>skopeo writes each blob to a file in the layout, and moves it to the others once its digest is right.</summary>
    private static (long Bytes, int Blobs) Progress(ImageWorkspace work)
    {
        try
        {
            return (new DirectoryInfo(work.Layout).GetFiles().Sum(file => file.Exists ? file.Length : 0),
                Directory.GetFiles(Path.Combine(work.Layout, "blobs"), "*", SearchOption.AllDirectories).Length);
        }
        catch (IOException) { return (-1, 0); } // a file went between listing and looking
    }
}
