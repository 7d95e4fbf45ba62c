using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Runs one pod on every node that its template allows.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSet")]
[Kind("apps", "v1", "DaemonSet", "daemonsets", ShortNames = "ds", Categories = "all")]
public sealed record DaemonSet : KubeObject
{
    /// <summary>Which pod runs on each node, and how it is replaced.</summary>
    [Field(2)]
    public DaemonSetSpec? Spec { get; init; }

    /// <summary>On how many nodes that is reached.</summary>
    [Field(3)]
    public DaemonSetStatus? Status { get; init; }
}

/// <summary>Which pods the set runs, and how it changes them when the template changes.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetSpec")]
public sealed record DaemonSetSpec
{
    /// <summary>Labels by which the pods are found; the template must have them. Cannot be changed.</summary>
    [Field(1, Required = true)]
    public LabelSelector Selector { get; init; } = new();

    /// <summary>The pod that is made for each node that its nodeSelector, affinity and tolerations allow. Its restartPolicy must be Always.</summary>
    [Field(2, Required = true)]
    public PodTemplateSpec Template { get; init; } = new();

    /// <summary>How old pods are replaced by new ones when the template changes.</summary>
    [Field(3)]
    public DaemonSetUpdateStrategy? UpdateStrategy { get; init; }

    /// <summary>Seconds that a new pod must stay ready before it counts as available. Default: 0.</summary>
    [Field(4)]
    public int? MinReadySeconds { get; init; }

    /// <summary>How many old ControllerRevisions are kept for a rollback. Default: 10.</summary>
    [Field(6)]
    public int? RevisionHistoryLimit { get; init; }
}

/// <summary>Whether pods are replaced as the template changes (RollingUpdate) or only when somebody deletes them (OnDelete).</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetUpdateStrategy")]
public sealed record DaemonSetUpdateStrategy
{
    /// <summary>RollingUpdate replaces old pods step by step; OnDelete only those that somebody deletes. Default: RollingUpdate.</summary>
    [Field(1)]
    public string? Type { get; init; }

    /// <summary>The steps of a RollingUpdate.</summary>
    [Field(2)]
    public RollingUpdateDaemonSet? RollingUpdate { get; init; }
}

/// <summary>How many nodes may be without their pod, or have two, while the set is updated.</summary>
[ApiType("io.k8s.api.apps.v1.RollingUpdateDaemonSet")]
public sealed record RollingUpdateDaemonSet
{
    /// <summary>
    /// On how many nodes the pod may be missing during an update, as a number or a percentage of all, rounded up. Not 0 if
    /// maxSurge is. Default: 1.
    /// </summary>
    [Field(1)]
    public IntOrString? MaxUnavailable { get; init; }

    /// <summary>
    /// On how many nodes a new pod may run beside the old one during an update, as a number or a percentage of all, rounded up.
    /// Default: 0.
    /// </summary>
    [Field(2)]
    public IntOrString? MaxSurge { get; init; }
}

/// <summary>On how many nodes the pod should run, runs, is ready, is up to date, and runs without being wanted.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetStatus")]
public sealed record DaemonSetStatus
{
    /// <summary>How many nodes have the pod that are to have it.</summary>
    [Field(1, Required = true)]
    public int CurrentNumberScheduled { get; init; }

    /// <summary>How many nodes have the pod that are not to have it.</summary>
    [Field(2, Required = true)]
    public int NumberMisscheduled { get; init; }

    /// <summary>How many nodes are to have the pod.</summary>
    [Field(3, Required = true)]
    public int DesiredNumberScheduled { get; init; }

    /// <summary>How many nodes have a pod that is ready.</summary>
    [Field(4, Required = true)]
    public int NumberReady { get; init; }

    /// <summary>The metadata.generation that these figures belong to.</summary>
    [Field(5)]
    public long? ObservedGeneration { get; init; }

    /// <summary>How many nodes have a pod made from the present template.</summary>
    [Field(6)]
    public int? UpdatedNumberScheduled { get; init; }

    /// <summary>How many nodes have a pod that has been ready for minReadySeconds.</summary>
    [Field(7)]
    public int? NumberAvailable { get; init; }

    /// <summary>How many nodes are to have the pod and have none that is available.</summary>
    [Field(8)]
    public int? NumberUnavailable { get; init; }

    /// <summary>How often the name of a new ControllerRevision was taken; makes the next one another.</summary>
    [Field(9)]
    public int? CollisionCount { get; init; }

    /// <summary>What is known of the set.</summary>
    [Field(10, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<DaemonSetCondition>? Conditions { get; init; }
}

/// <summary>One observed aspect of a daemon set's state.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetCondition")]
public sealed record DaemonSetCondition
{
    /// <summary>What is observed.</summary>
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
