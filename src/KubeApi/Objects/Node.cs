using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A machine that runs pods.</summary>
[ApiType("io.k8s.api.core.v1.Node")]
[Kind("", "v1", "Node", "nodes", Namespaced = false, ShortNames = "no")]
public sealed record Node : KubeObject
{
    /// <summary>How the node is to be used.</summary>
    [Field(2)]
    public NodeSpec? Spec { get; init; }

    /// <summary>What is known of the node; written by its agent.</summary>
    [Field(3)]
    public NodeStatus? Status { get; init; }
}

/// <summary>What is decided about a node: its pod address range, taints, and whether new pods may go there.</summary>
[ApiType("io.k8s.api.core.v1.NodeSpec")]
public sealed record NodeSpec
{
    /// <summary>Network from which pods of the node get their addresses.</summary>
    [Field(1)]
    public string? PodCIDR { get; init; }

    /// <summary>Formerly the identity at a provider. No longer used.</summary>
    [Field(2)]
    public string? ExternalID { get; init; }

    /// <summary>Identity of the machine at its provider, as PROVIDER://ID.</summary>
    [Field(3)]
    public string? ProviderID { get; init; }

    /// <summary>True keeps new pods away, as kubectl cordon does. Default: false.</summary>
    [Field(4)]
    public bool? Unschedulable { get; init; }

    /// <summary>Marks that keep away, or drive out, pods that do not tolerate them.</summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<Taint>? Taints { get; init; }

    /// <summary>Formerly the source of the kubelet's settings. No longer used.</summary>
    [Field(6)]
    public NodeConfigSource? ConfigSource { get; init; }

    /// <summary>Networks from which pods of the node get their addresses, at most one of each IP family; the first is the podCIDR.</summary>
    [Field(7, Patch = PatchStrategy.Merge, List = ListType.Set)]
    public IReadOnlyList<string>? PodCIDRs { get; init; }
}

/// <summary>Keeps pods that do not tolerate it off a node, or drives them away from it.</summary>
[ApiType("io.k8s.api.core.v1.Taint")]
public sealed record Taint
{
    /// <summary>Key of the taint.</summary>
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>Value of the taint.</summary>
    [Field(2)]
    public string? Value { get; init; }

    /// <summary>NoSchedule keeps new pods away, PreferNoSchedule does if it can, NoExecute also ends those that run.</summary>
    [Field(3, Required = true)]
    public string Effect { get; init; } = "";

    /// <summary>When the taint was set.</summary>
    [Field(4)]
    public DateTime? TimeAdded { get; init; }
}

/// <summary>Formerly the source of a node's configuration; kept for the wire only.</summary>
[ApiType("io.k8s.api.core.v1.NodeConfigSource")]
public sealed record NodeConfigSource
{
    /// <summary>The ConfigMap with the settings.</summary>
    [Field(2)]
    public ConfigMapNodeConfigSource? ConfigMap { get; init; }
}

/// <summary>Formerly names the ConfigMap with a node's configuration; kept for the wire only.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapNodeConfigSource")]
public sealed record ConfigMapNodeConfigSource
{
    /// <summary>Namespace of the ConfigMap.</summary>
    [Field(1, Required = true)]
    public string Namespace { get; init; } = "";

    /// <summary>Name of the ConfigMap.</summary>
    [Field(2, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Uid of the ConfigMap; in the status only.</summary>
    [Field(3)]
    public string? Uid { get; init; }

    /// <summary>Version of the ConfigMap; in the status only.</summary>
    [Field(4)]
    public string? ResourceVersion { get; init; }

    /// <summary>Key with the settings.</summary>
    [Field(5, Required = true)]
    public string KubeletConfigKey { get; init; } = "";
}
