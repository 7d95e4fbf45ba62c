namespace ControlPlane.Scheduler;

/// <summary>
/// Required pod affinity and anti-affinity, in both directions: what the pod asks for, and what the pods already there ask
/// of it. Counted by domain once per pod; a node is then a few look-ups.
/// </summary>
internal sealed class PodAffinity
{
    private static readonly Objection NotNear = new(Obstacle.PodAffinity, "node(s) didn't match pod affinity rules");
    private static readonly Objection TooNear = new(Obstacle.PodAffinity, "node(s) didn't match pod anti-affinity rules");
    private static readonly Objection Unwelcome = new(Obstacle.PodAffinity, "node(s) didn't satisfy existing pods anti-affinity rules");

    private readonly List<(string Key, HashSet<string> Domains)> near = [], away = [], unwelcome = [];
    private readonly bool isFirst;

    private PodAffinity(PodInfo pod, ClusterView cluster, List<AffinityTerm> affinity, List<AffinityTerm> antiAffinity, List<(AffinityTerm Term, IReadOnlyDictionary<string, int> ByNode)> present)
    {
        if (affinity.Count > 0)
        {
            // Only a pod that all terms name counts, for each of them.
            var queries = affinity.Select(term => term.Query).ToList();
            var byNode = cluster.CountByNode(queries, withTerminating: true);
            near.AddRange(affinity.Select(term => (term.TopologyKey, Domains(cluster, term.TopologyKey, byNode))));
            // The first of a group that wants to be together may begin anywhere.
            isFirst = near.TrueForAll(term => term.Domains.Count == 0) && queries.TrueForAll(query => cluster.Matches(query, pod));
        }
        away.AddRange(antiAffinity.Select(term => (term.TopologyKey, Domains(cluster, term.TopologyKey, cluster.CountByNode([term.Query], withTerminating: true)))));
        unwelcome.AddRange(present.Select(entry => (entry.Term.TopologyKey, Domains(cluster, entry.Term.TopologyKey, entry.ByNode))));
    }

    /// <summary>Null: neither the pod nor any other asks for anything.</summary>
    public static PodAffinity? Of(PodInfo pod, ClusterView cluster)
    {
        var affinity = pod.Terms.Where(term => term.Kind == AffinityKind.Affinity).ToList();
        var antiAffinity = pod.Terms.Where(term => term.Kind == AffinityKind.AntiAffinity).ToList();
        var present = cluster.TermsAbout(pod).Where(entry => entry.Term.Kind == AffinityKind.AntiAffinity).ToList();
        return affinity.Count + antiAffinity.Count + present.Count == 0 ? null : new PodAffinity(pod, cluster, affinity, antiAffinity, present);
    }

    /// <summary>Null: the pod may go there.</summary>
    public Objection? Check(NodeState node)
    {
        foreach (var (key, domains) in near)
            if (node.Label(key) is not { } domain || !isFirst && !domains.Contains(domain)) return NotNear;
        foreach (var (key, domains) in away)
            if (node.Label(key) is { } domain && domains.Contains(domain)) return TooNear;
        foreach (var (key, domains) in unwelcome)
            if (node.Label(key) is { } domain && domains.Contains(domain)) return Unwelcome;
        return null;
    }

    private static HashSet<string> Domains(ClusterView cluster, string key, IReadOnlyDictionary<string, int> byNode) =>
        byNode.Keys.Select(node => cluster.Node(node)?.Label(key)).OfType<string>().ToHashSet();
}
