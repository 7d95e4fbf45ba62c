using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Volumes;

/// <summary>Pure: the bound of an emptyDir in memory (kubelet, KEP-1967): the least of its sizeLimit, the pod's memory limit and what the node can give.</summary>
internal static class MemorySize
{
    private const string Memory = "memory";

    /// <summary>The API takes limits of any size; more than this no node has.</summary>
    private const long Most = 1L << 60;

    /// <summary>Bytes.</summary>
    public static long Of(PodSpec spec, EmptyDirVolumeSource directory, IReadOnlyDictionary<string, Quantity> allocatable)
    {
        var sizes = new[] { directory.SizeLimit?.Value, PodLimit(spec), allocatable.TryGetValue(Memory, out var node) ? node.Value : null };
        return sizes.Where(size => size is > 0).Min() ?? 64L << 20;
    }

    /// <summary>Null where a container may take as much as there is.</summary>
    private static long? PodLimit(PodSpec spec)
    {
        var limits = spec.Containers.Select(Limit).ToList();
        if (limits.Any(limit => limit is null)) return null;
        var init = (spec.InitContainers ?? []).Select(container => Limit(container) ?? 0).DefaultIfEmpty(0).Max();
        return Math.Max(limits.Aggregate(0L, (sum, limit) => Math.Min(sum + Math.Min(limit!.Value, Most), Most)), init);
    }

    private static long? Limit(Container container) =>
        container.Resources?.Limits is { } limits && limits.TryGetValue(Memory, out var limit) && limit.Value > 0 ? limit.Value : null;
}
