using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A scope for names; deleting it deletes everything in it.</summary>
[ApiType("io.k8s.api.core.v1.Namespace")]
[Kind("", "v1", "Namespace", "namespaces", Namespaced = false, ShortNames = "ns")]
public sealed record Namespace : KubeObject
{
    [Field(2)]
    public NamespaceSpec? Spec { get; init; }

    [Field(3)]
    public NamespaceStatus? Status { get; init; }
}

/// <summary>The finalizers that must be gone before the namespace is removed.</summary>
[ApiType("io.k8s.api.core.v1.NamespaceSpec")]
public sealed record NamespaceSpec
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Finalizers { get; init; }
}

/// <summary>Whether the namespace is Active or Terminating.</summary>
[ApiType("io.k8s.api.core.v1.NamespaceStatus")]
public sealed record NamespaceStatus
{
    [Field(1)]
    public string? Phase { get; init; }

    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<NamespaceCondition>? Conditions { get; init; }
}

/// <summary>One observed aspect of a namespace's state, chiefly of its removal.</summary>
[ApiType("io.k8s.api.core.v1.NamespaceCondition")]
public sealed record NamespaceCondition
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    [Field(5)]
    public string? Reason { get; init; }

    [Field(6)]
    public string? Message { get; init; }
}
