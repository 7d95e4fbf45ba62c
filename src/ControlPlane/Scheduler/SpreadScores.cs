using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>
/// Prefers nodes in domains with few pods like the one to place: by its constraints with whenUnsatisfiable ScheduleAnyway,
/// or, where it has no constraints at all, by host and zone over the pods of its controller and its Services (the
/// cluster's default constraints). Losing a node must not take all of them.
/// </summary>
internal static class SpreadScores
{
    private const string Hostname = "kubernetes.io/hostname", Zone = "topology.kubernetes.io/zone";

    /// <param name="Key">The topology label; null: every node is a domain of its own.</param>
    /// <param name="Uneven">How many more pods than elsewhere do not matter (maxSkew - 1).</param>
    private sealed record Wish(string? Key, IReadOnlyDictionary<string, int> ByNode, int Uneven, TopologySpreadConstraint? Constraint);

    /// <summary>0 to 100 for every node; null if nothing is to be spread.</summary>
    public static double[]? Of(PodInfo pod, IReadOnlyList<NodeState> nodes, ClusterView cluster, IEnumerable<Service> services)
    {
        var own = pod.Spec.TopologySpreadConstraints ?? [];
        var wishes = own.Count == 0 ? Defaults(pod, cluster, services) : own.Where(constraint => constraint.WhenUnsatisfiable == "ScheduleAnyway")
            .Select(constraint => new Wish(constraint.TopologyKey == Hostname ? null : constraint.TopologyKey,
                cluster.CountByNode([PodQuery.OfConstraint(pod.Pod, constraint)], withTerminating: false), constraint.MaxSkew - 1, constraint)).ToList();
        if (wishes.Count == 0) return null;
        var ignored = nodes.Select(node => own.Count > 0 && wishes.Exists(wish => node.Label(wish.Constraint!.TopologyKey) is null)).ToArray();
        var sums = new double[nodes.Count];
        foreach (var wish in wishes) Add(sums, wish, pod, nodes, ignored, cluster);
        return Normalize(sums, ignored);
    }

    /// <summary>Pods that stand in for this one: of the same controller, or behind the same Service; those that are both count twice.</summary>
    private static List<Wish> Defaults(PodInfo pod, ClusterView cluster, IEnumerable<Service> services)
    {
        var queries = services.Where(service => service.Spec?.Selector is { Count: > 0 })
            .Select(service => Selector.OfLabels(service.Spec!.Selector!)).Where(selector => selector.Matches(pod.Labels))
            .Select(selector => PodQuery.InNamespace(pod.Namespace, selector)).ToList();
        if (pod.Controller is { } controller) queries.Add(PodQuery.OfController(pod.Namespace, controller));
        return queries.SelectMany(query =>
        {
            var byNode = cluster.CountByNode([query], withTerminating: false);
            return new[] { new Wish(null, byNode, 0, null), new Wish(Zone, byNode, 0, null) };
        }).ToList();
    }

    /// <summary>Few large domains weigh less than many small ones: a pod more there says less (PodTopologySpread's ln(domains + 2)).</summary>
    private static void Add(double[] sums, Wish wish, PodInfo pod, IReadOnlyList<NodeState> nodes, bool[] ignored, ClusterView cluster)
    {
        if (wish.Key is null)
        {
            var weight = Math.Log(nodes.Count + 2);
            for (var i = 0; i < sums.Length; i++) sums[i] += wish.ByNode.GetValueOrDefault(nodes[i].Name) * weight + wish.Uneven;
            return;
        }
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < sums.Length; i++)
            if (!ignored[i] && nodes[i].Label(wish.Key) is { } domain) counts.TryAdd(domain, 0);
        if (counts.Count == 0) return;
        foreach (var (name, count) in wish.ByNode)
            if (cluster.Node(name) is { Node: not null } node && node.Label(wish.Key) is { } domain && counts.ContainsKey(domain)
                && (wish.Constraint is null || TopologySpread.Counts(wish.Constraint, pod, node))) counts[domain] += count;
        var ofDomain = Math.Log(counts.Count + 2);
        for (var i = 0; i < sums.Length; i++)
            if (nodes[i].Label(wish.Key) is { } domain) sums[i] += counts.GetValueOrDefault(domain) * ofDomain + wish.Uneven;
    }

    /// <summary>Fewest pods 100, most pods what is left of it; a node without the labels 0.</summary>
    private static double[] Normalize(double[] sums, bool[] ignored)
    {
        var (least, most) = (double.MaxValue, 0.0);
        for (var i = 0; i < sums.Length; i++)
        {
            if (ignored[i]) continue;
            (least, most) = (Math.Min(least, sums[i]), Math.Max(most, sums[i]));
        }
        return sums.Select((sum, i) => ignored[i] ? 0 : most == 0 ? 100 : 100 * (most + least - sum) / most).ToArray();
    }
}
