using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>Which objects the pods of each node refer to, and where each pod is (the Node authorizer's graph).</summary>
internal sealed class NodeGraph(ObjectStore store) : StoreIndex(store, "pods")
{
    /// <summary>Node → object → how many references its pods have to it.</summary>
    private readonly Dictionary<string, Dictionary<(string Resource, string Namespace, string Name), int>> references = [];

    /// <summary>Namespace and name → node (empty: none yet).</summary>
    private readonly Dictionary<(string Namespace, string Name), string> nodes = [];

    /// <summary>A pod that is bound to the node refers to the object.</summary>
    public bool Refers(string node, string resource, string ns, string name) =>
        Ask(() => references.TryGetValue(node, out var counts) && counts.ContainsKey((resource, ns, name)));

    /// <summary>Where a pod is: empty for a pod without a node, null where there is no such pod.</summary>
    public string? NodeOf(string ns, string pod) => Ask(() => nodes.GetValueOrDefault((ns, pod)));

    protected override void Clear()
    {
        references.Clear();
        nodes.Clear();
    }

    protected override void Apply(KubeObject? old, KubeObject? updated)
    {
        if (old is Pod before)
        {
            nodes.Remove((before.Namespace, before.Name));
            Count(before, -1);
        }
        if (updated is Pod after)
        {
            nodes[(after.Namespace, after.Name)] = after.Spec?.NodeName ?? "";
            Count(after, +1);
        }
    }

    private void Count(Pod pod, int change)
    {
        if (pod.Spec?.NodeName is not { Length: > 0 } node) return;
        if (!references.TryGetValue(node, out var counts)) references[node] = counts = [];
        foreach (var (resource, name) in PodReferences.Of(pod))
        {
            var key = (resource, pod.Namespace, name);
            var count = counts.GetValueOrDefault(key) + change;
            if (count > 0) counts[key] = count;
            else counts.Remove(key);
        }
        if (counts.Count == 0) references.Remove(node);
    }
}
