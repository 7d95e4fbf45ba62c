using KubeApi.Objects;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>A DaemonSet's pod for one node: the scheduler binds it, so that it fits there like any other, but nowhere else.</summary>
internal static class DaemonPod
{
    /// <summary>Names the template that a pod was made of.</summary>
    public const string HashLabel = "controller-revision-hash";

    private const string NodeNameField = "metadata.name";

    /// <summary>Daemons stay on nodes in trouble, and go to nodes that are full or closed to others.</summary>
    private static readonly (string Key, string Effect)[] Tolerated =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"), ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"), ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    /// <summary>A new pod; the server completes the name.</summary>
    /// <param name="hash">That of the present template.</param>
    public static Pod New(DaemonSet set, string node, string hash)
    {
        var template = set.Spec!.Template;
        var spec = template.Spec ?? new PodSpec();
        var affinity = spec.Affinity ?? new Affinity();
        return new Pod
        {
            Metadata = new ObjectMeta
            {
                GenerateName = $"{set.Name}-", Namespace = set.Namespace, OwnerReferences = [Ownership.ReferenceTo(set)],
                Labels = new Dictionary<string, string>(template.Metadata?.Labels ?? new Dictionary<string, string>()) { [HashLabel] = hash },
                Annotations = template.Metadata?.Annotations, Finalizers = template.Metadata?.Finalizers,
            },
            Spec = spec with
            {
                // The node has passed the template's own terms, and nothing else may be chosen.
                Affinity = affinity with { NodeAffinity = (affinity.NodeAffinity ?? new NodeAffinity()) with { RequiredDuringSchedulingIgnoredDuringExecution = Only(node) } },
                Tolerations = Tolerations(spec),
            },
        };
    }

    private static NodeSelector Only(string node) => new()
    {
        NodeSelectorTerms = [new NodeSelectorTerm { MatchFields = [new NodeSelectorRequirement { Key = NodeNameField, Operator = "In", Values = [node] }] }],
    };

    /// <summary>The template's tolerations and those of every daemon.</summary>
    public static IReadOnlyList<Toleration> Tolerations(PodSpec spec)
    {
        var always = spec.HostNetwork == true ? Tolerated.Append(("node.kubernetes.io/network-unavailable", "NoSchedule")) : Tolerated;
        return [.. spec.Tolerations ?? [], .. always.Select(pair => new Toleration { Key = pair.Item1, Operator = "Exists", Effect = pair.Item2 })];
    }

    /// <summary>The node that the pod is on or meant for; null where it names none.</summary>
    public static string? NodeOf(Pod pod)
    {
        if (pod.Spec?.NodeName is { Length: > 0 } bound) return bound;
        return pod.Spec?.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms
            .SelectMany(term => term.MatchFields ?? []).FirstOrDefault(field => field is { Key: NodeNameField, Operator: "In", Values.Count: 1 })?.Values![0];
    }

    public static bool IsOf(Pod pod, string hash) => pod.Metadata.Labels?.GetValueOrDefault(HashLabel) == hash;
}
