using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Runs one pod on every node that its template allows.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSet")]
[Kind("apps", "v1", "DaemonSet", "daemonsets", ShortNames = "ds", Categories = "all")]
public sealed record DaemonSet : KubeObject
{
    [Field(2)]
    public DaemonSetSpec? Spec { get; init; }

    [Field(3)]
    public DaemonSetStatus? Status { get; init; }
}

/// <summary>Which pods the set runs, and how it changes them when the template changes.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetSpec")]
public sealed record DaemonSetSpec
{
    [Field(1, Required = true)]
    public LabelSelector Selector { get; init; } = new();

    [Field(2, Required = true)]
    public PodTemplateSpec Template { get; init; } = new();

    [Field(3)]
    public DaemonSetUpdateStrategy? UpdateStrategy { get; init; }

    [Field(4)]
    public int? MinReadySeconds { get; init; }

    [Field(6)]
    public int? RevisionHistoryLimit { get; init; }
}

/// <summary>Whether pods are replaced as the template changes (RollingUpdate) or only when somebody deletes them (OnDelete).</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetUpdateStrategy")]
public sealed record DaemonSetUpdateStrategy
{
    [Field(1)]
    public string? Type { get; init; }

    [Field(2)]
    public RollingUpdateDaemonSet? RollingUpdate { get; init; }
}

/// <summary>How many nodes may be without their pod, or have two, while the set is updated.</summary>
[ApiType("io.k8s.api.apps.v1.RollingUpdateDaemonSet")]
public sealed record RollingUpdateDaemonSet
{
    [Field(1)]
    public IntOrString? MaxUnavailable { get; init; }

    [Field(2)]
    public IntOrString? MaxSurge { get; init; }
}

/// <summary>On how many nodes the pod should run, runs, is ready, is up to date, and runs without being wanted.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetStatus")]
public sealed record DaemonSetStatus
{
    [Field(1, Required = true)]
    public int CurrentNumberScheduled { get; init; }

    [Field(2, Required = true)]
    public int NumberMisscheduled { get; init; }

    [Field(3, Required = true)]
    public int DesiredNumberScheduled { get; init; }

    [Field(4, Required = true)]
    public int NumberReady { get; init; }

    [Field(5)]
    public long? ObservedGeneration { get; init; }

    [Field(6)]
    public int? UpdatedNumberScheduled { get; init; }

    [Field(7)]
    public int? NumberAvailable { get; init; }

    [Field(8)]
    public int? NumberUnavailable { get; init; }

    [Field(9)]
    public int? CollisionCount { get; init; }

    [Field(10, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<DaemonSetCondition>? Conditions { get; init; }
}

/// <summary>One observed aspect of a daemon set's state.</summary>
[ApiType("io.k8s.api.apps.v1.DaemonSetCondition")]
public sealed record DaemonSetCondition
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
