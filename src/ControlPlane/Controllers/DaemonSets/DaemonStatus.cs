using KubeApi.Objects;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>What a DaemonSet reports: counts of nodes, not of pods.</summary>
internal static class DaemonStatus
{
    public static DaemonSetStatus Of(DaemonSet set, IReadOnlyList<DaemonNode> nodes, string hash, DateTime now)
    {
        var (seconds, targets) = (set.Spec!.MinReadySeconds ?? 0, nodes.Where(node => node.ShouldRun).ToList());
        var occupied = targets.Where(node => node.Pods.Count > 0).ToList();
        int Nodes(Func<Pod, bool> holds) => occupied.Count(node => node.Pods.Any(pod => pod.Metadata.DeletionTimestamp is null && holds(pod)));
        var available = Nodes(pod => PodState.IsAvailable(pod, seconds, now));
        return (set.Status ?? new DaemonSetStatus()) with
        {
            DesiredNumberScheduled = targets.Count, CurrentNumberScheduled = occupied.Count,
            NumberMisscheduled = nodes.Count(node => !node.ShouldRun && node.Pods.Count > 0),
            NumberReady = Nodes(PodState.IsReady), UpdatedNumberScheduled = Nullable(Nodes(pod => DaemonPod.IsOf(pod, hash))),
            NumberAvailable = Nullable(available), NumberUnavailable = Nullable(targets.Count - available), ObservedGeneration = set.Metadata.Generation,
        };
    }

    /// <summary>When the next ready pod becomes available by the mere passing of time; null if none will.</summary>
    public static DateTime? NextChange(DaemonSet set, IEnumerable<Pod> pods, DateTime now) =>
        pods.Where(PodState.IsActive).Select(pod => PodState.AvailableAt(pod, set.Spec!.MinReadySeconds ?? 0)).Where(at => at > now).Min();

    /// <summary>Zero is left out, as these fields are in Kubernetes' own type.</summary>
    private static int? Nullable(int number) => number == 0 ? null : number;
}
