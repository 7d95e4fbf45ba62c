using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Which pods nobody will remove but the collector (k8s.io/kubernetes pkg/controller/podgc).</summary>
internal static class PodGarbage
{
    private const string OutOfService = "node.kubernetes.io/out-of-service";

    /// <summary>Of the pods that have ended, the oldest beyond so many; evicted ones first.</summary>
    public static IReadOnlyList<Pod> Ended(IEnumerable<Pod> pods, int threshold)
    {
        var ended = pods.Where(pod => PodState.IsFinished(pod) && pod.Metadata.DeletionTimestamp is null).ToList();
        if (threshold <= 0 || ended.Count <= threshold) return [];
        return ended.OrderBy(pod => pod.Status is { Phase: "Failed", Reason: "Evicted" } ? 0 : 1).ThenBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Key, StringComparer.Ordinal)
            .Take(ended.Count - threshold).ToList();
    }

    /// <summary>It is being deleted and has never had a node that could end it.</summary>
    public static bool IsUnscheduledTerminating(Pod pod) => pod.Metadata.DeletionTimestamp is not null && string.IsNullOrEmpty(pod.Spec?.NodeName);

    /// <summary>It is being deleted on a node of which an operator says that it is shut down for good.</summary>
    public static bool IsOnNodeOutOfService(Pod pod, Node? node) => pod.Metadata.DeletionTimestamp is not null && node is not null
        && NodeHealth.Ready(node) != "True" && node.Spec?.Taints?.Any(taint => taint.Key == OutOfService) == true;
}
