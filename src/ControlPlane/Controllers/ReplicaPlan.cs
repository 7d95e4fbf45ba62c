using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>What brings a replica owner's pods to the wanted number.</summary>
/// <param name="Create">How many pods to make.</param>
/// <param name="Delete">The pods to delete, the least valuable first.</param>
internal sealed record ReplicaPlan(int Create, IReadOnlyList<Pod> Delete)
{
    /// <summary>The most pods made or deleted in one round, so that one owner does not flood the server.</summary>
    public const int Burst = 500;

    /// <param name="pods">All pods of the owner; those that ended or are being deleted do not count.</param>
    /// <param name="related">Pods of others that do the same work.</param>
    public static ReplicaPlan Compute(int replicas, IEnumerable<Pod> pods, IReadOnlyList<Pod>? related = null)
    {
        var active = pods.Where(PodState.IsActive).ToList();
        var missing = replicas - active.Count;
        if (missing >= 0) return new ReplicaPlan(Math.Min(missing, Burst), []);
        return new ReplicaPlan(0, LeastValuableFirst(active, related).Take(Math.Min(-missing, Burst)).ToList());
    }

    /// <summary>
    /// The order in which surplus pods go (k8s.io/kubernetes pkg/controller ActivePodsWithRanks): not scheduled, pending,
    /// not ready, cheap by annotation, crowded on their node, ready for a shorter time, restarted more often, newer.
    /// </summary>
    public static IEnumerable<Pod> LeastValuableFirst(IReadOnlyList<Pod> pods, IReadOnlyList<Pod>? related = null)
    {
        var onNode = pods.Concat((related ?? []).Where(PodState.IsActive)).GroupBy(pod => pod.Spec?.NodeName ?? "").ToDictionary(group => group.Key, group => group.Count());
        return pods
            .OrderBy(pod => string.IsNullOrEmpty(pod.Spec?.NodeName) ? 0 : 1)
            .ThenBy(pod => pod.Status?.Phase switch { "Running" => 2, "Unknown" => 1, _ => 0 })
            .ThenBy(pod => PodState.IsReady(pod) ? 1 : 0)
            .ThenBy(DeletionCost)
            .ThenByDescending(pod => onNode[pod.Spec?.NodeName ?? ""])
            .ThenByDescending(pod => PodState.Condition(pod, "Ready")?.LastTransitionTime ?? DateTime.MaxValue)
            .ThenByDescending(pod => pod.Status?.ContainerStatuses?.Select(status => status.RestartCount).DefaultIfEmpty().Max() ?? 0)
            .ThenByDescending(pod => pod.Metadata.CreationTimestamp ?? DateTime.MaxValue)
            .ThenBy(pod => pod.Name, StringComparer.Ordinal);
    }

    private static int DeletionCost(Pod pod) =>
        int.TryParse(pod.Metadata.Annotations?.GetValueOrDefault("controller.kubernetes.io/pod-deletion-cost"), out var cost) ? cost : 0;
}
