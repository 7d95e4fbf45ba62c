using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Runs a number of equal pods and replaces them step by step when their template changes.</summary>
[ApiType("io.k8s.api.apps.v1.Deployment")]
[Kind("apps", "v1", "Deployment", "deployments", ShortNames = "deploy", Categories = "all")]
public sealed record Deployment : KubeObject
{
    [Field(2)]
    public DeploymentSpec? Spec { get; init; }

    [Field(3)]
    public DeploymentStatus? Status { get; init; }
}

/// <summary>The wanted pods and the way in which old ones are replaced.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentSpec")]
public sealed record DeploymentSpec
{
    [Field(1)]
    public int? Replicas { get; init; }

    [Field(2, Required = true)]
    public LabelSelector Selector { get; init; } = new();

    [Field(3, Required = true)]
    public PodTemplateSpec Template { get; init; } = new();

    [Field(4, Patch = PatchStrategy.RetainKeys)]
    public DeploymentStrategy? Strategy { get; init; }

    [Field(5)]
    public int? MinReadySeconds { get; init; }

    [Field(6)]
    public int? RevisionHistoryLimit { get; init; }

    [Field(7)]
    public bool? Paused { get; init; }

    [Field(9)]
    public int? ProgressDeadlineSeconds { get; init; }
}

/// <summary>How far a Deployment has come.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentStatus")]
public sealed record DeploymentStatus
{
    [Field(1)]
    public long? ObservedGeneration { get; init; }

    [Field(2)]
    public int? Replicas { get; init; }

    [Field(3)]
    public int? UpdatedReplicas { get; init; }

    [Field(4)]
    public int? AvailableReplicas { get; init; }

    [Field(5)]
    public int? UnavailableReplicas { get; init; }

    [Field(6, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<DeploymentCondition>? Conditions { get; init; }

    [Field(7)]
    public int? ReadyReplicas { get; init; }

    [Field(8)]
    public int? CollisionCount { get; init; }

    [Field(9)]
    public int? TerminatingReplicas { get; init; }
}

/// <summary>One observed aspect of a Deployment: Available, Progressing or ReplicaFailure.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentCondition")]
public sealed record DeploymentCondition
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    [Field(4)]
    public string? Reason { get; init; }

    [Field(5)]
    public string? Message { get; init; }

    [Field(6)]
    public DateTime? LastUpdateTime { get; init; }

    [Field(7)]
    public DateTime? LastTransitionTime { get; init; }
}

/// <summary>How old pods are replaced: RollingUpdate or Recreate.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentStrategy")]
public sealed record DeploymentStrategy
{
    [Field(1)]
    public string? Type { get; init; }

    [Field(2)]
    public RollingUpdateDeployment? RollingUpdate { get; init; }
}

/// <summary>How many pods may be missing and how many too many while a Deployment is updated.</summary>
[ApiType("io.k8s.api.apps.v1.RollingUpdateDeployment")]
public sealed record RollingUpdateDeployment
{
    [Field(1)]
    public IntOrString? MaxUnavailable { get; init; }

    [Field(2)]
    public IntOrString? MaxSurge { get; init; }
}
