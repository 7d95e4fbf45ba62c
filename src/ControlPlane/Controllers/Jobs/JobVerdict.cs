using ControlPlane.Registry.Jobs;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>How a job will end: decided once, before its remaining pods are taken away.</summary>
/// <param name="Succeeds">The condition to come is Complete, else Failed.</param>
internal sealed record JobVerdict(bool Succeeds, string Reason, string Message)
{
    /// <summary>Null while the job goes on.</summary>
    public static JobVerdict? Of(Job job, IReadOnlyList<Pod> pods, JobAccounting accounting, DateTime now)
    {
        if (JobConditions.Held(job.Status, JobConditions.FailureTarget) is { } failing) return new JobVerdict(false, failing.Reason ?? "", failing.Message ?? "");
        if (JobConditions.Held(job.Status, JobConditions.SuccessCriteriaMet) is { } succeeding) return new JobVerdict(true, succeeding.Reason ?? "", succeeding.Message ?? "");
        return Failure(job, pods, accounting, now) ?? Success(job, pods, accounting);
    }

    /// <summary>When the deadline ends the job; null if it has none or has not begun.</summary>
    public static DateTime? Deadline(Job job) =>
        job is { Spec: { ActiveDeadlineSeconds: { } seconds, Suspend: not true }, Status.StartTime: { } start } && seconds < (DateTime.MaxValue - start).TotalSeconds ? start.AddSeconds(seconds) : null;

    private static JobVerdict? Failure(Job job, IReadOnlyList<Pod> pods, JobAccounting accounting, DateTime now)
    {
        var spec = job.Spec!;
        if (pods.Where(pod => JobPods.HasFailed(job, pod)).Select(pod => JobFailurePolicy.Of(job, pod).Message).FirstOrDefault(message => message is not null) is { } why)
            return new JobVerdict(false, "PodFailurePolicy", why);
        if (accounting.Failures > (spec.BackoffLimit ?? 6) || RestartsTooOften(spec, pods))
            return new JobVerdict(false, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        if (Deadline(job) <= now) return new JobVerdict(false, "DeadlineExceeded", "Job was active longer than specified deadline");
        if (spec.BackoffLimitPerIndex is null || accounting.Failed.Count == 0) return null;
        if (accounting.Failed.Count > spec.MaxFailedIndexes) return new JobVerdict(false, "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        return accounting.Failed.Count + accounting.Succeeded.Count >= spec.Completions ? new JobVerdict(false, "FailedIndexes", "Job has failed indexes") : null;
    }

    /// <summary>Containers that are started again in their pod are failures too.</summary>
    private static bool RestartsTooOften(JobSpec spec, IReadOnlyList<Pod> pods)
    {
        if (spec.Template.Spec?.RestartPolicy != "OnFailure" || spec.BackoffLimit is not { } limit) return false;
        var restarts = pods.Where(pod => pod.Status?.Phase is "Running" or "Pending")
            .Sum(pod => (pod.Status!.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? []).Sum(status => status.RestartCount));
        return limit == 0 ? restarts > 0 : restarts >= limit;
    }

    private static JobVerdict? Success(Job job, IReadOnlyList<Pod> pods, JobAccounting accounting)
    {
        var spec = job.Spec!;
        var rules = spec.SuccessPolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
            if (Matches(rules[i], accounting.Succeeded, spec.Completions ?? 0)) return new JobVerdict(true, "SuccessPolicy", $"Matched rules at index {i}");
        var nothingRuns = !pods.Any(PodState.IsActive);
        var complete = spec.Completions is { } wanted ? accounting.Successes >= wanted : accounting.Successes > 0 && nothingRuns;
        return complete && (nothingRuns || spec.Completions is not null) ? new JobVerdict(true, "CompletionsReached", "Reached expected number of succeeded pods") : null;
    }

    private static bool Matches(SuccessPolicyRule rule, IndexSet succeeded, int completions)
    {
        try
        {
            var wanted = rule.SucceededIndexes is { } text ? IndexSet.Parse(text, completions) : null;
            var reached = wanted is null ? succeeded.Count : wanted.Indexes().Count(succeeded.Contains);
            return reached >= (rule.SucceededCount ?? wanted?.Count ?? int.MaxValue);
        }
        catch (FormatException) { return false; } // the job shrank below the rule's indexes
    }
}
