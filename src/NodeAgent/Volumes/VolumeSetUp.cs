using KubeApi;
using KubeApi.Objects;
using Linux;

namespace NodeAgent.Volumes;

/// <summary>Makes one volume what it should be; done again it changes only what differs, also after an agent that was killed at it.</summary>
/// <param name="allocatable">What the node can give, see <see cref="MemorySize"/>.</param>
internal sealed class VolumeSetUp(NodePaths paths, VolumeContents contents, IReadOnlyDictionary<string, Quantity> allocatable)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    /// <summary>A tmpfs for what the API has starts with this bound, and always has room for some generations of its files.</summary>
    private const long LeastBytes = 4L << 20, Generations = 4;

    /// <summary>What a file takes in memory beside its content: a rounded page and its inode.</summary>
    private const long FileOverhead = 8192;

    /// <returns>When to look at it again though nothing has changed; null for never.</returns>
    /// <exception cref="VolumeException">It cannot be made as asked.</exception>
    /// <exception cref="IOException">The kernel refuses, or the API server does not answer.</exception>
    public async Task<DateTime?> Apply(Pod pod, Volume volume, CancellationToken cancel)
    {
        var uid = pod.Metadata.Uid!;
        if (volume.HostPath is { } host) HostPaths.Prepare(host);
        else if (VolumeKinds.IsApiData(volume)) return await Fill(pod, volume, paths.MemoryVolume(uid, volume.Name), cancel);
        else if (VolumeKinds.IsMemoryDirectory(volume)) MakeMemoryDirectory(pod, volume, paths.MemoryVolume(uid, volume.Name));
        else MakeDirectory(pod, paths.Volume(uid, volume.Name));
        return null;
    }

    /// <summary>It has files from an earlier time.</summary>
    public bool IsFilled(Pod pod, Volume volume) => VolumeKinds.IsApiData(volume) && new AtomicWriter(paths.MemoryVolume(pod.Metadata.Uid!, volume.Name)).HasData;

    private async Task<DateTime?> Fill(Pod pod, Volume volume, string directory, CancellationToken cancel)
    {
        var content = await contents.Of(pod, volume, cancel);
        var ownership = VolumeOwnership.Of(pod, readOnly: true);
        MountTmpfs(directory, LeastBytes, ownership);
        var writer = new AtomicWriter(directory);
        try { writer.Write(content.Files, ownership); }
        catch (IOException)
        {
            // No room: it has grown, or changed so fast that old files are still there.
            writer.Sweep(TimeSpan.Zero);
            Tmpfs.Resize(directory, Math.Max(LeastBytes, Generations * content.Files.Values.Sum(file => file.Data.Length + FileOverhead)));
            writer.Write(content.Files, ownership);
        }
        DateTime? sweep = writer.Sweep(AtomicWriter.Keep) ? DateTime.UtcNow + AtomicWriter.Keep : null;
        return sweep < (content.Until ?? DateTime.MaxValue) ? sweep : content.Until;
    }

    private void MakeMemoryDirectory(Pod pod, Volume volume, string directory) =>
        MountTmpfs(directory, MemorySize.Of(pod.Spec!, volume.EmptyDir!, allocatable), VolumeOwnership.Of(pod, readOnly: false), flags: LibC.MS_NODEV);

    private static void MountTmpfs(string directory, long bytes, VolumeOwnership ownership, int flags = LibC.MS_NODEV | LibC.MS_NOSUID)
    {
        if (Mounts.IsMountPoint(directory)) return;
        OwnersOnly(Path.GetDirectoryName(directory)!);
        Directory.CreateDirectory(directory);
        Tmpfs.Mount(directory, bytes, ownership.OfDirectory(Everyone | UnixFileMode.StickyBit), (uint)(ownership.FsGroup ?? 0), flags);
    }

    /// <summary>Whatever modes the files in volumes have: other users of the node get no way to them. Containers have them mounted.</summary>
    private static void OwnersOnly(string directory)
    {
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, Owner);
    }

    /// <summary>Complete when it appears: afterwards it is the containers', who may change its mode.</summary>
    private static void MakeDirectory(Pod pod, string directory)
    {
        if (Directory.Exists(directory)) return;
        var ownership = VolumeOwnership.Of(pod, readOnly: false);
        OwnersOnly(Path.GetDirectoryName(directory)!);
        var temporary = $"{directory}..new"; // no volume has such a name
        Directory.CreateDirectory(temporary);
        ownership.Apply(temporary, ownership.OfDirectory(Everyone));
        LibC.Check(LibC.rename(temporary, directory), $"rename {temporary}");
    }
}
