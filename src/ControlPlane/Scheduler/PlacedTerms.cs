namespace ControlPlane.Scheduler;

/// <summary>
/// The affinity terms of the pods that have a node already, equal ones together, with the number of pods on each node that
/// carry them: anti-affinity holds in both directions, so that a new pod must look at what the present ones ask for.
/// </summary>
internal sealed class PlacedTerms
{
    private readonly Dictionary<string, (AffinityTerm Term, Dictionary<string, int> ByNode)> placed = [];

    public void Added(PodInfo pod, string node)
    {
        foreach (var term in pod.Terms)
        {
            if (!placed.TryGetValue(term.Key, out var entry)) placed[term.Key] = entry = (term, []);
            entry.ByNode[node] = entry.ByNode.GetValueOrDefault(node) + 1;
        }
    }

    public void Removed(PodInfo pod, string node)
    {
        foreach (var term in pod.Terms)
        {
            if (!placed.TryGetValue(term.Key, out var entry) || !entry.ByNode.TryGetValue(node, out var count)) continue;
            if (count > 1) entry.ByNode[node] = count - 1;
            else entry.ByNode.Remove(node);
            if (entry.ByNode.Count == 0) placed.Remove(term.Key);
        }
    }

    /// <summary>The terms that speak of this pod, with the nodes of the pods that carry them.</summary>
    public IEnumerable<(AffinityTerm Term, IReadOnlyDictionary<string, int> ByNode)> About(PodInfo pod, Func<string, IReadOnlyDictionary<string, string>?> labelsOfNamespace) =>
        placed.Values.Where(entry => entry.Term.Query.Matches(pod, labelsOfNamespace)).Select(entry => (entry.Term, (IReadOnlyDictionary<string, int>)entry.ByNode));
}
