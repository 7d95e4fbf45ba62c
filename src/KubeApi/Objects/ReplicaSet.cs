using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Keeps a number of equal pods running; usually owned by a Deployment.</summary>
[ApiType("io.k8s.api.apps.v1.ReplicaSet")]
[Kind("apps", "v1", "ReplicaSet", "replicasets", ShortNames = "rs", Categories = "all")]
public sealed record ReplicaSet : KubeObject
{
    [Field(2)]
    public ReplicaSetSpec? Spec { get; init; }

    [Field(3)]
    public ReplicaSetStatus? Status { get; init; }
}

/// <summary>How many pods, which ones, and the template for new ones.</summary>
[ApiType("io.k8s.api.apps.v1.ReplicaSetSpec")]
public sealed record ReplicaSetSpec
{
    [Field(1)]
    public int? Replicas { get; init; }

    [Field(2, Required = true)]
    public LabelSelector Selector { get; init; } = new();

    [Field(3)]
    public PodTemplateSpec? Template { get; init; }

    [Field(4)]
    public int? MinReadySeconds { get; init; }
}

/// <summary>How many pods a ReplicaSet has and how many of them are ready.</summary>
[ApiType("io.k8s.api.apps.v1.ReplicaSetStatus")]
public sealed record ReplicaSetStatus
{
    [Field(1, Required = true)]
    public int Replicas { get; init; }

    [Field(2)]
    public int? FullyLabeledReplicas { get; init; }

    [Field(3)]
    public long? ObservedGeneration { get; init; }

    [Field(4)]
    public int? ReadyReplicas { get; init; }

    [Field(5)]
    public int? AvailableReplicas { get; init; }

    [Field(6, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<ReplicaSetCondition>? Conditions { get; init; }

    [Field(7)]
    public int? TerminatingReplicas { get; init; }
}

/// <summary>One observed aspect of a ReplicaSet, such as ReplicaFailure.</summary>
[ApiType("io.k8s.api.apps.v1.ReplicaSetCondition")]
public sealed record ReplicaSetCondition
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    [Field(3)]
    public DateTime? LastTransitionTime { get; init; }

    [Field(4)]
    public string? Reason { get; init; }

    [Field(5)]
    public string? Message { get; init; }
}
