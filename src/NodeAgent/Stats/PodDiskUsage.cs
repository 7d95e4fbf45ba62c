using System.Collections.Concurrent;
using System.Diagnostics;
using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;

namespace NodeAgent.Stats;

/// <summary>
/// Measures what pods take of the disk by walking their directories. That is dear where there are many files, so what was
/// measured is used again: for as long as the caller allows, and for twenty times as long as the walk took.
/// </summary>
/// <param name="pods">The API's pods by namespace/name: they tell which volumes are on the disk.</param>
internal sealed class PodDiskUsage(NodePaths paths, Func<string, Pod?> pods)
{
    private const int Rest = 20;

    private readonly ConcurrentDictionary<string, (DateTime Time, TimeSpan Cost, PodDisk Disk)> measured = new();

    public PodDisk Of(PodRecord pod, TimeSpan oldest)
    {
        if (measured.TryGetValue(pod.Uid, out var known) && DateTime.UtcNow - known.Time is var age && (age < oldest || age < known.Cost * Rest)) return known.Disk;
        var clock = Stopwatch.StartNew();
        var disk = Measure(pod);
        measured[pod.Uid] = (DateTime.UtcNow, clock.Elapsed, disk);
        return disk;
    }

    /// <summary>Forgets pods that are no more.</summary>
    public void Keep(IReadOnlySet<string> uids)
    {
        foreach (var uid in measured.Keys)
            if (!uids.Contains(uid)) measured.TryRemove(uid, out _);
    }

    private PodDisk Measure(PodRecord pod)
    {
        var logs = paths.LogDirectory(pod.Namespace, pod.Name, pod.Uid);
        var volumes = pods($"{pod.Namespace}/{pod.Name}")?.Spec?.Volumes ?? [];
        return new PodDisk(
            pod.Containers.Where(container => container.IsRunning).ToDictionary(container => container.Name, container => Amount(Path.Combine(paths.Layer(pod.Uid, container.Id), "upper"))),
            pod.Containers.ToDictionary(container => container.Name, container => Amount(Path.Combine(logs, container.Name))),
            volumes.Where(volume => IsLocal(volume)).ToDictionary(volume => volume.Name, volume => Amount(paths.Volume(pod.Uid, volume.Name))));
    }

    /// <summary>Kept on the node's disk; others lie in memory or elsewhere.</summary>
    public static bool IsLocal(Volume volume) => volume.EmptyDir is { Medium: null or "" };

    private static DiskAmount Amount(string directory)
    {
        var (bytes, files) = DiskUsage.Of(directory);
        return new DiskAmount(bytes, files);
    }
}
