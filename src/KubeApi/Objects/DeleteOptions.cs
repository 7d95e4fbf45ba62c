using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>How to delete: grace period in seconds, what happens to dependents, and what must hold for it to happen at all.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")]
public sealed record DeleteOptions : KubeType
{
    [Field(1)]
    public long? GracePeriodSeconds { get; init; }

    [Field(2)]
    public Preconditions? Preconditions { get; init; }

    [Field(3)]
    public bool? OrphanDependents { get; init; }

    [Field(4)]
    public string? PropagationPolicy { get; init; }

    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? DryRun { get; init; }

    [Field(6)]
    public bool? IgnoreStoreReadErrorWithClusterBreakingPotential { get; init; }
}

/// <summary>What must be true of an object for an operation to go ahead; otherwise the answer is 409 Conflict.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions")]
public sealed record Preconditions
{
    [Field(1)]
    public string? Uid { get; init; }

    [Field(2)]
    public string? ResourceVersion { get; init; }
}
