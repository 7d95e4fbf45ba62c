using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Deletes what nobody owns any more (Kubernetes garbage collection): an object whose owners have all vanished goes; an
/// owner deleted in the foreground waits for its dependents; one deleted as orphan lets them go first.
/// </summary>
internal sealed class GarbageCollector(ApiClient client, SharedInformers informers, Action<string> log) : Controller("garbage-collector", log)
{
    private const string Foreground = "foregroundDeletion", Orphan = "orphan";

    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(500);

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
            if (updated is null)
            {
                graph.Remove(old!.Metadata.Uid!);
                foreach (var dependent in graph.DependentsOf(old.Metadata.Uid!)) Queue.Add(dependent.Uid);
                foreach (var owner in old.Metadata.OwnerReferences ?? []) Queue.Add(owner.Uid); // may wait for its dependents
                return;
            }
            graph.Put(new OwnedObject(kind, updated.Metadata));
            if (updated.Metadata.OwnerReferences is { Count: > 0 } || updated.Metadata.DeletionTimestamp is not null) Queue.Add(updated.Metadata.Uid!);
        };
    }

    protected override async Task Reconcile(string uid, CancellationToken cancel)
    {
        if (graph.Find(uid) is not { } obj) return;
        if (obj.IsBeingDeleted && obj.Has(Orphan)) await ReleaseDependents(obj, cancel);
        else if (obj.IsBeingDeleted && obj.Has(Foreground)) await DeleteDependents(obj, cancel);
        else if (!obj.IsBeingDeleted && obj.Metadata.OwnerReferences is { Count: > 0 } owners) await CheckOwners(obj, owners, cancel);
    }

    private async Task CheckOwners(OwnedObject obj, IReadOnlyList<OwnerReference> owners, CancellationToken cancel)
    {
        var present = new List<OwnerReference>();
        foreach (var owner in owners)
            if (await Exists(obj, owner, cancel)) present.Add(owner);
        if (present.Count == owners.Count) return;
        if (present.Count > 0)
            await Patch(obj, new { uid = obj.Uid, resourceVersion = obj.Metadata.ResourceVersion, ownerReferences = present }, cancel);
        else
            await Delete(obj, cancel);
    }

    /// <summary>A kind that this collector does not know may well exist: its dependents are left alone.</summary>
    private async Task<bool> Exists(OwnedObject obj, OwnerReference owner, CancellationToken cancel)
    {
        if (graph.Find(owner.Uid) is not null) return true;
        if (!kinds.TryGetValue((Ownership.GroupOf(owner.ApiVersion), owner.Kind), out var kind)) return true;
        // Caches of different kinds are not of one time: only the server's word is enough to delete something.
        var ns = kind.Resource.Namespaced ? obj.Metadata.Namespace ?? "" : "";
        return (await kind.Find(ns, owner.Name, cancel))?.Uid == owner.Uid;
    }

    private async Task DeleteDependents(OwnedObject owner, CancellationToken cancel)
    {
        var blocking = graph.DependentsOf(owner.Uid)
            .Where(dependent => dependent.Metadata.OwnerReferences!.Any(reference => reference.Uid == owner.Uid && reference.BlockOwnerDeletion == true)).ToList();
        if (blocking.Count == 0)
        {
            await RemoveFinalizer(owner, Foreground, cancel);
            return;
        }
        foreach (var dependent in blocking.Where(dependent => !dependent.IsBeingDeleted))
            await Delete(dependent, cancel, dependent.Metadata.OwnerReferences!.Count == 1 ? Foreground : null);
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

    private static Task Delete(OwnedObject obj, CancellationToken cancel, string? finalizer = null) => obj.Kind.Delete(obj.Metadata.Namespace ?? "", obj.Metadata.Name!, new DeleteOptions
    {
        Preconditions = new Preconditions { Uid = obj.Uid },
        PropagationPolicy = finalizer == Foreground || obj.Has(Foreground) ? "Foreground" : obj.Has(Orphan) ? "Orphan" : "Background",
    }, cancel);

    private static async Task Patch(OwnedObject obj, object metadata, CancellationToken cancel)
    {
        try { await obj.Kind.PatchMetadata(obj.Metadata.Namespace ?? "", obj.Metadata.Name!, metadata, cancel); }
        catch (ApiException e) when (e.IsNotFound) { }
    }
}
