using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>Which objects the pods of each node refer to, and where each pod is (the Node authorizer's graph).</summary>
internal sealed class NodeGraph(ObjectStore store) : StoreIndex(store, "pods")
{
    /// <summary>Who asked for a certificate; null where there is no such request.</summary>
    public string? RequestorOf(string signingRequest) =>
        (Snapshot.Get(new StoreKey("certificatesigningrequests.certificates.k8s.io", "", signingRequest))?.Object as CertificateSigningRequest)?.Spec.Username;


    /// <summary>Node → object → how many references its pods have to it.</summary>
    private readonly Dictionary<string, Dictionary<(string Resource, string Namespace, string Name), int>> references = [];

    /// <summary>By namespace and name; the node is empty where there is none yet.</summary>
    private readonly Dictionary<(string Namespace, string Name), KnownPod> pods = [];

    private sealed record KnownPod(string Node, IReadOnlyList<(string Resource, string Name)> References);

    /// <summary>A pod that is bound to the node refers to the object.</summary>
    public bool Refers(string node, string resource, string ns, string name) =>
        Ask(() => references.TryGetValue(node, out var counts) && counts.ContainsKey((resource, ns, name)));

    /// <summary>Where a pod is: empty for a pod without a node, null where there is no such pod.</summary>
    public string? NodeOf(string ns, string pod) => Ask(() => pods.GetValueOrDefault((ns, pod))?.Node);

    protected override void Clear()
    {
        references.Clear();
        pods.Clear();
    }

    protected override void Apply(StoreKey key, KubeObject? obj)
    {
        if (pods.Remove((key.Namespace, key.Name), out var before)) Count(key.Namespace, before, -1);
        if (obj is not Pod pod) return;
        var node = pod.Spec?.NodeName ?? "";
        var known = pods[(key.Namespace, key.Name)] = new KnownPod(node, node.Length == 0 ? [] : PodReferences.Of(pod).Distinct().ToArray());
        Count(key.Namespace, known, +1);
    }

    private void Count(string ns, KnownPod pod, int change)
    {
        if (pod.References.Count == 0) return;
        if (!references.TryGetValue(pod.Node, out var counts)) references[pod.Node] = counts = [];
        foreach (var (resource, name) in pod.References)
        {
            var key = (resource, ns, name);
            var count = counts.GetValueOrDefault(key) + change;
            if (count > 0) counts[key] = count;
            else counts.Remove(key);
        }
        if (counts.Count == 0) references.Remove(pod.Node);
    }
}
