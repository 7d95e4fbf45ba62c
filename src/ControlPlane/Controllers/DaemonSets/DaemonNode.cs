using ControlPlane.Scheduler;
using KubeApi.Objects;
using KubeApi.Scheduling;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>A node as one DaemonSet sees it.</summary>
/// <param name="ShouldRun">A pod belongs there.</param>
/// <param name="MayStay">A pod that is there already need not go (a taint keeps only new ones away).</param>
/// <param name="Pods">The set's pods there, oldest first, those being deleted too.</param>
internal sealed record DaemonNode(string Name, bool ShouldRun, bool MayStay, IReadOnlyList<Pod> Pods)
{
    /// <summary>All nodes, and the names of those that are gone but have pods meant for them.</summary>
    public static IReadOnlyList<DaemonNode> All(DaemonSet set, IEnumerable<Node> nodes, IEnumerable<Pod> pods)
    {
        var byNode = pods.Select(pod => (Pod: pod, Node: DaemonPod.NodeOf(pod))).Where(pair => pair.Node is not null)
            .GroupBy(pair => pair.Node!).ToDictionary(group => group.Key, group => OldestFirst(group.Select(pair => pair.Pod)));
        var spec = set.Spec!.Template.Spec ?? new PodSpec();
        var tolerations = DaemonPod.Tolerations(spec);
        var result = new List<DaemonNode>();
        foreach (var node in nodes)
        {
            byNode.Remove(node.Name, out var there);
            var (shouldRun, mayStay) = Fits(spec, tolerations, node);
            result.Add(new DaemonNode(node.Name, shouldRun, mayStay, there ?? []));
        }
        result.AddRange(byNode.Select(left => new DaemonNode(left.Key, false, false, left.Value)));
        return result;
    }

    private static (bool ShouldRun, bool MayStay) Fits(PodSpec spec, IReadOnlyList<Toleration> tolerations, Node node)
    {
        if (spec.NodeName is { Length: > 0 } wanted && wanted != node.Name || !NodeAffinityTerms.Matches(spec, node)) return (false, false);
        var untolerated = Scheduler.Tolerations.EffectiveTaints(node)
            .Where(taint => taint.Effect is "NoSchedule" or "NoExecute" && !Scheduler.Tolerations.Tolerate(tolerations, taint)).ToList();
        return (untolerated.Count == 0, untolerated.All(taint => taint.Effect != "NoExecute"));
    }

    private static List<Pod> OldestFirst(IEnumerable<Pod> pods) =>
        pods.OrderBy(pod => pod.Metadata.CreationTimestamp ?? DateTime.MaxValue).ThenBy(pod => pod.Name, StringComparer.Ordinal).ToList();
}
