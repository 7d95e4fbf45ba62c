using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>How long to wait after failures before the next pod: 10 s, 20 s, 40 s … 10 min since the last one failed.</summary>
/// <param name="First">The delay after the first failure.</param>
internal sealed record JobBackoff(TimeSpan First)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>When the next pod may be made, by the failures since the last success; the past if there were none.</summary>
    public DateTime NextPod(Job job, IReadOnlyList<Pod> pods)
    {
        var lastSuccess = pods.Where(pod => pod.Status?.Phase == "Succeeded").Select(JobPods.EndedAt).DefaultIfEmpty(DateTime.MinValue).Max();
        var failures = pods.Where(pod => IsFailure(job, pod)).Select(JobPods.EndedAt).Where(at => at > lastSuccess).ToList();
        return failures.Count == 0 ? DateTime.MinValue : failures.Max() + Delay(failures.Count);
    }

    /// <summary>As <see cref="NextPod"/>, for one index by itself.</summary>
    public DateTime NextPodOf(Pod lastFailed) => JobPods.EndedAt(lastFailed) + Delay(JobPods.FailuresBefore(lastFailed) + JobPods.IgnoredBefore(lastFailed) + 1);

    /// <summary>A pod that the job itself took away lost its finalizer before it was deleted.</summary>
    private static bool IsFailure(Job job, Pod pod) => pod.Status?.Phase == "Failed" || JobPods.HasFailed(job, pod) && JobPods.IsTracked(pod);

    private TimeSpan Delay(int failures) => failures > 30 || First * (1L << (failures - 1)) > Longest ? Longest : First * (1L << (failures - 1));
}
