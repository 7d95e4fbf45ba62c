using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A machine that runs pods.</summary>
[ApiType("io.k8s.api.core.v1.Node")]
[Kind("", "v1", "Node", "nodes", Namespaced = false, ShortNames = "no")]
public sealed record Node : KubeObject
{
    [Field(2)]
    public NodeSpec? Spec { get; init; }

    [Field(3)]
    public NodeStatus? Status { get; init; }
}

/// <summary>What is decided about a node: its pod address range, taints, and whether new pods may go there.</summary>
[ApiType("io.k8s.api.core.v1.NodeSpec")]
public sealed record NodeSpec
{
    [Field(1)]
    public string? PodCIDR { get; init; }

    [Field(2)]
    public string? ExternalID { get; init; }

    [Field(3)]
    public string? ProviderID { get; init; }

    [Field(4)]
    public bool? Unschedulable { get; init; }

    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<Taint>? Taints { get; init; }

    [Field(6)]
    public NodeConfigSource? ConfigSource { get; init; }

    [Field(7, Patch = PatchStrategy.Merge, List = ListType.Set)]
    public IReadOnlyList<string>? PodCIDRs { get; init; }
}

/// <summary>Keeps pods that do not tolerate it off a node, or drives them away from it.</summary>
[ApiType("io.k8s.api.core.v1.Taint")]
public sealed record Taint
{
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    [Field(2)]
    public string? Value { get; init; }

    [Field(3, Required = true)]
    public string Effect { get; init; } = "";

    [Field(4)]
    public DateTime? TimeAdded { get; init; }
}

/// <summary>Formerly the source of a node's configuration; kept for the wire only.</summary>
[ApiType("io.k8s.api.core.v1.NodeConfigSource")]
public sealed record NodeConfigSource
{
    [Field(2)]
    public ConfigMapNodeConfigSource? ConfigMap { get; init; }
}

/// <summary>Formerly names the ConfigMap with a node's configuration; kept for the wire only.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapNodeConfigSource")]
public sealed record ConfigMapNodeConfigSource
{
    [Field(1, Required = true)]
    public string Namespace { get; init; } = "";

    [Field(2, Required = true)]
    public string Name { get; init; } = "";

    [Field(3)]
    public string? Uid { get; init; }

    [Field(4)]
    public string? ResourceVersion { get; init; }

    [Field(5, Required = true)]
    public string KubeletConfigKey { get; init; } = "";
}
