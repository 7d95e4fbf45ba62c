using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Runs pods until a given number of them has succeeded.</summary>
[ApiType("io.k8s.api.batch.v1.Job")]
[Kind("batch", "v1", "Job", "jobs", Categories = "all")]
public sealed record Job : KubeObject
{
    [Field(2)]
    public JobSpec? Spec { get; init; }

    [Field(3)]
    public JobStatus? Status { get; init; }
}

/// <summary>How many pods must succeed, how many run at once, how often failures are tried again, and the pods' template.</summary>
[ApiType("io.k8s.api.batch.v1.JobSpec")]
public sealed record JobSpec
{
    [Field(1)]
    public int? Parallelism { get; init; }

    [Field(2)]
    public int? Completions { get; init; }

    [Field(3)]
    public long? ActiveDeadlineSeconds { get; init; }

    [Field(4)]
    public LabelSelector? Selector { get; init; }

    [Field(5)]
    public bool? ManualSelector { get; init; }

    [Field(6, Required = true)]
    public PodTemplateSpec Template { get; init; } = new();

    [Field(7)]
    public int? BackoffLimit { get; init; }

    [Field(8)]
    public int? TtlSecondsAfterFinished { get; init; }

    [Field(9)]
    public string? CompletionMode { get; init; }

    [Field(10)]
    public bool? Suspend { get; init; }

    [Field(11)]
    public PodFailurePolicy? PodFailurePolicy { get; init; }

    [Field(12)]
    public int? BackoffLimitPerIndex { get; init; }

    [Field(13)]
    public int? MaxFailedIndexes { get; init; }

    [Field(14)]
    public string? PodReplacementPolicy { get; init; }

    [Field(15)]
    public string? ManagedBy { get; init; }

    [Field(16)]
    public SuccessPolicy? SuccessPolicy { get; init; }
}

/// <summary>Rules that decide what a failed pod means for its job.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicy")]
public sealed record PodFailurePolicy
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<PodFailurePolicyRule> Rules { get; init; } = [];
}

/// <summary>What to do with a failed pod that matches its exit codes or its conditions.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicyRule")]
public sealed record PodFailurePolicyRule
{
    [Field(1, Required = true)]
    public string Action { get; init; } = "";

    [Field(2)]
    public PodFailurePolicyOnExitCodesRequirement? OnExitCodes { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<PodFailurePolicyOnPodConditionsPattern>? OnPodConditions { get; init; }
}

/// <summary>Matches failed pods by the exit codes of their containers.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement")]
public sealed record PodFailurePolicyOnExitCodesRequirement
{
    [Field(1)]
    public string? ContainerName { get; init; }

    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    [Field(3, Required = true, List = ListType.Set)]
    public IReadOnlyList<int> Values { get; init; } = [];
}

/// <summary>Matches failed pods by one condition.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern")]
public sealed record PodFailurePolicyOnPodConditionsPattern
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2)]
    public string? Status { get; init; }
}

/// <summary>Rules by which an indexed job has succeeded before all its indexes have.</summary>
[ApiType("io.k8s.api.batch.v1.SuccessPolicy")]
public sealed record SuccessPolicy
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<SuccessPolicyRule> Rules { get; init; } = [];
}

/// <summary>The indexes, or their number, that must succeed.</summary>
[ApiType("io.k8s.api.batch.v1.SuccessPolicyRule")]
public sealed record SuccessPolicyRule
{
    [Field(1)]
    public string? SucceededIndexes { get; init; }

    [Field(2)]
    public int? SucceededCount { get; init; }
}

/// <summary>How many of the job's pods run, succeeded and failed, and whether the job has ended.</summary>
[ApiType("io.k8s.api.batch.v1.JobStatus")]
public sealed record JobStatus
{
    [Field(1, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Atomic)]
    public IReadOnlyList<JobCondition>? Conditions { get; init; }

    [Field(2)]
    public DateTime? StartTime { get; init; }

    [Field(3)]
    public DateTime? CompletionTime { get; init; }

    [Field(4)]
    public int? Active { get; init; }

    [Field(5)]
    public int? Succeeded { get; init; }

    [Field(6)]
    public int? Failed { get; init; }

    [Field(7)]
    public string? CompletedIndexes { get; init; }

    [Field(8)]
    public UncountedTerminatedPods? UncountedTerminatedPods { get; init; }

    [Field(9)]
    public int? Ready { get; init; }

    [Field(10)]
    public string? FailedIndexes { get; init; }

    [Field(11)]
    public int? Terminating { get; init; }
}

/// <summary>One observed aspect of a job's state: Complete, Failed, Suspended, SuccessCriteriaMet or FailureTarget.</summary>
[ApiType("io.k8s.api.batch.v1.JobCondition")]
public sealed record JobCondition
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    [Field(3)]
    public DateTime? LastProbeTime { get; init; }

    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    [Field(5)]
    public string? Reason { get; init; }

    [Field(6)]
    public string? Message { get; init; }
}

/// <summary>Pods that ended and whose finalizer is still to be removed before they count.</summary>
[ApiType("io.k8s.api.batch.v1.UncountedTerminatedPods")]
public sealed record UncountedTerminatedPods
{
    [Field(1, List = ListType.Set)]
    public IReadOnlyList<string>? Succeeded { get; init; }

    [Field(2, List = ListType.Set)]
    public IReadOnlyList<string>? Failed { get; init; }
}
