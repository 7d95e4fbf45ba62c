using KubeApi.Objects;
using KubeApi.Scheduling;

namespace ControlPlane.Scheduler;

/// <summary>
/// A pod's constraints with whenUnsatisfiable DoNotSchedule (core/v1 TopologySpreadConstraint): how many pods like it
/// are in each domain, and whether one more on a node would skew that too much.
/// </summary>
internal sealed class TopologySpread
{
    private static readonly Objection Skewed = new(Obstacle.TopologySpread, "node(s) didn't match pod topology spread constraints");
    private static readonly Objection NoLabel = new(Obstacle.TopologySpread, "node(s) didn't match pod topology spread constraints (missing required label)");

    /// <param name="Counts">Matching pods by value of the topology label; a domain without any has 0.</param>
    private sealed record Domains(TopologySpreadConstraint Constraint, Dictionary<string, int> Counts, int Least, int Self);

    private readonly List<Domains> constraints;

    private TopologySpread(List<Domains> constraints) => this.constraints = constraints;

    /// <summary>Null: the pod has no such constraints.</summary>
    public static TopologySpread? Of(PodInfo pod, ClusterView cluster)
    {
        var hard = (pod.Spec.TopologySpreadConstraints ?? []).Where(constraint => constraint.WhenUnsatisfiable == "DoNotSchedule").ToList();
        return hard.Count == 0 ? null : new TopologySpread(hard.Select(constraint => Count(constraint, hard, pod, cluster)).ToList());
    }

    /// <summary>Null: the pod may go there.</summary>
    public Objection? Check(NodeState node)
    {
        foreach (var (constraint, counts, least, self) in constraints)
        {
            if (node.Label(constraint.TopologyKey) is not { } domain) return NoLabel;
            if (counts.GetValueOrDefault(domain) + self - least > constraint.MaxSkew) return Skewed;
        }
        return null;
    }

    private static Domains Count(TopologySpreadConstraint constraint, List<TopologySpreadConstraint> all, PodInfo pod, ClusterView cluster)
    {
        var query = PodQuery.OfConstraint(pod.Pod, constraint);
        var byNode = cluster.CountByNode([query], withTerminating: false);
        var counts = new Dictionary<string, int>();
        foreach (var node in cluster.Nodes)
        {
            if (!all.TrueForAll(other => node.Label(other.TopologyKey) is not null) || !Counts(constraint, pod, node)) continue;
            var domain = node.Label(constraint.TopologyKey)!;
            counts[domain] = counts.GetValueOrDefault(domain) + byNode.GetValueOrDefault(node.Name);
        }
        var least = counts.Count == 0 || counts.Count < (constraint.MinDomains ?? 1) ? 0 : counts.Values.Min();
        return new Domains(constraint, counts, least, cluster.Matches(query, pod) ? 1 : 0);
    }

    /// <summary>nodeAffinityPolicy and nodeTaintsPolicy: whether nodes that the pod cannot use make up domains.</summary>
    public static bool Counts(TopologySpreadConstraint constraint, PodInfo pod, NodeState node) =>
        (!pod.SelectsNodes || constraint.NodeAffinityPolicy == "Ignore" || NodeAffinityTerms.Matches(pod.Spec, node.Node!))
        && (constraint.NodeTaintsPolicy != "Honor" || node.Taints.Count == 0 || node.Taints.All(taint => Tolerations.Tolerate(pod.Spec.Tolerations, taint)));
}
