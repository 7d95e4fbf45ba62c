using KubeApi.Objects;

namespace NodeAgent.Volumes;

/// <summary>Pure: what sort of volume it is, and where it lies on the node.</summary>
internal static class VolumeKinds
{
    private const string Memory = "Memory";

    /// <summary>Filled by the node with what the API has: on a tmpfs, read-only for containers, changed while they run.</summary>
    public static bool IsApiData(Volume volume) =>
        volume.Secret is not null || volume.ConfigMap is not null || volume.Projected is not null || volume.DownwardAPI is not null;

    public static bool IsMemoryDirectory(Volume volume) => volume.EmptyDir is { Medium: Memory };

    /// <summary>An emptyDir on the node's disk.</summary>
    public static bool IsDiskDirectory(Volume volume) => volume.EmptyDir is { Medium: null or "" };

    /// <summary>This node can make it. What it cannot make, <see cref="Kubelet.Unserved"/> names, and other containers need not wait for it.</summary>
    public static bool IsServed(Volume volume) => volume.HostPath is not null || IsApiData(volume) || IsMemoryDirectory(volume) || IsDiskDirectory(volume);

    /// <summary>Null for what this node cannot make.</summary>
    public static string? Path(Volume volume, string uid, NodePaths paths) => volume switch
    {
        { HostPath: { } host } => host.Path,
        _ when IsApiData(volume) || IsMemoryDirectory(volume) => paths.MemoryVolume(uid, volume.Name),
        _ when IsDiskDirectory(volume) => paths.Volume(uid, volume.Name),
        _ => null,
    };

    /// <summary>The volumes that any container of the pod mounts; others are not made.</summary>
    public static IReadOnlyList<Volume> Needed(PodSpec spec)
    {
        var mounted = spec.Containers.Concat(spec.InitContainers ?? []).SelectMany(container => container.VolumeMounts ?? [])
            .Concat((spec.EphemeralContainers ?? []).SelectMany(container => container.VolumeMounts ?? [])).Select(mount => mount.Name).ToHashSet();
        return [.. (spec.Volumes ?? []).Where(volume => mounted.Contains(volume.Name))];
    }
}
