using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>
/// The nodes as the scheduler sees them: what the watch has told plus its own decisions that the watch has not told yet,
/// so that several pods in a row spread. Kept up to date by events; nothing is scanned.
/// </summary>
/// <param name="labelsOfNamespace">Labels of a namespace, null if it is not known.</param>
internal sealed class SchedulerCache(Func<string, IReadOnlyDictionary<string, string>?> labelsOfNamespace)
{
    private readonly Dictionary<string, NodeState> nodes = [];
    private readonly Dictionary<string, string> nodeOfPod = []; // by pod uid
    private readonly PodCounts counts = new(labelsOfNamespace);
    private readonly PlacedTerms terms = new();
    private readonly Lock guard = new();
    private List<NodeState>? existing;

    public void NodeChanged(Node? old, Node? updated)
    {
        lock (guard)
        {
            var name = (updated ?? old)!.Name;
            if (old is null || updated is null) existing = null;
            State(name).Node = updated;
            RemoveIfEmpty(name);
        }
    }

    /// <summary>A pod as the watch tells it; null when it is gone. One that has ended holds nothing any more.</summary>
    public void PodChanged(Pod? old, Pod? updated)
    {
        lock (guard)
        {
            if (updated is null || Controllers.PodState.IsFinished(updated)) Remove((updated ?? old)!);
            else if (updated.Spec?.NodeName is { Length: > 0 } node) Put(new PodInfo(updated), node);
        }
    }

    public void NamespaceChanged()
    {
        lock (guard) counts.NamespacesChanged();
    }

    /// <summary>The pod has a node, by the watch or by assumption.</summary>
    public bool Knows(Pod pod)
    {
        lock (guard) return nodeOfPod.ContainsKey(pod.Metadata.Uid ?? pod.Key);
    }

    /// <summary>Chooses the best node and counts the pod as being there.</summary>
    public Decision Assume(Pod pod, IEnumerable<Service> servicesOfNamespace)
    {
        var info = new PodInfo(pod);
        lock (guard)
        {
            existing ??= nodes.Values.Where(state => state.Node is not null).ToList();
            var decision = Decision.Make(info, new ClusterView(existing, nodes, counts, terms, labelsOfNamespace), servicesOfNamespace);
            if (decision.Node is not null) Put(info, decision.Node);
            return decision;
        }
    }

    /// <summary>Nothing about this node alone keeps the pod from it.</summary>
    public bool Fits(PodInfo pod, string node)
    {
        lock (guard) return nodes.GetValueOrDefault(node) is { Node: not null } state && NodeFilters.Check(pod, state) is null;
    }

    /// <summary>Takes back an assumption: the binding was refused.</summary>
    public void Forget(Pod pod)
    {
        lock (guard) Remove(pod);
    }

    private void Remove(Pod pod)
    {
        if (nodeOfPod.Remove(pod.Metadata.Uid ?? pod.Key, out var node)) TakeOff(pod.Metadata.Uid ?? pod.Key, node);
    }

    private void Put(PodInfo pod, string node)
    {
        if (nodeOfPod.GetValueOrDefault(pod.Id) is { } before) TakeOff(pod.Id, before);
        nodeOfPod[pod.Id] = node;
        State(node).Add(pod);
        counts.Added(pod, node);
        terms.Added(pod, node);
    }

    private void TakeOff(string id, string node)
    {
        if (State(node).Remove(id) is { } pod)
        {
            counts.Removed(pod, node);
            terms.Removed(pod, node);
        }
        RemoveIfEmpty(node);
    }

    private NodeState State(string node) => nodes.TryGetValue(node, out var state) ? state : nodes[node] = new NodeState(node);

    private void RemoveIfEmpty(string node)
    {
        if (nodes[node] is { Node: null, PodCount: 0 }) nodes.Remove(node);
    }
}
