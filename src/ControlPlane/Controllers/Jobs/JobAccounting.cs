using ControlPlane.Registry.Jobs;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>
/// Counts each pod that ended exactly once, over crashes too (KEP-2307): first its uid is written into the job's status,
/// then the pod's finalizer is taken away, and only when that is seen the uid becomes a number. All writes of the status
/// name the revision that they were computed from.
/// </summary>
/// <param name="Status">The status with what could be counted; conditions and numbers of running pods are not touched.</param>
/// <param name="Settled">Pods that may lose their finalizer once the status is written.</param>
internal sealed record JobAccounting(JobStatus Status, IReadOnlyList<Pod> Settled, IndexSet Succeeded, IndexSet Failed)
{
    /// <summary>The most pods that await counting at once: it bounds the size of the object.</summary>
    private const int MostUncounted = 500;

    /// <summary>All successes, counted or about to be.</summary>
    public int Successes => (Status.Succeeded ?? 0) + (Status.UncountedTerminatedPods?.Succeeded?.Count ?? 0);

    /// <summary>All failures, counted or about to be.</summary>
    public int Failures => (Status.Failed ?? 0) + (Status.UncountedTerminatedPods?.Failed?.Count ?? 0);

    public bool IsSettled => Status.UncountedTerminatedPods is null or { Succeeded: null or { Count: 0 }, Failed: null or { Count: 0 } };

    /// <param name="pods">All pods of the job; one whose uid the status holds and that is not among them is gone.</param>
    public static JobAccounting Of(Job job, IReadOnlyList<Pod> pods)
    {
        var (status, indexed, completions) = (job.Status ?? new JobStatus(), JobPods.IsIndexed(job), job.Spec?.Completions ?? 0);
        var tracked = pods.Where(JobPods.IsTracked).ToDictionary(pod => pod.Metadata.Uid ?? "");
        var (succeeded, newSuccesses) = Resolve(status.UncountedTerminatedPods?.Succeeded, tracked);
        var (failed, newFailures) = Resolve(status.UncountedTerminatedPods?.Failed, tracked);
        var settled = succeeded.Concat(failed).Select(uid => tracked[uid]).ToList();
        var done = succeeded.Concat(failed).ToHashSet();
        var successIndexes = Indexes(status.CompletedIndexes, completions).With(indexed
            ? pods.Where(pod => pod.Status?.Phase == "Succeeded").Select(pod => JobPods.IndexOf(job, pod)).OfType<int>().ToList() : []);
        var failedIndexes = FailedIndexes(job, pods, successIndexes);
        foreach (var (uid, pod) in tracked)
        {
            if (done.Contains(uid) || succeeded.Count + failed.Count >= MostUncounted) continue;
            if (pod.Status?.Phase == "Succeeded")
            {
                settled.Add(pod); // an index counts by itself, however many pods it took
                if (!indexed) succeeded.Add(uid);
            }
            else if (JobPods.HasFailed(job, pod) && !AwaitsReplacement(job, pod, pods, successIndexes, failedIndexes))
            {
                settled.Add(pod);
                if ((!indexed || JobPods.IndexOf(job, pod) is not null) && JobFailurePolicy.Of(job, pod).Action != "Ignore") failed.Add(uid);
            }
        }
        var counted = indexed ? successIndexes.Count : (status.Succeeded ?? 0) + newSuccesses;
        return new JobAccounting(status with
        {
            Succeeded = Nullable(counted), Failed = Nullable((status.Failed ?? 0) + newFailures),
            CompletedIndexes = Text(successIndexes), FailedIndexes = job.Spec?.BackoffLimitPerIndex is null ? null : failedIndexes.ToString(),
            UncountedTerminatedPods = new UncountedTerminatedPods { Succeeded = Nullable(succeeded), Failed = Nullable(failed) },
        }, settled, successIndexes, failedIndexes);
    }

    /// <summary>Those that still await counting, and how many now count: their finalizer, or the whole pod, is gone.</summary>
    private static (List<string> Left, int Counted) Resolve(IReadOnlyList<string>? uncounted, Dictionary<string, Pod> tracked)
    {
        var left = (uncounted ?? []).Where(tracked.ContainsKey).ToList();
        return (left, (uncounted?.Count ?? 0) - left.Count);
    }

    private static IndexSet FailedIndexes(Job job, IReadOnlyList<Pod> pods, IndexSet succeeded)
    {
        if (job.Spec?.BackoffLimitPerIndex is not { } limit) return IndexSet.Empty;
        bool Fails(Pod pod)
        {
            var action = JobFailurePolicy.Of(job, pod).Action;
            return action == "FailIndex" || action is "Count" && JobPods.FailuresBefore(pod) >= limit;
        }
        return Indexes(job.Status?.FailedIndexes, job.Spec.Completions ?? 0).With(pods.Where(pod => JobPods.HasFailed(job, pod) && Fails(pod))
            .Select(pod => JobPods.IndexOf(job, pod)).OfType<int>().Where(index => !succeeded.Contains(index)).ToList());
    }

    /// <summary>The last failed pod of an index tells its replacement how often the index has failed: it stays until that is there.</summary>
    private static bool AwaitsReplacement(Job job, Pod pod, IReadOnlyList<Pod> pods, IndexSet succeeded, IndexSet failed)
    {
        if (job.Spec?.BackoffLimitPerIndex is null || job.Metadata.DeletionTimestamp is not null || JobConditions.Held(job.Status, JobConditions.FailureTarget) is not null
            || JobConditions.Held(job.Status, JobConditions.SuccessCriteriaMet) is not null) return false;
        if (JobPods.IndexOf(job, pod) is not { } index || succeeded.Contains(index) || failed.Contains(index)) return false;
        int Attempts(Pod one) => JobPods.FailuresBefore(one) + JobPods.IgnoredBefore(one);
        return !pods.Any(other => JobPods.IndexOf(job, other) == index && Attempts(other) > Attempts(pod));
    }

    /// <summary>What a status says that somebody else wrote may be anything: then nothing is known to be done.</summary>
    private static IndexSet Indexes(string? text, int completions)
    {
        try { return IndexSet.Parse(text, completions); }
        catch (FormatException) { return IndexSet.Of((text ?? "").Split(',').SelectMany(Range).Where(index => index < completions)); }
    }

    /// <summary>Of an indexed job that shrank, the indexes beyond its end are left out.</summary>
    private static IEnumerable<int> Range(string part)
    {
        var ends = part.Split('-');
        return int.TryParse(ends[0], out var first) && int.TryParse(ends[^1], out var last) && first >= 0 && last >= first ? Enumerable.Range(first, Math.Min(last - first + 1, 1_000_000)) : [];
    }

    private static string? Text(IndexSet set) => set.Count == 0 ? null : set.ToString();

    private static int? Nullable(int number) => number == 0 ? null : number;

    private static IReadOnlyList<string>? Nullable(List<string> uids) => uids.Count == 0 ? null : uids;
}
