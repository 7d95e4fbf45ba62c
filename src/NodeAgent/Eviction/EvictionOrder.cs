using KubeApi.Objects;

namespace NodeAgent.Eviction;

/// <summary>Which pods go first (Kubernetes docs, "Node-pressure Eviction": pod selection). Pure.</summary>
internal static class EvictionOrder
{
    /// <summary>system-cluster-critical and above (scheduling.SystemCriticalPriority).</summary>
    private const int SystemCritical = 2_000_000_000;

    private const string StaticSource = "kubernetes.io/config.source", Mirror = "kubernetes.io/config.mirror";

    /// <summary>
    /// Those that use more than they asked for first, among them those of lower priority, then those that are furthest above
    /// what they asked for. For processes priority and number decide.
    /// </summary>
    public static IReadOnlyList<EvictionCandidate> Of(IEnumerable<EvictionCandidate> pods, string resource)
    {
        var evictable = pods.Where(candidate => !IsCritical(candidate.Pod));
        var ordered = resource == Signal.Pids ? evictable.OrderBy(Priority)
            : evictable.OrderByDescending(candidate => resource != Signal.Inodes && candidate.Usage(resource) > candidate.Request(resource)).ThenBy(Priority);
        return [.. ordered.ThenByDescending(candidate => candidate.Usage(resource) - candidate.Request(resource))];
    }

    /// <summary>Never evicted: the cluster does not work without them, and static pods would come back at once.</summary>
    public static bool IsCritical(Pod pod) => pod.Spec?.Priority >= SystemCritical
        || pod.Metadata.Annotations is { } annotations && (annotations.ContainsKey(Mirror) || annotations.TryGetValue(StaticSource, out var source) && source != "api");

    private static int Priority(EvictionCandidate candidate) => candidate.Pod.Spec?.Priority ?? 0;
}
