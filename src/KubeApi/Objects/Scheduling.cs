using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Preferences and requirements on the node and on the neighbours of a pod.</summary>
[ApiType("io.k8s.api.core.v1.Affinity")]
public sealed record Affinity
{
    [Field(1)]
    public NodeAffinity? NodeAffinity { get; init; }

    [Field(2)]
    public PodAffinity? PodAffinity { get; init; }

    [Field(3)]
    public PodAntiAffinity? PodAntiAffinity { get; init; }
}

/// <summary>Which nodes a pod needs or prefers.</summary>
[ApiType("io.k8s.api.core.v1.NodeAffinity")]
public sealed record NodeAffinity
{
    [Field(1)]
    public NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<PreferredSchedulingTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>A query over nodes: one of its terms must match.</summary>
[ApiType("io.k8s.api.core.v1.NodeSelector", Atomic = true)]
public sealed record NodeSelector
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<NodeSelectorTerm> NodeSelectorTerms { get; init; } = [];
}

/// <summary>A query over the labels and fields of a node: all its requirements must hold.</summary>
[ApiType("io.k8s.api.core.v1.NodeSelectorTerm", Atomic = true)]
public sealed record NodeSelectorTerm
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<NodeSelectorRequirement>? MatchExpressions { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<NodeSelectorRequirement>? MatchFields { get; init; }
}

/// <summary>One clause over a node's labels or fields.</summary>
[ApiType("io.k8s.api.core.v1.NodeSelectorRequirement")]
public sealed record NodeSelectorRequirement
{
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>A weighted preference for nodes.</summary>
[ApiType("io.k8s.api.core.v1.PreferredSchedulingTerm")]
public sealed record PreferredSchedulingTerm
{
    [Field(1, Required = true)]
    public int Weight { get; init; }

    [Field(2, Required = true)]
    public NodeSelectorTerm Preference { get; init; } = new();
}

/// <summary>Pods near which a pod needs or prefers to run.</summary>
[ApiType("io.k8s.api.core.v1.PodAffinity")]
public sealed record PodAffinity
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>Pods from which a pod needs or prefers to keep away.</summary>
[ApiType("io.k8s.api.core.v1.PodAntiAffinity")]
public sealed record PodAntiAffinity
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>A set of pods and the topology within which nearness is measured.</summary>
[ApiType("io.k8s.api.core.v1.PodAffinityTerm")]
public sealed record PodAffinityTerm
{
    [Field(1)]
    public LabelSelector? LabelSelector { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Namespaces { get; init; }

    [Field(3, Required = true)]
    public string TopologyKey { get; init; } = "";

    [Field(4)]
    public LabelSelector? NamespaceSelector { get; init; }

    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? MatchLabelKeys { get; init; }

    [Field(6, List = ListType.Atomic)]
    public IReadOnlyList<string>? MismatchLabelKeys { get; init; }
}

/// <summary>A weighted preference for nearness to pods.</summary>
[ApiType("io.k8s.api.core.v1.WeightedPodAffinityTerm")]
public sealed record WeightedPodAffinityTerm
{
    [Field(1, Required = true)]
    public int Weight { get; init; }

    [Field(2, Required = true)]
    public PodAffinityTerm PodAffinityTerm { get; init; } = new();
}

/// <summary>A taint that a pod can live with, and for how many seconds.</summary>
[ApiType("io.k8s.api.core.v1.Toleration")]
public sealed record Toleration
{
    [Field(1)]
    public string? Key { get; init; }

    [Field(2)]
    public string? Operator { get; init; }

    [Field(3)]
    public string? Value { get; init; }

    [Field(4)]
    public string? Effect { get; init; }

    [Field(5)]
    public long? TolerationSeconds { get; init; }
}

/// <summary>How evenly matching pods must be spread over a topology.</summary>
[ApiType("io.k8s.api.core.v1.TopologySpreadConstraint")]
public sealed record TopologySpreadConstraint
{
    [Field(1, Required = true)]
    public int MaxSkew { get; init; }

    [Field(2, Required = true)]
    public string TopologyKey { get; init; } = "";

    [Field(3, Required = true)]
    public string WhenUnsatisfiable { get; init; } = "";

    [Field(4)]
    public LabelSelector? LabelSelector { get; init; }

    [Field(5)]
    public int? MinDomains { get; init; }

    [Field(6)]
    public string? NodeAffinityPolicy { get; init; }

    [Field(7)]
    public string? NodeTaintsPolicy { get; init; }

    [Field(8, List = ListType.Atomic)]
    public IReadOnlyList<string>? MatchLabelKeys { get; init; }
}
