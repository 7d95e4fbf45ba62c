using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Deletes what nobody owns any more (Kubernetes garbage collection), for every kind that is served: an object whose
/// owners have all vanished goes; an owner deleted in the foreground waits for its dependents; one deleted as orphan
/// lets them go first.
/// </summary>
internal sealed class GarbageCollector(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log) : Controller("garbage-collector-controller", log)
{
    private const string Foreground = "foregroundDeletion", Orphan = "orphan";

    /// <summary>An event may be lost between two caches: what waits is looked at again.</summary>
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(2);

    private readonly OwnerGraph graph = new();
    private readonly Dictionary<(string Group, string Kind), GarbageKind> kinds = [];

    /// <summary>Keys are uids.</summary>
    public override void Watch()
    {
        // Events own nothing, are owned by nothing and come in masses.
        foreach (var kind in Kinds.Stored.Where(kind => kind.Resource.Type != typeof(Event))) kind.With(new WatchKind(this, informers));
    }

    private sealed record WatchKind(GarbageCollector Collector, SharedInformers Informers) : IKindAction<bool>
    {
        public bool Run<T>() where T : KubeObject
        {
            Collector.Watch(Informers.Of<T>());
            return true;
        }
    }

    private void Watch<T>(Informer<T> informer) where T : KubeObject
    {
        var kind = kinds[(Resource.Of<T>().Group, Resource.Of<T>().Kind)] = GarbageKind.Of<T>(client);
        informer.Changed += (old, updated) =>
        {
            if (updated is null) graph.Remove(old!.Metadata.Uid!);
            else graph.Put(new OwnedObject(kind, updated.Metadata));
            if (updated is null) QueueNeighbours(old!);
            else if (updated.Metadata.OwnerReferences is { Count: > 0 } || updated.Metadata.DeletionTimestamp is not null) Queue.Add(updated.Metadata.Uid!);
        };
    }

    private void QueueNeighbours(KubeObject gone)
    {
        foreach (var dependent in graph.DependentsOf(gone.Metadata.Uid!)) Queue.Add(dependent.Uid);
        foreach (var owner in gone.Metadata.OwnerReferences ?? []) Queue.Add(owner.Uid); // may wait for its dependents
    }

    protected override async Task Reconcile(string uid, CancellationToken cancel)
    {
        if (graph.Find(uid) is not { } obj) return;
        if (obj.IsBeingDeleted && obj.Has(Orphan)) await ReleaseDependents(obj, cancel);
        else if (obj.IsWaitingForDependents) await DeleteDependents(obj, cancel);
        else if (!obj.IsBeingDeleted && obj.Metadata.OwnerReferences is { Count: > 0 } owners) await CheckOwners(obj, owners, cancel);
    }

    /// <summary>An owner that waits for its dependents holds an object no more than one that is gone, if there is another.</summary>
    private async Task CheckOwners(OwnedObject obj, IReadOnlyList<OwnerReference> owners, CancellationToken cancel)
    {
        var (solid, waiting) = (new List<OwnerReference>(), false);
        foreach (var owner in owners)
        {
            if (!await Exists(obj, owner, cancel)) continue;
            if (graph.Find(owner.Uid) is { IsWaitingForDependents: true }) waiting = true;
            else solid.Add(owner);
        }
        if (solid.Count == owners.Count) return;
        if (solid.Count > 0) await Patch(obj, new { uid = obj.Uid, resourceVersion = obj.Metadata.ResourceVersion, ownerReferences = solid }, cancel);
        else await DeleteUnowned(obj, waiting, cancel);
    }

    /// <param name="waiting">An owner waits for it in the foreground, so that it waits for its own dependents in turn.</param>
    private async Task DeleteUnowned(OwnedObject obj, bool waiting, CancellationToken cancel)
    {
        var dependents = graph.DependentsOf(obj.Uid);
        if (waiting && dependents.Any(dependent => dependent.IsWaitingForDependents))
        {
            // A circle of owners: nobody in it may wait for the next one.
            var open = obj.Metadata.OwnerReferences!.Select(owner => owner with { BlockOwnerDeletion = false }).ToList();
            await Patch(obj, new { uid = obj.Uid, resourceVersion = obj.Metadata.ResourceVersion, ownerReferences = open }, cancel);
        }
        await Delete(obj, foreground: waiting && dependents.Count > 0, cancel);
    }

    /// <summary>
    /// An owner of another namespace does not count as one, and is reported. A kind that this collector does not know may
    /// well exist, and a cluster-wide object can have no namespaced owner: such dependents are left alone.
    /// </summary>
    private async Task<bool> Exists(OwnedObject obj, OwnerReference owner, CancellationToken cancel)
    {
        if (!kinds.TryGetValue((Ownership.GroupOf(owner.ApiVersion), owner.Kind), out var kind)) return true;
        var (ns, namespaced) = (obj.Metadata.Namespace ?? "", kind.Resource.Namespaced);
        if (graph.Find(owner.Uid) is { } known && known.Kind == kind && known.Metadata.Name == owner.Name)
        {
            if (!namespaced || known.Metadata.Namespace == ns) return true;
            ReportForeign(obj, owner, ns);
            if (ns.Length == 0) return true;
        }
        else if (namespaced && ns.Length == 0)
        {
            ReportForeign(obj, owner, ns);
            return true;
        }
        // Caches of different kinds are not of one time: only the server's word is enough to delete something.
        return (await kind.Find(namespaced ? ns : "", owner.Name, cancel))?.Uid == owner.Uid;
    }

    private void ReportForeign(OwnedObject obj, OwnerReference owner, string ns) => events.Record(Name, obj.Reference, "Warning", "OwnerRefInvalidNamespace",
        $"ownerRef [{owner.ApiVersion}/{owner.Kind}, namespace: {ns}, name: {owner.Name}, uid: {owner.Uid}] does not exist in namespace \"{ns}\"");

    /// <summary>Each dependent decides for itself, as one whose owner is going; those that block are waited for.</summary>
    private async Task DeleteDependents(OwnedObject owner, CancellationToken cancel)
    {
        var dependents = graph.DependentsOf(owner.Uid);
        if (!dependents.Any(dependent => dependent.Blocks(owner.Uid)))
        {
            await RemoveFinalizer(owner, Foreground, cancel);
            return;
        }
        foreach (var dependent in dependents.Where(dependent => !dependent.IsBeingDeleted)) Queue.Add(dependent.Uid);
        Queue.AddAfter(owner.Uid, Recheck);
    }

    private async Task ReleaseDependents(OwnedObject owner, CancellationToken cancel)
    {
        foreach (var dependent in graph.DependentsOf(owner.Uid))
        {
            var others = dependent.Metadata.OwnerReferences!.Where(reference => reference.Uid != owner.Uid).ToList();
            await Patch(dependent, new { uid = dependent.Uid, resourceVersion = dependent.Metadata.ResourceVersion, ownerReferences = others }, cancel);
        }
        await RemoveFinalizer(owner, Orphan, cancel);
    }

    private Task RemoveFinalizer(OwnedObject obj, string finalizer, CancellationToken cancel) => Patch(obj, new
    {
        uid = obj.Uid, resourceVersion = obj.Metadata.ResourceVersion, finalizers = obj.Metadata.Finalizers!.Where(other => other != finalizer).ToList(),
    }, cancel);

    private static Task Delete(OwnedObject obj, bool foreground, CancellationToken cancel) => obj.Kind.Delete(obj.Metadata.Namespace ?? "", obj.Metadata.Name!, new DeleteOptions
    {
        Preconditions = new Preconditions { Uid = obj.Uid },
        PropagationPolicy = foreground || obj.Has(Foreground) ? "Foreground" : obj.Has(Orphan) ? "Orphan" : "Background",
    }, cancel);

    private static async Task Patch(OwnedObject obj, object metadata, CancellationToken cancel)
    {
        try { await obj.Kind.PatchMetadata(obj.Metadata.Namespace ?? "", obj.Metadata.Name!, metadata, cancel); }
        catch (ApiException e) when (e.IsNotFound) { }
    }
}
