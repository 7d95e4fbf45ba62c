using KubeApi.Objects;
using KubeApi.Scheduling;

namespace ControlPlane.Scheduler;

/// <summary>Where a pod goes, or why it goes nowhere.</summary>
/// <param name="Node">Null if no node fits.</param>
/// <param name="Message">Why not, as in the condition PodScheduled; empty if there is a node.</param>
/// <param name="Obstacles">What would have to change.</param>
internal sealed record Decision(string? Node, string Message, Obstacle Obstacles)
{
    /// <summary>Filters all nodes, compares those that are left, and takes the best; the first by name among equals.</summary>
    public static Decision Make(PodInfo pod, ClusterView cluster, IEnumerable<Service> services)
    {
        if (cluster.Nodes.Count == 0) return new Decision(null, "no nodes available to schedule pods", Obstacle.All);
        var (fitting, objections) = Filter(pod, cluster);
        if (fitting.Count == 0) return new Decision(null, Explain(pod, cluster.Nodes.Count, objections), objections.Keys.Aggregate(Obstacle.None, (all, one) => all | one.Obstacle) | Obstacle.NoNodes);
        if (fitting.Count == 1) return new Decision(fitting[0].Name, "", Obstacle.None);
        var scores = NodeScores.Of(pod, fitting, cluster, services);
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            if (Compare(scores[i], fitting[i], scores[best], fitting[best]) > 0) best = i;
        return new Decision(fitting[best].Name, "", Obstacle.None);
    }

    private static int Compare(double score, NodeState node, double otherScore, NodeState other)
    {
        if (Math.Abs(score - otherScore) > 1e-9) return score > otherScore ? 1 : -1;
        return node.PodCount != other.PodCount ? other.PodCount.CompareTo(node.PodCount) : string.CompareOrdinal(other.Name, node.Name);
    }

    private static (List<NodeState> Fitting, Dictionary<Objection, int> Objections) Filter(PodInfo pod, ClusterView cluster)
    {
        var (fitting, objections) = (new List<NodeState>(), new Dictionary<Objection, int>());
        var (spread, affinity, named) = (TopologySpread.Of(pod, cluster), PodAffinity.Of(pod, cluster), NodeAffinityTerms.NamedNodes(pod.Spec));
        foreach (var node in named is null ? cluster.Nodes : named.Select(cluster.Node).OfType<NodeState>().Where(node => node.Node is not null))
        {
            if ((NodeFilters.Check(pod, node) ?? spread?.Check(node) ?? affinity?.Check(node)) is { } objection)
                objections[objection] = objections.GetValueOrDefault(objection) + 1;
            else fitting.Add(node);
        }
        var others = cluster.Nodes.Count - fitting.Count - objections.Values.Sum();
        if (others > 0) objections[NodeFilters.NotNamed] = others;
        return (fitting, objections);
    }

    /// <summary><c>0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.</c></summary>
    private static string Explain(PodInfo pod, int nodes, Dictionary<Objection, int> objections)
    {
        var reasons = objections.SelectMany(entry => entry.Key.Reasons.Select(reason => (reason, entry.Value))).GroupBy(entry => entry.reason)
            .Select(group => $"{group.Sum(entry => entry.Value)} {group.Key}").Order(StringComparer.Ordinal);
        var preemption = pod.Spec.PreemptionPolicy == "Never" ? " preemption: not eligible due to preemptionPolicy=Never." : "";
        return $"0/{nodes} nodes are available: {string.Join(", ", reasons)}.{preemption}";
    }
}
