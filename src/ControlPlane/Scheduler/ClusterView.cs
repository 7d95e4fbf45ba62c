namespace ControlPlane.Scheduler;

/// <summary>The cluster as one decision sees it; valid while the cache's lock is held.</summary>
/// <param name="Nodes">The nodes that exist.</param>
/// <param name="All">Also names of nodes that are known by their pods only.</param>
internal sealed record ClusterView(IReadOnlyList<NodeState> Nodes, IReadOnlyDictionary<string, NodeState> All, PodCounts Counts, PlacedTerms Terms,
    Func<string, IReadOnlyDictionary<string, string>?> LabelsOfNamespace)
{
    public NodeState? Node(string name) => All.GetValueOrDefault(name);

    public IReadOnlyDictionary<string, int> CountByNode(IReadOnlyList<PodQuery> queries, bool withTerminating) => Counts.ByNode(queries, withTerminating, All.Values);

    public bool Matches(PodQuery query, PodInfo pod) => query.Matches(pod, LabelsOfNamespace);

    public IEnumerable<(AffinityTerm Term, IReadOnlyDictionary<string, int> ByNode)> TermsAbout(PodInfo pod) => Terms.About(pod, LabelsOfNamespace);
}
