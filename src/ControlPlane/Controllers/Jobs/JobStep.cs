using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>
/// All that is to be done for a job at one moment, in this order: write the status, take finalizers off the pods that it
/// counts, make and delete pods.
/// </summary>
/// <param name="Settled">Pods that the status counts.</param>
/// <param name="Dropped">Of <paramref name="Delete"/>, pods whose end is the job's own wish and counts as nothing.</param>
/// <param name="Events">Type, reason and message of what to tell once the status is written.</param>
/// <param name="LookAgain">When time alone changes something; null if it does not.</param>
internal sealed record JobStep(JobStatus Status, IReadOnlyList<Pod> Settled, IReadOnlyList<Pod> Create, IReadOnlyList<Pod> Delete, IReadOnlyList<Pod> Dropped,
    IReadOnlyList<(string Type, string Reason, string Message)> Events, DateTime? LookAgain)
{
    /// <param name="pods">All pods of the job.</param>
    public static JobStep Of(Job job, IReadOnlyList<Pod> pods, JobBackoff backoff, DateTime now)
    {
        var events = new List<(string, string, string)>();
        job = job with { Status = Started(job, events, now) };
        var accounting = JobAccounting.Of(job, pods);
        var verdict = JobVerdict.Of(job, pods, accounting, now);
        var plan = verdict is null ? JobPlan.Compute(job, pods, accounting, backoff, now) : new JobPlan([], pods.Where(PodState.IsActive).ToList(), null);
        var status = WithRunning(accounting.Status, pods);
        if (verdict is not null) status = Ending(status, verdict, accounting.IsSettled && !pods.Any(pod => PodState.IsActive(pod) || JobPods.IsTerminating(pod) || JobPods.IsTracked(pod)), events, now);
        var lookAgain = new[] { plan.LookAgain, verdict is null ? JobVerdict.Deadline(job) : null }.Min();
        return new JobStep(status, accounting.Settled, plan.Create, plan.Delete, verdict is null ? plan.Delete : [], events, lookAgain);
    }

    /// <summary>When a job that ended is to be deleted; null if it stays.</summary>
    public static DateTime? ExpiresAt(Job job) =>
        job.Spec?.TtlSecondsAfterFinished is { } seconds && JobConditions.End(job)?.LastTransitionTime is { } ended ? ended.AddSeconds(seconds) : null;

    /// <summary>The clock runs from the first moment that the job is not suspended, and anew each time it is resumed.</summary>
    private static JobStatus Started(Job job, List<(string, string, string)> events, DateTime now)
    {
        var (status, held) = (job.Status ?? new JobStatus(), JobConditions.Held(job.Status, JobConditions.Suspended) is not null);
        if (job.Spec!.Suspend == true)
        {
            if (!held) events.Add(("Normal", "Suspended", "Job suspended"));
            return JobConditions.With(status, JobConditions.Suspended, true, "JobSuspended", "Job suspended", now);
        }
        if (held)
        {
            events.Add(("Normal", "Resumed", "Job resumed"));
            return JobConditions.With(status, JobConditions.Suspended, false, "JobResumed", "Job resumed", now) with { StartTime = now };
        }
        return status.StartTime is null ? status with { StartTime = now } : status;
    }

    private static JobStatus WithRunning(JobStatus status, IReadOnlyList<Pod> pods)
    {
        var active = pods.Where(PodState.IsActive).ToList();
        return status with { Active = active.Count == 0 ? null : active.Count, Ready = active.Count(PodState.IsReady), Terminating = pods.Count(JobPods.IsTerminating) };
    }

    /// <summary>First what will be, then, when no pod runs and all are counted, what is (KEP-3998).</summary>
    private static JobStatus Ending(JobStatus status, JobVerdict verdict, bool allEnded, List<(string, string, string)> events, DateTime now)
    {
        var (intended, final) = verdict.Succeeds ? (JobConditions.SuccessCriteriaMet, JobConditions.Complete) : (JobConditions.FailureTarget, JobConditions.Failed);
        status = JobConditions.With(status, intended, true, verdict.Reason, verdict.Message, now);
        if (!allEnded) return status;
        status = JobConditions.With(status, final, true, verdict.Reason, verdict.Message, now);
        if (verdict.Succeeds) events.Add(("Normal", "Completed", "Job completed"));
        else events.Add(("Warning", verdict.Reason, verdict.Message));
        return verdict.Succeeds ? status with { CompletionTime = now } : status;
    }
}
