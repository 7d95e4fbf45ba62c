using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>How to delete: grace period in seconds, what happens to dependents, and what must hold for it to happen at all.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")]
public sealed record DeleteOptions : KubeType
{
    /// <summary>Seconds that the object may take to end; 0 means at once. Absent: the default of the object or of its kind.</summary>
    [Field(1)]
    public long? GracePeriodSeconds { get; init; }

    /// <summary>What must be true of the object; if it is not, nothing is deleted and the answer is 409 Conflict.</summary>
    [Field(2)]
    public Preconditions? Preconditions { get; init; }

    /// <summary>
    /// Deprecated, use propagationPolicy: true leaves the dependents and takes this owner from them, false has them deleted.
    /// Only one of both may be set.
    /// </summary>
    [Field(3)]
    public bool? OrphanDependents { get; init; }

    /// <summary>
    /// What becomes of objects that belong to this one: Orphan leaves them, Background deletes them afterwards, Foreground
    /// deletes them first. Default depends on the finalizers and the kind.
    /// </summary>
    [Field(4)]
    public string? PropagationPolicy { get; init; }

    /// <summary>With the only value All, everything is checked and answered as usual, but nothing is deleted.</summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? DryRun { get; init; }

    /// <summary>Deletes an object even if it cannot be read from the store, without finalizers and graceful end. Dangerous. Default: false.</summary>
    [Field(6)]
    public bool? IgnoreStoreReadErrorWithClusterBreakingPotential { get; init; }
}

/// <summary>What must be true of an object for an operation to go ahead; otherwise the answer is 409 Conflict.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions")]
public sealed record Preconditions
{
    /// <summary>The uid that the object must have.</summary>
    [Field(1)]
    public string? Uid { get; init; }

    /// <summary>The resourceVersion that the object must have.</summary>
    [Field(2)]
    public string? ResourceVersion { get; init; }
}
