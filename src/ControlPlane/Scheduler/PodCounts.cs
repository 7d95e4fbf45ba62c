namespace ControlPlane.Scheduler;

/// <summary>
/// How many pods of a kind are on each node, for every query that was asked lately. A query is counted once over all
/// pods and kept up to date from then on, so that placing a pod looks at nodes, not at pods.
/// </summary>
/// <param name="labelsOfNamespace">Labels of a namespace, null if it is not known.</param>
internal sealed class PodCounts(Func<string, IReadOnlyDictionary<string, string>?> labelsOfNamespace)
{
    private const int MostQueries = 1024;

    private sealed class Counted(IReadOnlyList<PodQuery> queries, bool withTerminating)
    {
        public readonly Dictionary<string, int> ByNode = [];
        public long LastUse;

        public bool LooksAtNamespaces => queries.Any(query => query.LooksAtNamespaces);

        public void Add(PodInfo pod, string node, int by, Func<string, IReadOnlyDictionary<string, string>?> labelsOfNamespace)
        {
            if (pod.IsTerminating && !withTerminating) return;
            foreach (var query in queries)
                if (!query.Matches(pod, labelsOfNamespace)) return;
            var count = ByNode.GetValueOrDefault(node) + by;
            if (count == 0) ByNode.Remove(node);
            else ByNode[node] = count;
        }
    }

    private readonly Dictionary<string, Counted> counted = [];
    private long uses;

    /// <summary>The pods that match all of the queries, by node; nodes without any are left out. Valid until the next change.</summary>
    /// <param name="withTerminating">Also those that are being deleted.</param>
    /// <param name="nodes">All nodes with their pods.</param>
    public IReadOnlyDictionary<string, int> ByNode(IReadOnlyList<PodQuery> queries, bool withTerminating, IEnumerable<NodeState> nodes)
    {
        var key = $"{withTerminating}/{string.Join('&', queries.Select(query => query.Key))}";
        if (!counted.TryGetValue(key, out var entry))
        {
            if (counted.Count >= MostQueries) DropOldest();
            counted[key] = entry = new Counted(queries, withTerminating);
            foreach (var node in nodes)
                foreach (var pod in node.Pods) entry.Add(pod, node.Name, 1, labelsOfNamespace);
        }
        entry.LastUse = ++uses;
        return entry.ByNode;
    }

    public void Added(PodInfo pod, string node)
    {
        foreach (var entry in counted.Values) entry.Add(pod, node, 1, labelsOfNamespace);
    }

    public void Removed(PodInfo pod, string node)
    {
        foreach (var entry in counted.Values) entry.Add(pod, node, -1, labelsOfNamespace);
    }

    /// <summary>What was counted by labels of namespaces is counted anew. Call before the pods' next change.</summary>
    public void NamespacesChanged()
    {
        foreach (var key in counted.Where(entry => entry.Value.LooksAtNamespaces).Select(entry => entry.Key).ToList()) counted.Remove(key);
    }

    private void DropOldest()
    {
        foreach (var key in counted.OrderBy(entry => entry.Value.LastUse).Take(MostQueries / 4).Select(entry => entry.Key).ToList()) counted.Remove(key);
    }
}
