using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>
/// Runs the pods of every Job to its end and counts them. What to do is decided by <see cref="JobStep"/>; this carries
/// it out, deletes jobs whose time after the end is over, and frees pods that a job left behind.
/// </summary>
internal sealed class JobController : Controller
{
    private const string PodPrefix = "pod ", Manager = "kubernetes.io/job-controller";

    private readonly ApiClient client;
    private readonly SharedInformers informers;
    private readonly EventRecorder events;
    private readonly JobBackoff backoff;
    private readonly Informer<Job> jobs;
    private readonly ObjectIndex<Job> jobsByNamespace;
    private readonly OwnedPods<Job> owned;
    private readonly CacheExpectations statusWrites = new();

    /// <summary>Uids of pods without their finalizer that the cache may still show with it, however late it is: they are counted.</summary>
    private readonly ConcurrentDictionary<string, bool> freed = [];

    public JobController(ApiClient client, SharedInformers informers, ControllerOptions options, EventRecorder events, Action<string> log) : base("job-controller", log)
    {
        (this.client, this.informers, this.events, backoff) = (client, informers, events, new JobBackoff(options.JobPodFailureBackoff));
        jobs = informers.Of<Job>();
        jobsByNamespace = new(jobs, job => [job.Namespace]);
        owned = new(Name, client, informers, events, JobPods.Tracking);
    }

    /// <summary>Keys are those of jobs and, after "pod ", those of pods that no job may care for any more.</summary>
    public override void Watch()
    {
        jobs.Changed += (old, updated) =>
        {
            Queue.Add((updated ?? old)!.Key);
            if (updated is not null) return;
            foreach (var pod in informers.PodsByController[old!.Metadata.Uid ?? ""]) Queue.Add(PodPrefix + pod.Key);
        };
        informers.Pods.Changed += (old, updated) =>
        {
            if (updated is null || !JobPods.IsTracked(updated)) freed.TryRemove((updated ?? old)!.Metadata.Uid ?? "", out _);
            QueueOwner(old);
            QueueOwner(updated);
        };
    }

    private void QueueOwner(Pod? pod)
    {
        if (pod is null) return;
        if (Ownership.ControllerKey<Job>(pod) is { } key) Queue.Add(key);
        else if (Ownership.ControllerOf(pod) is null)
            foreach (var job in jobsByNamespace[pod.Namespace].Where(job => SelectorOf(job)?.Matches(pod.Metadata.Labels) == true)) Queue.Add(job.Key);
        if (JobPods.IsTracked(pod) && (Ownership.ControllerKey<Job>(pod) is not { } owner || jobs.Get(owner)?.Metadata.Uid != Ownership.ControllerOf(pod)!.Uid)) Queue.Add(PodPrefix + pod.Key);
    }

    private static Selector? SelectorOf(Job job) => job.Spec?.Selector is { } labels && Selector.Of(labels) is { IsEverything: false } selector ? selector : null;

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (key.StartsWith(PodPrefix, StringComparison.Ordinal))
        {
            if (informers.Pods.Get(key[PodPrefix.Length..]) is { } left) await Free(left, cancel);
            return;
        }
        if (jobs.Get(key) is not { Spec: not null } job || SelectorOf(job) is not { } selector)
        {
            owned.Forget(key);
            statusWrites.Forget(key);
            return;
        }
        if (job.Spec.ManagedBy is not (null or "" or Manager)) return; // somebody else runs it
        if (owned.IsBehind(key) || statusWrites.IsBehind(key, jobs.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        var pods = await owned.Claim(key, job, candidates => PodClaim.Of(job.Metadata, selector, candidates, pod => pod.Metadata.DeletionTimestamp is null), cancel);
        if (job.Metadata.DeletionTimestamp is not null || JobConditions.End(job) is not null) await Finish(key, job, pods, cancel);
        else await Advance(key, job, pods, cancel);
    }

    private async Task Advance(string key, Job job, IReadOnlyList<Pod> pods, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        if (await Unseen(job, pods, cancel) is { Count: > 0 } unseen) pods = [.. pods, .. unseen];
        var step = JobStep.Of(job, pods.Select(AsFreed).ToList(), backoff, now);
        if (!CanonicalJson.Same(step.Status, job.Status))
        {
            var written = await client.UpdateStatus(job with { Status = step.Status }, cancel);
            statusWrites.Wrote(key, written.Metadata.ResourceVersion);
        }
        foreach (var (type, reason, message) in step.Events) events.Record(Name, EventRecorder.Reference(job), type, reason, message);
        await Task.WhenAll(step.Settled.Concat(step.Dropped.Where(JobPods.IsTracked)).Select(pod => RemoveFinalizer(key, pod, cancel)));
        var failure = await owned.Apply(key, job, step.Create, step.Delete, cancel);
        if (step.LookAgain is { } at) Queue.AddAfter(key, at - now);
        if (failure is not null) throw new InvalidOperationException(failure.Value.Message); // the queue tries again, ever more slowly
    }

    /// <summary>
    /// Pods that the status is about to count and the cache does not have: only the server's word makes them gone, as the
    /// caches of jobs and pods are not of one time.
    /// </summary>
    private async Task<IReadOnlyList<Pod>> Unseen(Job job, IReadOnlyList<Pod> pods, CancellationToken cancel)
    {
        var uncounted = (job.Status?.UncountedTerminatedPods?.Succeeded ?? []).Concat(job.Status?.UncountedTerminatedPods?.Failed ?? []).ToHashSet();
        uncounted.ExceptWith(pods.Select(pod => pod.Metadata.Uid ?? ""));
        if (uncounted.Count == 0) return [];
        var live = await client.List<Pod>(new ListOptions(job.Namespace, LabelSelector: SelectorOf(job)!.ToString()), cancel);
        return live.Items.Where(pod => uncounted.Contains(pod.Metadata.Uid ?? "")).ToList();
    }

    private Pod AsFreed(Pod pod) => !freed.ContainsKey(pod.Metadata.Uid ?? "") ? pod
        : pod with { Metadata = pod.Metadata with { Finalizers = (pod.Metadata.Finalizers ?? []).Where(finalizer => finalizer != JobPods.Tracking).ToList() } };

    /// <summary>An ended or deleted job counts no more: its pods are held back by nothing.</summary>
    private async Task Finish(string key, Job job, IReadOnlyList<Pod> pods, CancellationToken cancel)
    {
        await Task.WhenAll(pods.Where(JobPods.IsTracked).Select(pod => RemoveFinalizer(key, pod, cancel)));
        if (job.Metadata.DeletionTimestamp is not null || JobStep.ExpiresAt(job) is not { } at) return;
        if (at > DateTime.UtcNow) Queue.AddAfter(key, at - DateTime.UtcNow);
        // Asks the server whether that still holds: the time may have been made longer a moment ago.
        else if (await client.Find<Job>(job.Namespace, job.Name, cancel) is { } live && live.Metadata.Uid == job.Metadata.Uid && JobStep.ExpiresAt(live) <= DateTime.UtcNow)
            await client.Delete<Job>(job.Namespace, job.Name, cancel, new DeleteOptions
            {
                PropagationPolicy = "Foreground", Preconditions = new Preconditions { Uid = live.Metadata.Uid, ResourceVersion = live.Metadata.ResourceVersion },
            });
    }

    /// <summary>A pod of a job that is gone, or of none: nobody will count it.</summary>
    private async Task Free(Pod pod, CancellationToken cancel)
    {
        if (!JobPods.IsTracked(pod)) return;
        if (Ownership.ControllerKey<Job>(pod) is { } key && await client.Find<Job>(pod.Namespace, key.Split('/')[1], cancel) is { } job
            && job.Metadata.Uid == Ownership.ControllerOf(pod)!.Uid) return;
        await RemoveFinalizer(null, pod, cancel);
    }

    /// <param name="job">Whose decisions must wait until the cache shows it; null for none.</param>
    private async Task RemoveFinalizer(string? job, Pod pod, CancellationToken cancel)
    {
        var finalizers = pod.Metadata.Finalizers!.Where(finalizer => finalizer != JobPods.Tracking).ToList();
        try
        {
            var patch = new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion, finalizers } };
            var patched = await client.MergePatch<Pod>(pod.Namespace, pod.Name, patch, cancel);
            if (job is null) return;
            owned.Wrote(job, patched.Metadata.ResourceVersion);
            freed[pod.Metadata.Uid ?? ""] = true;
            if (informers.Pods.Get(pod.Key) is not { } cached || !JobPods.IsTracked(cached)) freed.TryRemove(pod.Metadata.Uid ?? "", out _);
        }
        catch (ApiException e) when (e.IsNotFound) { }
    }
}
