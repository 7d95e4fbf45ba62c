namespace ControlPlane.Scheduler;

/// <summary>
/// Preferred pod affinity, in both directions: weights of the pod's own wishes for every pod they name, and of the wishes
/// of present pods that name this one. A present pod's required affinity counts as a wish of weight 1.
/// </summary>
internal static class PodAffinityScores
{
    /// <summary>A sum for every node, higher is better; null if nobody wishes anything.</summary>
    public static double[]? Of(PodInfo pod, IReadOnlyList<NodeState> nodes, ClusterView cluster)
    {
        var wishes = pod.Terms.Where(term => term.Kind is AffinityKind.PreferredAffinity or AffinityKind.PreferredAntiAffinity)
            .Select(term => (Term: term, ByNode: cluster.CountByNode([term.Query], withTerminating: true)))
            .Concat(cluster.TermsAbout(pod).Where(entry => entry.Term.Kind != AffinityKind.AntiAffinity)).ToList();
        if (wishes.Count == 0) return null;
        var sums = new double[nodes.Count];
        foreach (var (term, byNode) in wishes)
        {
            var weights = new Dictionary<string, double>();
            foreach (var (name, count) in byNode)
                if (cluster.Node(name)?.Label(term.TopologyKey) is { } domain) weights[domain] = weights.GetValueOrDefault(domain) + count * term.Weight;
            if (weights.Count == 0) continue;
            var sign = term.Kind == AffinityKind.PreferredAntiAffinity ? -1 : 1;
            for (var i = 0; i < sums.Length; i++)
                if (nodes[i].Label(term.TopologyKey) is { } domain) sums[i] += sign * weights.GetValueOrDefault(domain);
        }
        return sums;
    }
}
