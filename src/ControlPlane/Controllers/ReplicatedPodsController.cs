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
    private readonly OwnedPods<T> owned = new(name, client, informers, events);

    protected SharedInformers Informers => informers;

    /// <summary>What is common to both kinds; null while the object is not complete enough to act on.</summary>
    protected abstract ReplicaOwner? Describe(T obj);

    /// <summary>The object with this status, or the same object if nothing changes.</summary>
    /// <param name="failure">Why pods could not be made or deleted: reason and message; null if all went well.</param>
    protected abstract T WithStatus(T obj, ReplicaCounts counts, (string Reason, string Message)? failure, DateTime now);

    /// <summary>Pods of others that do the same work: where there are many of all of them, one goes first.</summary>
    protected virtual IReadOnlyList<Pod> RelatedPods(T obj) => [];

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
            owned.Forget(key);
            return;
        }
        if (owned.IsBehind(key))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        var pods = await owned.Claim(key, obj, owner.Claim, cancel);
        (string, string Message)? failure = null;
        if (owner.Metadata.DeletionTimestamp is null)
        {
            var (plan, template) = (ReplicaPlan.Compute(owner.Replicas, pods, RelatedPods(obj)), owner.NewPod(Ownership.ReferenceTo(obj)));
            failure = await owned.Apply(key, obj, Enumerable.Repeat(template, plan.Create).ToList(), plan.Delete, cancel);
        }
        await WriteStatus(key, obj, owner, pods, failure, cancel);
        if (failure is not null) throw new InvalidOperationException(failure.Value.Message); // the queue tries again, ever more slowly
    }

    private async Task WriteStatus(string key, T obj, ReplicaOwner owner, IReadOnlyList<Pod> pods, (string, string)? failure, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        var updated = WithStatus(obj, ReplicaCounts.Of(owner, pods, now), failure, now);
        if (!ReferenceEquals(updated, obj)) await client.UpdateStatus(updated, cancel);
        if (ReplicaCounts.NextChange(owner, pods, now) is { } at) Queue.AddAfter(key, at - now);
    }
}
