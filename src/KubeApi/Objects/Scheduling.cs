using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Preferences and requirements on the node and on the neighbours of a pod.</summary>
[ApiType("io.k8s.api.core.v1.Affinity")]
public sealed record Affinity
{
    /// <summary>Rules about the nodes.</summary>
    [Field(1)]
    public NodeAffinity? NodeAffinity { get; init; }

    /// <summary>Rules about pods that this one is to be near.</summary>
    [Field(2)]
    public PodAffinity? PodAffinity { get; init; }

    /// <summary>Rules about pods that this one is to be away from.</summary>
    [Field(3)]
    public PodAntiAffinity? PodAntiAffinity { get; init; }
}

/// <summary>Which nodes a pod needs or prefers.</summary>
[ApiType("io.k8s.api.core.v1.NodeAffinity")]
public sealed record NodeAffinity
{
    /// <summary>What a node must have for the pod to be put there. What becomes of it later moves no pod.</summary>
    [Field(1)]
    public NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    /// <summary>What is wished of a node; the node with the highest sum of weights is preferred.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<PreferredSchedulingTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>A query over nodes: one of its terms must match.</summary>
[ApiType("io.k8s.api.core.v1.NodeSelector", Atomic = true)]
public sealed record NodeSelector
{
    /// <summary>Terms of which at least one must hold.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<NodeSelectorTerm> NodeSelectorTerms { get; init; } = [];
}

/// <summary>A query over the labels and fields of a node: all its requirements must hold.</summary>
[ApiType("io.k8s.api.core.v1.NodeSelectorTerm", Atomic = true)]
public sealed record NodeSelectorTerm
{
    /// <summary>Conditions over labels of the node, which must all hold. A term without any condition holds for no node.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<NodeSelectorRequirement>? MatchExpressions { get; init; }

    /// <summary>Conditions over fields of the node, which must all hold: metadata.name.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<NodeSelectorRequirement>? MatchFields { get; init; }
}

/// <summary>One clause over a node's labels or fields.</summary>
[ApiType("io.k8s.api.core.v1.NodeSelectorRequirement")]
public sealed record NodeSelectorRequirement
{
    /// <summary>Key of the label, or name of the field.</summary>
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>How it is compared: In, NotIn, Exists, DoesNotExist, Gt or Lt.</summary>
    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    /// <summary>Values to compare with: at least one for In and NotIn, none for Exists and DoesNotExist, one whole number for Gt and Lt.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>A weighted preference for nodes.</summary>
[ApiType("io.k8s.api.core.v1.PreferredSchedulingTerm")]
public sealed record PreferredSchedulingTerm
{
    /// <summary>Weight of the wish, 1 to 100.</summary>
    [Field(1, Required = true)]
    public int Weight { get; init; }

    /// <summary>What is wished.</summary>
    [Field(2, Required = true)]
    public NodeSelectorTerm Preference { get; init; } = new();
}

/// <summary>Pods near which a pod needs or prefers to run.</summary>
[ApiType("io.k8s.api.core.v1.PodAffinity")]
public sealed record PodAffinity
{
    /// <summary>Pods that must run in the same topology domain; all terms must hold.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    /// <summary>Pods that are wished in the same topology domain, with weights.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>Pods from which a pod needs or prefers to keep away.</summary>
[ApiType("io.k8s.api.core.v1.PodAntiAffinity")]
public sealed record PodAntiAffinity
{
    /// <summary>Pods that must not run in the same topology domain; all terms must hold.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    /// <summary>Pods that are wished not to be in the same topology domain, with weights.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>A set of pods and the topology within which nearness is measured.</summary>
[ApiType("io.k8s.api.core.v1.PodAffinityTerm")]
public sealed record PodAffinityTerm
{
    /// <summary>Labels of the other pods. Absent: none.</summary>
    [Field(1)]
    public LabelSelector? LabelSelector { get; init; }

    /// <summary>Namespaces of the other pods, besides those of namespaceSelector. Both absent: that of the pod itself.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>Label of nodes whose value makes a topology domain, e.g. kubernetes.io/hostname.</summary>
    [Field(3, Required = true)]
    public string TopologyKey { get; init; } = "";

    /// <summary>Labels of the namespaces of the other pods; empty selects all.</summary>
    [Field(4)]
    public LabelSelector? NamespaceSelector { get; init; }

    /// <summary>Keys of labels whose values the other pods must share with this one.</summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? MatchLabelKeys { get; init; }

    /// <summary>Keys of labels whose values the other pods must not share with this one.</summary>
    [Field(6, List = ListType.Atomic)]
    public IReadOnlyList<string>? MismatchLabelKeys { get; init; }
}

/// <summary>A weighted preference for nearness to pods.</summary>
[ApiType("io.k8s.api.core.v1.WeightedPodAffinityTerm")]
public sealed record WeightedPodAffinityTerm
{
    /// <summary>Weight of the wish, 1 to 100.</summary>
    [Field(1, Required = true)]
    public int Weight { get; init; }

    /// <summary>The pods that are meant.</summary>
    [Field(2, Required = true)]
    public PodAffinityTerm PodAffinityTerm { get; init; } = new();
}

/// <summary>A taint that a pod can live with, and for how many seconds.</summary>
[ApiType("io.k8s.api.core.v1.Toleration")]
public sealed record Toleration
{
    /// <summary>Key of the taint; empty, with the operator Exists, for all.</summary>
    [Field(1)]
    public string? Key { get; init; }

    /// <summary>Equal compares the value too; Exists takes any; Gt and Lt compare whole numbers. Default: Equal.</summary>
    [Field(2)]
    public string? Operator { get; init; }

    /// <summary>Value of the taint; empty for Exists.</summary>
    [Field(3)]
    public string? Value { get; init; }

    /// <summary>Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute; empty for all.</summary>
    [Field(4)]
    public string? Effect { get; init; }

    /// <summary>Seconds that the pod stays on a node with a NoExecute taint; 0 or less means none. Absent: for ever.</summary>
    [Field(5)]
    public long? TolerationSeconds { get; init; }
}

/// <summary>How evenly matching pods must be spread over a topology.</summary>
[ApiType("io.k8s.api.core.v1.TopologySpreadConstraint")]
public sealed record TopologySpreadConstraint
{
    /// <summary>By how many pods domains may differ; at least 1.</summary>
    [Field(1, Required = true)]
    public int MaxSkew { get; init; }

    /// <summary>Label of nodes whose value makes a topology domain, e.g. topology.kubernetes.io/zone.</summary>
    [Field(2, Required = true)]
    public string TopologyKey { get; init; } = "";

    /// <summary>What if no node will do: DoNotSchedule, or ScheduleAnyway, which then only prefers.</summary>
    [Field(3, Required = true)]
    public string WhenUnsatisfiable { get; init; } = "";

    /// <summary>Labels of the pods that are counted.</summary>
    [Field(4)]
    public LabelSelector? LabelSelector { get; init; }

    /// <summary>How many domains there must be; while there are fewer, the least count is taken as 0. Only with DoNotSchedule. Default: 1.</summary>
    [Field(5)]
    public int? MinDomains { get; init; }

    /// <summary>Whether nodes that nodeSelector and affinity exclude are left out: Honor or Ignore. Default: Honor.</summary>
    [Field(6)]
    public string? NodeAffinityPolicy { get; init; }

    /// <summary>Whether nodes whose taints the pod does not tolerate are left out: Honor or Ignore. Default: Ignore.</summary>
    [Field(7)]
    public string? NodeTaintsPolicy { get; init; }

    /// <summary>Keys of labels whose values the counted pods must share with this one.</summary>
    [Field(8, List = ListType.Atomic)]
    public IReadOnlyList<string>? MatchLabelKeys { get; init; }
}
