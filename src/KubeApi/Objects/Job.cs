using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Runs pods until a given number of them has succeeded.</summary>
[ApiType("io.k8s.api.batch.v1.Job")]
[Kind("batch", "v1", "Job", "jobs", Categories = "all")]
public sealed record Job : KubeObject
{
    /// <summary>What is to be done, how often, and when to give up.</summary>
    [Field(2)]
    public JobSpec? Spec { get; init; }

    /// <summary>How far it has come.</summary>
    [Field(3)]
    public JobStatus? Status { get; init; }
}

/// <summary>How many pods must succeed, how many run at once, how often failures are tried again, and the pods' template.</summary>
[ApiType("io.k8s.api.batch.v1.JobSpec")]
public sealed record JobSpec
{
    /// <summary>How many pods may run at the same time. Default: 1.</summary>
    [Field(1)]
    public int? Parallelism { get; init; }

    /// <summary>How many pods must succeed. Absent while parallelism is set: the first success ends the Job. Default without both: 1.</summary>
    [Field(2)]
    public int? Completions { get; init; }

    /// <summary>Seconds after which the Job is ended as failed, counted from its start.</summary>
    [Field(3)]
    public long? ActiveDeadlineSeconds { get; init; }

    /// <summary>Labels by which the pods are found. Chosen by the server, unless manualSelector is true.</summary>
    [Field(4)]
    public LabelSelector? Selector { get; init; }

    /// <summary>True if the author of the Job chooses the selector and labels that fit no other pods. Default: false.</summary>
    [Field(5)]
    public bool? ManualSelector { get; init; }

    /// <summary>The pods that are made. Their restartPolicy must be Never or OnFailure.</summary>
    [Field(6, Required = true)]
    public PodTemplateSpec Template { get; init; } = new();

    /// <summary>How many failures of pods are borne before the Job fails. Default: 6, or no limit if backoffLimitPerIndex is set.</summary>
    [Field(7)]
    public int? BackoffLimit { get; init; }

    /// <summary>Seconds after its end at which the Job is deleted with its pods; 0 at once. Absent: never.</summary>
    [Field(8)]
    public int? TtlSecondsAfterFinished { get; init; }

    /// <summary>
    /// NonIndexed: any completions successes will do. Indexed: each number from 0 to completions-1 must succeed once. Default:
    /// NonIndexed.
    /// </summary>
    [Field(9)]
    public string? CompletionMode { get; init; }

    /// <summary>True makes no pods and ends those that run. Default: false.</summary>
    [Field(10)]
    public bool? Suspend { get; init; }

    /// <summary>Which failures of pods end the Job, are ignored or count. Absent: all count.</summary>
    [Field(11)]
    public PodFailurePolicy? PodFailurePolicy { get; init; }

    /// <summary>How many failures of one index are borne before the index fails. Only with Indexed.</summary>
    [Field(12)]
    public int? BackoffLimitPerIndex { get; init; }

    /// <summary>How many indexes may fail before the Job does. Only with backoffLimitPerIndex.</summary>
    [Field(13)]
    public int? MaxFailedIndexes { get; init; }

    /// <summary>
    /// When a pod is replaced: TerminatingOrFailed, as soon as it begins to end, or Failed, only when it has ended. Default:
    /// TerminatingOrFailed; with a podFailurePolicy Failed.
    /// </summary>
    [Field(14)]
    public string? PodReplacementPolicy { get; init; }

    /// <summary>Name of the controller that cares for the Job, with a domain. Cannot be changed. Default: kubernetes.io/job-controller.</summary>
    [Field(15)]
    public string? ManagedBy { get; init; }

    /// <summary>When the Job has succeeded before all indexes have. Only with Indexed.</summary>
    [Field(16)]
    public SuccessPolicy? SuccessPolicy { get; init; }
}

/// <summary>Rules that decide what a failed pod means for its job.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicy")]
public sealed record PodFailurePolicy
{
    /// <summary>Tried in their order; the first that fits decides. At most 20.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<PodFailurePolicyRule> Rules { get; init; } = [];
}

/// <summary>What to do with a failed pod that matches its exit codes or its conditions.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicyRule")]
public sealed record PodFailurePolicyRule
{
    /// <summary>What follows: FailJob, FailIndex, Ignore (does not count) or Count.</summary>
    [Field(1, Required = true)]
    public string Action { get; init; } = "";

    /// <summary>Fits by exit codes of containers. Either this or onPodConditions.</summary>
    [Field(2)]
    public PodFailurePolicyOnExitCodesRequirement? OnExitCodes { get; init; }

    /// <summary>Fits by conditions of the pod, any of these. Either this or onExitCodes; at most 20.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<PodFailurePolicyOnPodConditionsPattern>? OnPodConditions { get; init; }
}

/// <summary>Matches failed pods by the exit codes of their containers.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement")]
public sealed record PodFailurePolicyOnExitCodesRequirement
{
    /// <summary>The container that is looked at. Absent: all.</summary>
    [Field(1)]
    public string? ContainerName { get; init; }

    /// <summary>In: an exit code is one of the values. NotIn: it is none of them.</summary>
    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    /// <summary>Exit codes; 1 to 255 of them, without 0 for In.</summary>
    [Field(3, Required = true, List = ListType.Set)]
    public IReadOnlyList<int> Values { get; init; } = [];
}

/// <summary>Matches failed pods by one condition.</summary>
[ApiType("io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern")]
public sealed record PodFailurePolicyOnPodConditionsPattern
{
    /// <summary>Type of the condition.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Status of the condition. Default: True.</summary>
    [Field(2)]
    public string? Status { get; init; }
}

/// <summary>Rules by which an indexed job has succeeded before all its indexes have.</summary>
[ApiType("io.k8s.api.batch.v1.SuccessPolicy")]
public sealed record SuccessPolicy
{
    /// <summary>Tried in their order; the first that holds ends the Job as successful. 1 to 20.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<SuccessPolicyRule> Rules { get; init; } = [];
}

/// <summary>The indexes, or their number, that must succeed.</summary>
[ApiType("io.k8s.api.batch.v1.SuccessPolicyRule")]
public sealed record SuccessPolicyRule
{
    /// <summary>Indexes that must succeed, e.g. 1,3-5; all of them, unless succeededCount is set too.</summary>
    [Field(1)]
    public string? SucceededIndexes { get; init; }

    /// <summary>How many indexes must succeed, of succeededIndexes or of all.</summary>
    [Field(2)]
    public int? SucceededCount { get; init; }
}

/// <summary>How many of the job's pods run, succeeded and failed, and whether the job has ended.</summary>
[ApiType("io.k8s.api.batch.v1.JobStatus")]
public sealed record JobStatus
{
    /// <summary>What is known of the Job: Complete, Failed, Suspended, FailureTarget, SuccessCriteriaMet.</summary>
    [Field(1, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Atomic)]
    public IReadOnlyList<JobCondition>? Conditions { get; init; }

    /// <summary>When the Job was begun; begins anew after a suspension.</summary>
    [Field(2)]
    public DateTime? StartTime { get; init; }

    /// <summary>When the Job succeeded.</summary>
    [Field(3)]
    public DateTime? CompletionTime { get; init; }

    /// <summary>How many pods are pending or running and do not end.</summary>
    [Field(4)]
    public int? Active { get; init; }

    /// <summary>How many pods succeeded.</summary>
    [Field(5)]
    public int? Succeeded { get; init; }

    /// <summary>How many pods failed.</summary>
    [Field(6)]
    public int? Failed { get; init; }

    /// <summary>Indexes that succeeded, e.g. 1,3-5.</summary>
    [Field(7)]
    public string? CompletedIndexes { get; init; }

    /// <summary>Pods that ended but are not yet in the figures above.</summary>
    [Field(8)]
    public UncountedTerminatedPods? UncountedTerminatedPods { get; init; }

    /// <summary>How many of the active pods are ready.</summary>
    [Field(9)]
    public int? Ready { get; init; }

    /// <summary>Indexes that failed, e.g. 1,3-5. Only with backoffLimitPerIndex.</summary>
    [Field(10)]
    public string? FailedIndexes { get; init; }

    /// <summary>How many pods end at present.</summary>
    [Field(11)]
    public int? Terminating { get; init; }
}

/// <summary>One observed aspect of a job's state: Complete, Failed, Suspended, SuccessCriteriaMet or FailureTarget.</summary>
[ApiType("io.k8s.api.batch.v1.JobCondition")]
public sealed record JobCondition
{
    /// <summary>What is observed: Complete, Failed or Suspended, among others.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    /// <summary>When it was last looked at.</summary>
    [Field(3)]
    public DateTime? LastProbeTime { get; init; }

    /// <summary>When the status last changed.</summary>
    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    /// <summary>Why, as one word for programs.</summary>
    [Field(5)]
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    [Field(6)]
    public string? Message { get; init; }
}

/// <summary>Pods that ended and whose finalizer is still to be removed before they count.</summary>
[ApiType("io.k8s.api.batch.v1.UncountedTerminatedPods")]
public sealed record UncountedTerminatedPods
{
    /// <summary>Uids of pods that succeeded.</summary>
    [Field(1, List = ListType.Set)]
    public IReadOnlyList<string>? Succeeded { get; init; }

    /// <summary>Uids of pods that failed.</summary>
    [Field(2, List = ListType.Set)]
    public IReadOnlyList<string>? Failed { get; init; }
}
