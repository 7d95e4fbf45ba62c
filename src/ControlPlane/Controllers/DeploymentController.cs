using System.Globalization;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Keeps one ReplicaSet per pod template of a Deployment and moves pods from the old ones to the new one. What to do is
/// decided by <see cref="DeploymentRollout"/>, what to report by <see cref="DeploymentProgress"/>.
/// </summary>
internal sealed class DeploymentController(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log)
    : Controller("deployment-controller", log)
{
    private readonly CacheExpectations expectations = new();

    public override void Watch()
    {
        informers.Deployments.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);
        informers.ReplicaSets.Changed += (old, updated) =>
        {
            QueueOwner(old);
            QueueOwner(updated);
        };
        // Recreate waits for the last old pod, which may go after its set has reported everything.
        informers.Pods.Changed += (old, updated) =>
        {
            if ((updated is null || PodState.IsFinished(updated)) && Ownership.ControllerKey<ReplicaSet>((updated ?? old)!) is { } set) QueueOwner(informers.ReplicaSets.Get(set));
        };
    }

    private void QueueOwner(ReplicaSet? set)
    {
        if (set is null) return;
        if (Ownership.ControllerKey<Deployment>(set) is { } key) Queue.Add(key);
        else if (Ownership.ControllerOf(set) is null)
            foreach (var deployment in informers.DeploymentsByNamespace[set.Namespace].Where(deployment => Matches(deployment, set))) Queue.Add(deployment.Key);
    }

    private static bool Matches(Deployment deployment, ReplicaSet set) =>
        deployment.Spec is { } spec && Selector.Of(spec.Selector) is { IsEverything: false } selector && selector.Matches(set.Metadata.Labels);

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Deployments.Get(key) is not { Spec: not null } deployment)
        {
            expectations.Forget(key);
            return;
        }
        if (expectations.IsBehind(key, informers.ReplicaSets.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        var sets = DeploymentSets.Of(deployment, await Claim(key, deployment, cancel));
        var created = false;
        if (deployment.Metadata.DeletionTimestamp is null) (deployment, sets, created) = await Advance(key, deployment, sets, cancel);
        await WriteStatus(key, deployment, sets, created, cancel);
    }

    private async Task<IReadOnlyList<ReplicaSet>> Claim(string key, Deployment deployment, CancellationToken cancel)
    {
        var uid = deployment.Metadata.Uid ?? "";
        var sets = expectations.WithoutDeleted(key, informers.ReplicaSetsByController[uid]).ToList();
        foreach (var set in sets.Where(set => !Matches(deployment, set) && set.Metadata.DeletionTimestamp is null).ToList())
        {
            await PatchOwners(key, set, set.Metadata.OwnerReferences!.Where(owner => owner.Uid != uid).ToList(), cancel);
            sets.Remove(set);
        }
        var orphans = informers.OrphanReplicaSets[deployment.Namespace].Where(set => set.Metadata.DeletionTimestamp is null && Matches(deployment, set)).ToList();
        if (orphans.Count > 0 && deployment.Metadata.DeletionTimestamp is null && await IsStillThere(deployment, cancel))
            foreach (var set in orphans) sets.Add(await PatchOwners(key, set, [.. set.Metadata.OwnerReferences ?? [], Ownership.ReferenceTo(deployment)], cancel));
        return sets;
    }

    private async Task<bool> IsStillThere(Deployment deployment, CancellationToken cancel) =>
        await client.Find<Deployment>(deployment.Namespace, deployment.Name, cancel) is { Metadata.DeletionTimestamp: null } live && live.Metadata.Uid == deployment.Metadata.Uid;

    private Task<ReplicaSet> PatchOwners(string key, ReplicaSet set, IReadOnlyList<OwnerReference> owners, CancellationToken cancel) =>
        Patch(key, set, new { metadata = new { uid = set.Metadata.Uid, resourceVersion = set.Metadata.ResourceVersion, ownerReferences = owners } }, cancel);

    private async Task<ReplicaSet> Patch(string key, ReplicaSet set, object patch, CancellationToken cancel)
    {
        var patched = await client.MergePatch<ReplicaSet>(set.Namespace, set.Name, patch, cancel);
        expectations.Wrote(key, patched.Metadata.ResourceVersion);
        return patched;
    }

    /// <summary>One step; the sets as they are after it.</summary>
    private async Task<(Deployment, DeploymentSets, bool Created)> Advance(string key, Deployment deployment, DeploymentSets sets, CancellationToken cancel)
    {
        if (deployment.Spec!.Paused == true || DeploymentRollout.IsScaling(deployment, sets))
        {
            sets = await Resize(key, deployment, sets, DeploymentRollout.Scale(deployment, sets), cancel);
            if (deployment.Spec.Paused == true) await DeleteExpired(key, deployment, sets, cancel);
            return (deployment, sets, false);
        }
        var recreate = DeploymentSize.IsRecreate(deployment);
        if (recreate)
        {
            sets = await Resize(key, deployment, sets, DeploymentRollout.StopOld(sets), cancel);
            if (sets.New is null && OldPodsRun(sets)) return (deployment, sets, false);
        }
        var created = sets.New is null;
        if (created)
        {
            if (await CreateNew(key, deployment, sets, cancel) is not { } set) return (deployment, sets, false);
            sets = sets with { New = set };
        }
        deployment = await WriteRevision(key, deployment, sets, cancel);
        if (created) return (deployment, sets, true);
        if (!recreate) sets = await Resize(key, deployment, sets, DeploymentRollout.Roll(deployment, sets), cancel);
        else if (!OldPodsRun(sets) && sets.New!.Spec?.Replicas != deployment.Spec!.Replicas)
            sets = await Resize(key, deployment, sets, new Dictionary<string, int> { [sets.New.Name] = deployment.Spec.Replicas ?? 1 }, cancel);
        if (deployment.Status is { } status && DeploymentProgress.IsComplete(deployment, status)) await DeleteExpired(key, deployment, sets, cancel);
        return (deployment, sets, false);
    }

    /// <summary>Also pods that are still ending count: Recreate is for what must not run twice at a time.</summary>
    private bool OldPodsRun(DeploymentSets sets) =>
        sets.Old.Any(set => informers.PodsByController[set.Metadata.Uid ?? ""].Any(pod => !PodState.IsFinished(pod)));

    /// <summary>Null: another object has the name. The collision count changes and with it the next name.</summary>
    private async Task<ReplicaSet?> CreateNew(string key, Deployment deployment, DeploymentSets sets, CancellationToken cancel)
    {
        var wanted = sets.Make(deployment, DeploymentRollout.NewSize(deployment, sets));
        try
        {
            var set = await client.Create(wanted, cancel);
            expectations.Wrote(key, set.Metadata.ResourceVersion);
            if (set.Spec?.Replicas > 0) ReportScaling(deployment, set.Name, 0, set.Spec.Replicas.Value);
            return set;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var other = await client.Get<ReplicaSet>(wanted.Namespace, wanted.Name, cancel);
            if (Ownership.IsControlledBy(other, deployment.Metadata.Uid ?? "") && PodTemplateHash.SameTemplate(other.Spec?.Template, wanted.Spec!.Template)) return other;
            var status = (deployment.Status ?? new DeploymentStatus()) with { CollisionCount = (deployment.Status?.CollisionCount ?? 0) + 1 };
            await client.UpdateStatus(deployment with { Status = status }, cancel);
            throw new InvalidOperationException($"ReplicaSet {wanted.Name} exists and is not of this Deployment's template; another name is tried");
        }
        catch (ApiException e) when (!e.IsNamespaceTerminating)
        {
            var message = $"Failed to create new replica set \"{wanted.Name}\": {e.Message}";
            events.Warning(Name, deployment, "ReplicaSetCreateError", message);
            var status = DeploymentProgress.CreateFailed(deployment, message, DateTime.UtcNow);
            if (!CanonicalJson.Same(status, deployment.Status)) await client.UpdateStatus(deployment with { Status = status }, cancel);
            throw;
        }
    }

    /// <summary>
    /// The revision stands on the new set and on the Deployment; after a rollback the set gets a new number. What else the
    /// set takes from the Deployment (annotations such as the cause of a change, minReadySeconds) follows it.
    /// </summary>
    private async Task<Deployment> WriteRevision(string key, Deployment deployment, DeploymentSets sets, CancellationToken cancel)
    {
        var annotations = sets.InheritedAnnotations(deployment);
        var minReady = deployment.Spec!.MinReadySeconds ?? 0;
        if (annotations.Count > 0 || (sets.New!.Spec?.MinReadySeconds ?? 0) != minReady)
            await Patch(key, sets.New!, new { metadata = new { annotations }, spec = new { minReadySeconds = minReady } }, cancel);
        if (DeploymentSets.RevisionOf(deployment) == sets.NextRevision) return deployment;
        var revision = new Dictionary<string, string> { [DeploymentSets.Revision] = sets.NextRevision.ToString(CultureInfo.InvariantCulture) };
        return await client.MergePatch<Deployment>(deployment.Namespace, deployment.Name, new { metadata = new { annotations = revision } }, cancel);
    }

    private async Task<DeploymentSets> Resize(string key, Deployment deployment, DeploymentSets sets, IReadOnlyDictionary<string, int> sizes, CancellationToken cancel)
    {
        var annotations = DeploymentSets.SizeAnnotations(deployment);
        async Task<ReplicaSet> One(ReplicaSet set)
        {
            var (from, to) = (set.Spec?.Replicas ?? 0, sizes.GetValueOrDefault(set.Name, set.Spec?.Replicas ?? 0));
            var remembers = annotations.All(pair => set.Metadata.Annotations?.GetValueOrDefault(pair.Key) == pair.Value);
            if (from == to && (remembers || to == 0 && !ReferenceEquals(set, sets.New))) return set;
            var patched = await Patch(key, set, new { metadata = new { resourceVersion = set.Metadata.ResourceVersion, annotations }, spec = new { replicas = to } }, cancel);
            if (from != to) ReportScaling(deployment, set.Name, from, to);
            return patched;
        }
        var old = new List<ReplicaSet>();
        foreach (var set in sets.Old) old.Add(await One(set));
        return new DeploymentSets(sets.New is null ? null : await One(sets.New), old);
    }

    private void ReportScaling(Deployment deployment, string set, int from, int to) => events.Normal(Name, deployment, "ScalingReplicaSet",
        $"Scaled {(to > from ? "up" : "down")} replica set {set} from {from} to {to}");

    private async Task DeleteExpired(string key, Deployment deployment, DeploymentSets sets, CancellationToken cancel)
    {
        foreach (var set in sets.Expired(deployment))
        {
            await client.Delete<ReplicaSet>(set.Namespace, set.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = set.Metadata.Uid } });
            expectations.Deleted(key, set.Metadata.Uid ?? "");
        }
    }

    private async Task WriteStatus(string key, Deployment deployment, DeploymentSets sets, bool created, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        var status = DeploymentProgress.Status(deployment, sets, created, now);
        if (!CanonicalJson.Same(status, deployment.Status)) await client.UpdateStatus(deployment with { Status = status }, cancel);
        if (DeploymentProgress.Deadline(deployment, status) is { } at) Queue.AddAfter(key, at - now + TimeSpan.FromSeconds(1));
    }
}
