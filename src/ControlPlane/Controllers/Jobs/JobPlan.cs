using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>Which pods of a job that goes on are made and which go.</summary>
/// <param name="LookAgain">When pods may be made that a back-off holds now; null if none are held.</param>
internal sealed record JobPlan(IReadOnlyList<Pod> Create, IReadOnlyList<Pod> Delete, DateTime? LookAgain)
{
    /// <summary>The most pods made or deleted in one round.</summary>
    private const int Burst = 500;

    private static readonly JobPlan Nothing = new([], [], null);

    public static JobPlan Compute(Job job, IReadOnlyList<Pod> pods, JobAccounting accounting, JobBackoff backoff, DateTime now)
    {
        var spec = job.Spec!;
        var active = pods.Where(PodState.IsActive).ToList();
        if (spec.Suspend == true) return new JobPlan([], active.Take(Burst).ToList(), null);
        var surplus = JobPods.IsIndexed(job) ? Misplaced(job, active, accounting) : [];
        if (surplus.Count > 0) return new JobPlan([], surplus.Take(Burst).ToList(), null);
        var wanted = Wanted(spec, active.Count, accounting);
        if (active.Count > wanted) return new JobPlan([], ReplicaPlan.LeastValuableFirst(active).Take(Math.Min(active.Count - wanted, Burst)).ToList(), null);
        var occupied = JobPods.ReplacesOnlyEnded(job) ? pods.Where(pod => PodState.IsActive(pod) || JobPods.IsTerminating(pod)).ToList() : active;
        var missing = Math.Min(wanted - occupied.Count, Burst);
        if (missing <= 0) return Nothing;
        return JobPods.IsIndexed(job) ? Indexed(job, pods, occupied, accounting, backoff, missing, now) : Plain(job, pods, backoff, missing, now);
    }

    private static int Wanted(JobSpec spec, int active, JobAccounting accounting)
    {
        var parallelism = spec.Parallelism ?? 1;
        if (spec.Completions is not { } completions) return accounting.Successes > 0 ? Math.Min(active, parallelism) : parallelism; // one success ends it: no new pods
        var left = completions - accounting.Successes - accounting.Failed.Count;
        return Math.Max(0, Math.Min(left, parallelism));
    }

    private static JobPlan Plain(Job job, IReadOnlyList<Pod> pods, JobBackoff backoff, int missing, DateTime now)
    {
        if (backoff.NextPod(job, pods) is var at && at > now) return Nothing with { LookAgain = at };
        return new JobPlan(Enumerable.Repeat(JobPod.New(job), missing).ToList(), [], null);
    }

    /// <summary>A second pod for an index, one for an index that is done, or one without an index.</summary>
    private static List<Pod> Misplaced(Job job, IReadOnlyList<Pod> active, JobAccounting accounting)
    {
        var seen = new HashSet<int>();
        return active.OrderBy(pod => pod.Metadata.CreationTimestamp).Where(pod => JobPods.IndexOf(job, pod) is not { } index
            || accounting.Succeeded.Contains(index) || accounting.Failed.Contains(index) || !seen.Add(index)).ToList();
    }

    private static JobPlan Indexed(Job job, IReadOnlyList<Pod> pods, IReadOnlyList<Pod> occupied, JobAccounting accounting, JobBackoff backoff, int missing, DateTime now)
    {
        var perIndex = job.Spec!.BackoffLimitPerIndex is not null;
        if (!perIndex && backoff.NextPod(job, pods) is var at && at > now) return Nothing with { LookAgain = at };
        var taken = occupied.Select(pod => JobPods.IndexOf(job, pod)).OfType<int>().ToHashSet();
        var lastFailed = !perIndex ? [] : pods.Where(pod => JobPods.HasFailed(job, pod) && JobPods.IndexOf(job, pod) is not null)
            .GroupBy(pod => JobPods.IndexOf(job, pod)!.Value).ToDictionary(group => group.Key, group => group.MaxBy(pod => JobPods.FailuresBefore(pod) + JobPods.IgnoredBefore(pod))!);
        var create = new List<Pod>();
        DateTime? lookAgain = null;
        for (var index = 0; index < job.Spec.Completions && create.Count < missing; index++)
        {
            if (taken.Contains(index) || accounting.Succeeded.Contains(index) || accounting.Failed.Contains(index)) continue;
            var last = lastFailed.GetValueOrDefault(index);
            if (last is not null && backoff.NextPodOf(last) is var next && next > now) lookAgain = lookAgain < next ? lookAgain : next;
            else create.Add(JobPod.New(job, index, last));
        }
        return new JobPlan(create, [], lookAgain);
    }
}
