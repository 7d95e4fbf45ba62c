using KubeApi;
using KubeApi.Objects;
using NodeAgent.Stats;

namespace NodeAgent.Eviction;

/// <summary>Limits on the node's disk: of emptyDirs, pods and containers (kubelet, localStorageEviction). Pure.</summary>
internal static class StorageLimits
{
    /// <summary>Whether it has any, so that it is worth measuring.</summary>
    public static bool Has(Pod pod) => Volumes(pod).Any() || All(pod).Any(container => Limit(container) is not null) || PodLimit(pod) is not null;

    /// <returns>Which limit is exceeded, in the kubelet's words; null: none.</returns>
    public static string? Exceeded(Pod pod, PodDisk used)
    {
        foreach (var volume in Volumes(pod))
            if (used.Volumes.GetValueOrDefault(volume.Name).Bytes > volume.EmptyDir!.SizeLimit!.Value.Value)
                return $"Usage of EmptyDir volume \"{volume.Name}\" exceeds the limit \"{volume.EmptyDir.SizeLimit}\". ";
        if (PodLimit(pod) is { } limit && used.Total.Bytes > limit.Value) return $"Pod ephemeral local storage usage exceeds the total limit of containers {limit}. ";
        foreach (var container in All(pod))
            if (Limit(container) is { } own && used.Container(container.Name) > own.Value) return $"Container {container.Name} exceeded its local ephemeral storage limit \"{own}\". ";
        return null;
    }

    private static IEnumerable<Volume> Volumes(Pod pod) => (pod.Spec!.Volumes ?? []).Where(volume => PodDiskUsage.IsLocal(volume) && volume.EmptyDir?.SizeLimit is not null);

    private static IEnumerable<Container> All(Pod pod) => [.. pod.Spec!.Containers, .. pod.Spec.InitContainers ?? []];

    /// <summary>Of all containers that run at the same time together; a pod in which only some have one has theirs all the same.</summary>
    private static Quantity? PodLimit(Pod pod)
    {
        var sidecars = (pod.Spec!.InitContainers ?? []).Where(container => container.RestartPolicy == "Always");
        var limits = pod.Spec.Containers.Concat(sidecars).Select(Limit).OfType<Quantity>().ToList();
        if (limits.Count == 0) return null;
        var sum = limits.Aggregate((left, right) => left + right);
        var init = (pod.Spec.InitContainers ?? []).Where(container => container.RestartPolicy != "Always").Select(Limit).OfType<Quantity>();
        return init.Append(sum).Max();
    }

    private static Quantity? Limit(Container container) => container.Resources?.Limits?.TryGetValue(Signal.Storage, out var limit) == true ? limit : null;
}
