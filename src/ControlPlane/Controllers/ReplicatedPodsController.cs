using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Keeps as many pods as a ReplicationController or ReplicaSet asks for. All decisions are in <see cref="ReplicaOwner"/>,
/// <see cref="ReplicaPlan"/> and <see cref="ReplicaCounts"/>; this carries them out.
/// </summary>
/// <param name="inNamespace">The owners of a namespace, asked when a pod without an owner appears.</param>
internal abstract class ReplicatedPodsController<T>(string name, ApiClient client, Informer<T> owners, ObjectIndex<T> inNamespace,
    SharedInformers informers, EventRecorder events, Action<string> log) : Controller(name, log) where T : KubeObject
{
    private readonly CacheExpectations expectations = new();

    /// <summary>What is common to both kinds; null while the object is not complete enough to act on.</summary>
    protected abstract ReplicaOwner? Describe(T obj);

    /// <summary>The object with this status, or the same object if nothing changes.</summary>
    /// <param name="failure">Why pods could not be made or deleted: reason and message; null if all went well.</param>
    protected abstract T WithStatus(T obj, ReplicaCounts counts, (string Reason, string Message)? failure, DateTime now);

    public override void Watch()
    {
        owners.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);
        informers.Pods.Changed += (old, updated) =>
        {
            QueueOwner(old);
            QueueOwner(updated);
        };
    }

    private void QueueOwner(Pod? pod)
    {
        if (pod is null) return;
        if (Ownership.ControllerOf(pod) is not null)
        {
            if (Ownership.ControllerKey<T>(pod) is { } key) Queue.Add(key);
            return;
        }
        foreach (var owner in inNamespace[pod.Namespace])
            if (Describe(owner)?.Selector.Matches(pod.Metadata.Labels) == true) Queue.Add(owner.Key);
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (owners.Get(key) is not { } obj || Describe(obj) is not { } owner)
        {
            expectations.Forget(key);
            return;
        }
        if (expectations.IsBehind(key, informers.Pods.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        var candidates = informers.PodsByController[owner.Uid].Concat(informers.OrphanPods[owner.Namespace]).ToList();
        var pods = await TakeAndRelease(key, obj, owner.Claim(expectations.WithoutDeleted(key, candidates)), cancel);
        var failure = owner.Metadata.DeletionTimestamp is null ? await Apply(key, obj, owner, ReplicaPlan.Compute(owner.Replicas, pods), cancel) : null;
        await WriteStatus(key, obj, owner, pods, failure, cancel);
        if (failure is not null) throw new InvalidOperationException(failure.Value.Message); // the queue tries again, ever more slowly
    }

    private async Task<IReadOnlyList<Pod>> TakeAndRelease(string key, T obj, PodClaim claim, CancellationToken cancel)
    {
        var pods = claim.Owned.ToList();
        if (claim.Adopt.Count > 0 && await IsStillThere(obj, cancel))
            foreach (var pod in claim.Adopt)
                pods.Add(await PatchOwners(key, pod, [.. pod.Metadata.OwnerReferences ?? [], Ownership.ReferenceTo(obj)], cancel));
        foreach (var pod in claim.Release)
            await PatchOwners(key, pod, pod.Metadata.OwnerReferences!.Where(owner => owner.Uid != obj.Metadata.Uid).ToList(), cancel);
        return pods;
    }

    /// <summary>Asks the server, not the cache: a deleted owner must not adopt what its deletion has just set free.</summary>
    private async Task<bool> IsStillThere(T obj, CancellationToken cancel) =>
        await client.Find<T>(obj.Namespace, obj.Name, cancel) is { } live && live.Metadata.Uid == obj.Metadata.Uid && live.Metadata.DeletionTimestamp is null;

    private async Task<Pod> PatchOwners(string key, Pod pod, IReadOnlyList<OwnerReference> owners, CancellationToken cancel)
    {
        var patch = new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion, ownerReferences = owners } };
        var patched = await client.MergePatch<Pod>(pod.Namespace, pod.Name, patch, cancel);
        expectations.Wrote(key, patched.Metadata.ResourceVersion);
        return patched;
    }

    private async Task<(string Reason, string Message)?> Apply(string key, T obj, ReplicaOwner owner, ReplicaPlan plan, CancellationToken cancel)
    {
        try
        {
            // 1, 2, 4, ...: where nothing can be made (a quota, a bad template), one failure is enough.
            var template = owner.NewPod(Ownership.ReferenceTo(obj));
            for (int done = 0, batch = 1; done < plan.Create; done += batch, batch = Math.Min(batch * 2, plan.Create - done))
                await Task.WhenAll(Enumerable.Range(0, batch).Select(_ => Create(key, obj, template, cancel)));
        }
        catch (ApiException e) when (!IsNamespaceTerminating(e))
        {
            events.Warning(Name, obj, "FailedCreate", $"Error creating: {e.Message}");
            return ("FailedCreate", e.Message);
        }
        catch (ApiException) { return null; }
        try { await Task.WhenAll(plan.Delete.Select(pod => Delete(key, obj, pod, cancel))); }
        catch (ApiException e)
        {
            events.Warning(Name, obj, "FailedDelete", $"Error deleting: {e.Message}");
            return ("FailedDelete", e.Message);
        }
        return null;
    }

    private async Task Create(string key, T obj, Pod template, CancellationToken cancel)
    {
        var pod = await client.Create(template, cancel);
        expectations.Wrote(key, pod.Metadata.ResourceVersion);
        events.Normal(Name, obj, "SuccessfulCreate", $"Created pod: {pod.Name}");
    }

    private async Task Delete(string key, T obj, Pod pod, CancellationToken cancel)
    {
        await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } });
        expectations.Deleted(key, pod.Metadata.Uid ?? "");
        events.Normal(Name, obj, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
    }

    /// <summary>Nothing more can be made there and soon the owner goes too: not a failure.</summary>
    private static bool IsNamespaceTerminating(ApiException e) =>
        e.Code == 403 && (e.Status.Details?.Causes ?? []).Any(cause => cause.Reason == "NamespaceTerminating");

    private async Task WriteStatus(string key, T obj, ReplicaOwner owner, IReadOnlyList<Pod> pods, (string, string)? failure, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        var updated = WithStatus(obj, ReplicaCounts.Of(owner, pods, now), failure, now);
        if (!ReferenceEquals(updated, obj)) await client.UpdateStatus(updated, cancel);
        if (ReplicaCounts.NextChange(owner, pods, now) is { } at) Queue.AddAfter(key, at - now);
    }
}
