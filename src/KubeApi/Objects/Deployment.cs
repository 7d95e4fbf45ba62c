using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Runs a number of equal pods and replaces them step by step when their template changes.</summary>
[ApiType("io.k8s.api.apps.v1.Deployment")]
[Kind("apps", "v1", "Deployment", "deployments", ShortNames = "deploy", Categories = "all")]
public sealed record Deployment : KubeObject
{
    /// <summary>How many pods there are to be, of what sort, and how they are replaced.</summary>
    [Field(2)]
    public DeploymentSpec? Spec { get; init; }

    /// <summary>How far that is reached.</summary>
    [Field(3)]
    public DeploymentStatus? Status { get; init; }
}

/// <summary>The wanted pods and the way in which old ones are replaced.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentSpec")]
public sealed record DeploymentSpec
{
    /// <summary>How many pods there are to be. Default: 1.</summary>
    [Field(1)]
    public int? Replicas { get; init; }

    /// <summary>Labels by which the pods are found; the template must have them. Cannot be changed.</summary>
    [Field(2, Required = true)]
    public LabelSelector Selector { get; init; } = new();

    /// <summary>The pods that are made. Their restartPolicy must be Always.</summary>
    [Field(3, Required = true)]
    public PodTemplateSpec Template { get; init; } = new();

    /// <summary>How old pods are replaced by new ones when the template changes.</summary>
    [Field(4, Patch = PatchStrategy.RetainKeys)]
    public DeploymentStrategy? Strategy { get; init; }

    /// <summary>Seconds that a new pod must stay ready before it counts as available. Default: 0.</summary>
    [Field(5)]
    public int? MinReadySeconds { get; init; }

    /// <summary>How many old ReplicaSets are kept for a rollback. Default: 10.</summary>
    [Field(6)]
    public int? RevisionHistoryLimit { get; init; }

    /// <summary>True holds back rollouts; a change of the template then waits. Default: false.</summary>
    [Field(7)]
    public bool? Paused { get; init; }

    /// <summary>Seconds without progress after which a rollout is reported as failed; it is tried further all the same. Default: 600.</summary>
    [Field(9)]
    public int? ProgressDeadlineSeconds { get; init; }
}

/// <summary>How far a Deployment has come.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentStatus")]
public sealed record DeploymentStatus
{
    /// <summary>The metadata.generation that these figures belong to.</summary>
    [Field(1)]
    public long? ObservedGeneration { get; init; }

    /// <summary>How many pods there are that do not end.</summary>
    [Field(2)]
    public int? Replicas { get; init; }

    /// <summary>How many of them are made from the present template.</summary>
    [Field(3)]
    public int? UpdatedReplicas { get; init; }

    /// <summary>How many of them have been ready for minReadySeconds.</summary>
    [Field(4)]
    public int? AvailableReplicas { get; init; }

    /// <summary>How many are still missing until all wanted ones are available.</summary>
    [Field(5)]
    public int? UnavailableReplicas { get; init; }

    /// <summary>What is known of the rollout: Available, Progressing, ReplicaFailure.</summary>
    [Field(6, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<DeploymentCondition>? Conditions { get; init; }

    /// <summary>How many of them are ready.</summary>
    [Field(7)]
    public int? ReadyReplicas { get; init; }

    /// <summary>How often the name of a new ReplicaSet was taken; makes the next one another.</summary>
    [Field(8)]
    public int? CollisionCount { get; init; }

    /// <summary>How many pods end at present.</summary>
    [Field(9)]
    public int? TerminatingReplicas { get; init; }
}

/// <summary>One observed aspect of a Deployment: Available, Progressing or ReplicaFailure.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentCondition")]
public sealed record DeploymentCondition
{
    /// <summary>What is observed: Available, Progressing or ReplicaFailure.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    /// <summary>Why, as one word for programs.</summary>
    [Field(4)]
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    [Field(5)]
    public string? Message { get; init; }

    /// <summary>When the condition was last written.</summary>
    [Field(6)]
    public DateTime? LastUpdateTime { get; init; }

    /// <summary>When the status last changed.</summary>
    [Field(7)]
    public DateTime? LastTransitionTime { get; init; }
}

/// <summary>How old pods are replaced: RollingUpdate or Recreate.</summary>
[ApiType("io.k8s.api.apps.v1.DeploymentStrategy")]
public sealed record DeploymentStrategy
{
    /// <summary>Recreate ends all old pods before new ones are made; RollingUpdate does it step by step. Default: RollingUpdate.</summary>
    [Field(1)]
    public string? Type { get; init; }

    /// <summary>The steps of a RollingUpdate.</summary>
    [Field(2)]
    public RollingUpdateDeployment? RollingUpdate { get; init; }
}

/// <summary>How many pods may be missing and how many too many while a Deployment is updated.</summary>
[ApiType("io.k8s.api.apps.v1.RollingUpdateDeployment")]
public sealed record RollingUpdateDeployment
{
    /// <summary>
    /// How many pods may be missing during a rollout, as a number or a percentage, rounded down. Not 0 if maxSurge is. Default:
    /// 25 percent.
    /// </summary>
    [Field(1)]
    public IntOrString? MaxUnavailable { get; init; }

    /// <summary>
    /// How many pods may be there beyond the wanted number during a rollout, as a number or a percentage, rounded up. Not 0 if
    /// maxUnavailable is. Default: 25 percent.
    /// </summary>
    [Field(2)]
    public IntOrString? MaxSurge { get; init; }
}
