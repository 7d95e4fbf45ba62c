using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Keeps a number of equal pods running; the older form of a ReplicaSet.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationController")]
[Kind("", "v1", "ReplicationController", "replicationcontrollers", ShortNames = "rc", Categories = "all")]
public sealed record ReplicationController : KubeObject
{
    [Field(2)]
    public ReplicationControllerSpec? Spec { get; init; }

    [Field(3)]
    public ReplicationControllerStatus? Status { get; init; }
}

/// <summary>How many pods, which ones, and the template for new ones.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationControllerSpec")]
public sealed record ReplicationControllerSpec
{
    [Field(1)]
    public int? Replicas { get; init; }

    [Field(2, AtomicMap = true)]
    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    [Field(3)]
    public PodTemplateSpec? Template { get; init; }

    [Field(4)]
    public int? MinReadySeconds { get; init; }
}

/// <summary>How many pods a ReplicationController has and how many of them are ready.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationControllerStatus")]
public sealed record ReplicationControllerStatus
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
    public IReadOnlyList<ReplicationControllerCondition>? Conditions { get; init; }
}

/// <summary>One observed aspect of a ReplicationController, such as ReplicaFailure.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationControllerCondition")]
public sealed record ReplicationControllerCondition
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
