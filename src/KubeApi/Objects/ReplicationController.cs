using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Keeps a number of equal pods running; the older form of a ReplicaSet.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationController")]
[Kind("", "v1", "ReplicationController", "replicationcontrollers", ShortNames = "rc", Categories = "all")]
public sealed record ReplicationController : KubeObject
{
    /// <summary>How many pods there are to be, and of what sort.</summary>
    [Field(2)]
    public ReplicationControllerSpec? Spec { get; init; }

    /// <summary>How far that is reached.</summary>
    [Field(3)]
    public ReplicationControllerStatus? Status { get; init; }
}

/// <summary>How many pods, which ones, and the template for new ones.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationControllerSpec")]
public sealed record ReplicationControllerSpec
{
    /// <summary>How many pods there are to be. Default: 1.</summary>
    [Field(1)]
    public int? Replicas { get; init; }

    /// <summary>Labels by which the pods are found; the template must have them. Default: the labels of the template.</summary>
    [Field(2, AtomicMap = true)]
    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    /// <summary>The pods that are made where some are missing. Their restartPolicy must be Always.</summary>
    [Field(3)]
    public PodTemplateSpec? Template { get; init; }

    /// <summary>Seconds that a new pod must stay ready before it counts as available. Default: 0.</summary>
    [Field(4)]
    public int? MinReadySeconds { get; init; }
}

/// <summary>How many pods a ReplicationController has and how many of them are ready.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationControllerStatus")]
public sealed record ReplicationControllerStatus
{
    /// <summary>How many pods there are that do not end.</summary>
    [Field(1, Required = true)]
    public int Replicas { get; init; }

    /// <summary>How many of them have all labels of the template.</summary>
    [Field(2)]
    public int? FullyLabeledReplicas { get; init; }

    /// <summary>The metadata.generation that these figures belong to.</summary>
    [Field(3)]
    public long? ObservedGeneration { get; init; }

    /// <summary>How many of them are ready.</summary>
    [Field(4)]
    public int? ReadyReplicas { get; init; }

    /// <summary>How many of them have been ready for minReadySeconds.</summary>
    [Field(5)]
    public int? AvailableReplicas { get; init; }

    /// <summary>What is known of the controller; ReplicaFailure if pods could not be made or deleted.</summary>
    [Field(6, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<ReplicationControllerCondition>? Conditions { get; init; }
}

/// <summary>One observed aspect of a ReplicationController, such as ReplicaFailure.</summary>
[ApiType("io.k8s.api.core.v1.ReplicationControllerCondition")]
public sealed record ReplicationControllerCondition
{
    /// <summary>What is observed, e.g. ReplicaFailure.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    /// <summary>When the status last changed.</summary>
    [Field(3)]
    public DateTime? LastTransitionTime { get; init; }

    /// <summary>Why, as one word for programs.</summary>
    [Field(4)]
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    [Field(5)]
    public string? Message { get; init; }
}
