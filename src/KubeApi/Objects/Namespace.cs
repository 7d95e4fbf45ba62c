using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A scope for names; deleting it deletes everything in it.</summary>
[ApiType("io.k8s.api.core.v1.Namespace")]
[Kind("", "v1", "Namespace", "namespaces", Namespaced = false, ShortNames = "ns")]
public sealed record Namespace : KubeObject
{
    /// <summary>Who must agree to the end of the namespace.</summary>
    [Field(2)]
    public NamespaceSpec? Spec { get; init; }

    /// <summary>Whether the namespace is in use or ends.</summary>
    [Field(3)]
    public NamespaceStatus? Status { get; init; }
}

/// <summary>The finalizers that must be gone before the namespace is removed.</summary>
[ApiType("io.k8s.api.core.v1.NamespaceSpec")]
public sealed record NamespaceSpec
{
    /// <summary>Names of those who must empty the namespace before it may go. Default: kubernetes.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Finalizers { get; init; }
}

/// <summary>Whether the namespace is Active or Terminating.</summary>
[ApiType("io.k8s.api.core.v1.NamespaceStatus")]
public sealed record NamespaceStatus
{
    /// <summary>Active, or Terminating once its deletion was requested.</summary>
    [Field(1)]
    public string? Phase { get; init; }

    /// <summary>What keeps a terminating namespace from going.</summary>
    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<NamespaceCondition>? Conditions { get; init; }
}

/// <summary>One observed aspect of a namespace's state, chiefly of its removal.</summary>
[ApiType("io.k8s.api.core.v1.NamespaceCondition")]
public sealed record NamespaceCondition
{
    /// <summary>What is observed, e.g. NamespaceContentRemaining or NamespaceFinalizersRemaining.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    /// <summary>When the status last changed.</summary>
    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    /// <summary>Why, as one word for programs.</summary>
    [Field(5)]
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    [Field(6)]
    public string? Message { get; init; }
}
