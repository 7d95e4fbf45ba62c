using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>
/// Keeps one pod of every DaemonSet on each node it is meant for, replaces them when the template changes, and keeps the
/// former templates. All decisions are in the plans beside it.
/// </summary>
internal sealed class DaemonSetController : Controller
{
    private readonly ApiClient client;
    private readonly SharedInformers informers;
    private readonly EventRecorder events;
    private readonly Informer<DaemonSet> sets;
    private readonly Informer<ControllerRevision> revisions;
    private readonly ObjectIndex<DaemonSet> setsByNamespace;
    private readonly ObjectIndex<ControllerRevision> revisionsByNamespace;
    private readonly OwnedPods<DaemonSet> owned;
    private readonly CacheExpectations revisionWrites = new();
    private readonly FailureBackoff backoff = new();

    public DaemonSetController(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log) : base("daemonset-controller", log)
    {
        (this.client, this.informers, this.events) = (client, informers, events);
        (sets, revisions) = (informers.Of<DaemonSet>(), informers.Of<ControllerRevision>());
        setsByNamespace = new(sets, set => [set.Namespace]);
        revisionsByNamespace = new(revisions, revision => [revision.Namespace]);
        owned = new(Name, client, informers, events);
    }

    public override void Watch()
    {
        sets.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);
        revisions.Changed += (old, updated) =>
        {
            if (Ownership.ControllerKey<DaemonSet>((updated ?? old)!) is { } key) Queue.Add(key);
        };
        informers.Pods.Changed += (old, updated) =>
        {
            QueueOwner(old);
            QueueOwner(updated);
        };
        informers.Nodes.Changed += (old, updated) =>
        {
            if (old is null || updated is null || !SameToDaemons(old, updated)) foreach (var set in sets.Items) Queue.Add(set.Key);
        };
    }

    private void QueueOwner(Pod? pod)
    {
        if (pod is null) return;
        if (Ownership.ControllerOf(pod) is not null)
        {
            if (Ownership.ControllerKey<DaemonSet>(pod) is { } key) Queue.Add(key);
            return;
        }
        foreach (var set in setsByNamespace[pod.Namespace])
            if (SelectorOf(set)?.Matches(pod.Metadata.Labels) == true) Queue.Add(set.Key);
    }

    /// <summary>Heartbeats change nothing.</summary>
    private static bool SameToDaemons(Node old, Node updated) =>
        CanonicalJson.Same(old.Metadata.Labels, updated.Metadata.Labels) && CanonicalJson.Same(old.Spec, updated.Spec)
        && old.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status == updated.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status;

    private static Selector? SelectorOf(DaemonSet set) => set.Spec is { } spec && Selector.Of(spec.Selector) is { IsEverything: false } selector ? selector : null;

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (sets.Get(key) is not { } set || SelectorOf(set) is not { } selector)
        {
            owned.Forget(key);
            revisionWrites.Forget(key);
            return;
        }
        if (owned.IsBehind(key) || revisionWrites.IsBehind(key, revisions.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        if (set.Metadata.DeletionTimestamp is not null) return;
        var pods = await owned.Claim(key, set, candidates => PodClaim.Of(set.Metadata, selector, candidates, PodState.IsActive), cancel);
        var history = DaemonHistory.Of(set, await ClaimRevisions(key, set, selector, cancel));
        if (await CurrentRevision(key, set, history, cancel) is not { } current) return; // the set has changed: it comes again
        var nodes = DaemonNode.All(set, informers.Nodes.Items, pods);
        var failure = await Apply(key, set, nodes, DaemonHistory.HashOf(current), cancel);
        await WriteStatus(key, set, nodes, pods, DaemonHistory.HashOf(current), cancel);
        if (failure is not null) throw new InvalidOperationException(failure.Value.Message); // the queue tries again, ever more slowly
        await DeleteExpired(key, set, history, pods, cancel);
    }

    private async Task<(string Reason, string Message)?> Apply(string key, DaemonSet set, IReadOnlyList<DaemonNode> nodes, string hash, CancellationToken cancel)
    {
        var (now, uid) = (DateTime.UtcNow, set.Metadata.Uid ?? "");
        var plan = DaemonPlan.Compute(set, nodes, hash, node => backoff.RetryAt(uid, node), now);
        foreach (var pod in plan.Ended) ReportEnded(set, pod, now);
        if (plan.LookAgain is { } at) Queue.AddAfter(key, at - now);
        // One after the other: a rollout counts on every node having its pod.
        var (create, delete) = (plan.CreateOn, plan.Delete);
        if (plan.IsEmpty && DaemonRollout.Next(set, nodes, hash, now) is var rollout) (create, delete) = (rollout.CreateOn, rollout.Delete);
        return await owned.Apply(key, set, create.Select(node => DaemonPod.New(set, node, hash)).ToList(), delete, cancel);
    }

    private void ReportEnded(DaemonSet set, Pod pod, DateTime now)
    {
        var (node, name) = (DaemonPod.NodeOf(pod) ?? "", $"{pod.Namespace}/{pod.Name}");
        if (pod.Status?.Phase == "Succeeded") events.Normal(Name, set, "SucceededDaemonPod", $"Found succeeded daemon pod {name} on node {node}, will try to delete it");
        else
        {
            backoff.Failed(set.Metadata.Uid ?? "", node, now);
            events.Warning(Name, set, "FailedDaemonPod", $"Found failed daemon pod {name} on node {node}, will try to kill it");
        }
    }

    private async Task WriteStatus(string key, DaemonSet set, IReadOnlyList<DaemonNode> nodes, IReadOnlyList<Pod> pods, string hash, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        var status = DaemonStatus.Of(set, nodes, hash, now);
        if (!CanonicalJson.Same(status, set.Status)) await client.UpdateStatus(set with { Status = status }, cancel);
        if (DaemonStatus.NextChange(set, pods, now) is { } at) Queue.AddAfter(key, at - now);
    }

    private async Task<IReadOnlyList<ControllerRevision>> ClaimRevisions(string key, DaemonSet set, Selector selector, CancellationToken cancel)
    {
        var all = revisionWrites.WithoutDeleted(key, revisionsByNamespace[set.Namespace]);
        var result = all.Where(revision => Ownership.IsControlledBy(revision, set.Metadata.Uid ?? "")).ToList();
        var orphans = all.Where(revision => Ownership.ControllerOf(revision) is null && revision.Metadata.DeletionTimestamp is null && selector.Matches(revision.Metadata.Labels)).ToList();
        // A set that was deleted a moment ago must not take back what its deletion has set free.
        if (orphans.Count > 0 && await client.Find<DaemonSet>(set.Namespace, set.Name, cancel) is { Metadata.DeletionTimestamp: null } live && live.Metadata.Uid == set.Metadata.Uid)
            foreach (var revision in orphans)
                result.Add(await Patch(key, revision, new { metadata = new { uid = revision.Metadata.Uid, ownerReferences = new[] { Ownership.ReferenceTo(set) } } }, cancel));
        return result;
    }

    /// <summary>Makes the revision of the present template, or gives it the highest number again. Null when its name was taken.</summary>
    private async Task<ControllerRevision?> CurrentRevision(string key, DaemonSet set, DaemonHistory history, CancellationToken cancel)
    {
        if (history.Current is { } current)
            return current.Revision == history.NextNumber ? current : await Patch(key, current, new { revision = history.NextNumber }, cancel);
        var made = history.Make(set);
        try
        {
            var created = await client.Create(made, cancel);
            revisionWrites.Wrote(key, created.Metadata.ResourceVersion);
            return created;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Another template of the same hash: the next attempt gets another name.
            var status = (set.Status ?? new DaemonSetStatus()) with { CollisionCount = (set.Status?.CollisionCount ?? 0) + 1 };
            await client.UpdateStatus(set with { Status = status }, cancel);
            return null;
        }
    }

    private async Task<ControllerRevision> Patch(string key, ControllerRevision revision, object patch, CancellationToken cancel)
    {
        var patched = await client.MergePatch<ControllerRevision>(revision.Namespace, revision.Name, patch, cancel);
        revisionWrites.Wrote(key, patched.Metadata.ResourceVersion);
        return patched;
    }

    private async Task DeleteExpired(string key, DaemonSet set, DaemonHistory history, IReadOnlyList<Pod> pods, CancellationToken cancel)
    {
        foreach (var revision in history.Expired(set, pods))
        {
            await client.Delete<ControllerRevision>(revision.Namespace, revision.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = revision.Metadata.Uid } });
            revisionWrites.Deleted(key, revision.Metadata.Uid ?? "");
        }
    }
}
