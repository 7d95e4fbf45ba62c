using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>
/// The nodes as the scheduler sees them: what the watch has told plus its own decisions that the watch has not told yet,
/// so that several pods in a row spread. Kept up to date by events; nothing is scanned.
/// </summary>
internal sealed class SchedulerCache
{
    private readonly Dictionary<string, NodeState> nodes = [];
    private readonly Dictionary<string, string> nodeOfPod = []; // by pod uid
    private readonly Lock guard = new();

    public void NodeChanged(Node? old, Node? updated)
    {
        lock (guard) State((updated ?? old)!.Name).Node = updated;
    }

    /// <summary>A pod as the watch tells it; null when it is gone.</summary>
    public void PodChanged(Pod? old, Pod? updated)
    {
        lock (guard)
        {
            if (updated is null) Forget(old!);
            else if (updated.Spec?.NodeName is { Length: > 0 } node) Put(updated, node);
        }
    }

    /// <summary>The pod has a node, by the watch or by assumption.</summary>
    public bool Knows(Pod pod)
    {
        lock (guard) return nodeOfPod.ContainsKey(pod.Metadata.Uid ?? pod.Key);
    }

    /// <summary>
    /// Chooses the best node and counts the pod as being there. Without a fitting node the answer has none, and the
    /// message says why.
    /// </summary>
    public (string? Node, string Message) Assume(Pod pod, IEnumerable<Service> servicesOfNamespace)
    {
        var requests = PodRequests.Of(pod.Spec!);
        var isSibling = NodeScore.SiblingsOf(pod, servicesOfNamespace);
        lock (guard)
        {
            var objections = new List<IReadOnlyList<string>>();
            var fitting = new List<NodeState>();
            foreach (var state in nodes.Values.Where(state => state.Node is not null))
            {
                objections.Add(NodeFilters.Objections(pod.Spec!, requests, state));
                if (objections[^1].Count == 0) fitting.Add(state);
            }
            if (fitting.Count == 0) return (null, NodeFilters.Message(objections));
            var best = fitting.OrderBy(state => NodeScore.Of(pod, requests, state, isSibling)).ThenBy(state => state.Node!.Name, StringComparer.Ordinal).First();
            Put(pod, best.Node!.Name);
            return (best.Node.Name, "");
        }
    }

    /// <summary>Takes back an assumption: the binding was refused.</summary>
    public void Forget(Pod pod)
    {
        lock (guard)
            if (nodeOfPod.Remove(pod.Metadata.Uid ?? pod.Key, out var node)) State(node).Remove(pod);
    }

    private void Put(Pod pod, string node)
    {
        if (nodeOfPod.GetValueOrDefault(pod.Metadata.Uid ?? pod.Key) is { } other && other != node) State(other).Remove(pod);
        nodeOfPod[pod.Metadata.Uid ?? pod.Key] = node;
        State(node).Put(pod);
    }

    private NodeState State(string node) => nodes.TryGetValue(node, out var state) ? state : nodes[node] = new NodeState();
}
