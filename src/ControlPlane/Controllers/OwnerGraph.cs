using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>An object as the garbage collector knows it. It is an immutable snapshot of its metadata.</summary>
internal sealed record OwnedObject(GarbageKind Kind, ObjectMeta Metadata)
{
    public string Uid => Metadata.Uid ?? "";

    public bool IsBeingDeleted => Metadata.DeletionTimestamp is not null;

    /// <summary>It is deleted in the foreground: its dependents go first.</summary>
    public bool IsWaitingForDependents => IsBeingDeleted && Has("foregroundDeletion");

    public ObjectReference Reference => new()
    {
        Kind = Kind.Resource.Kind, ApiVersion = Kind.Resource.ApiVersion, Namespace = Metadata.Namespace, Name = Metadata.Name, Uid = Metadata.Uid,
        ResourceVersion = Metadata.ResourceVersion,
    };

    public bool Has(string finalizer) => Metadata.Finalizers?.Contains(finalizer) == true;

    /// <summary>Its owner with this uid must not vanish before it.</summary>
    public bool Blocks(string owner) => Metadata.OwnerReferences?.Any(reference => reference.Uid == owner && reference.BlockOwnerDeletion == true) == true;
}

/// <summary>Who owns whom, by uid, over all kinds. Not safe for several threads without its own lock, which it takes.</summary>
internal sealed class OwnerGraph
{
    private readonly Dictionary<string, OwnedObject> objects = [];
    private readonly Dictionary<string, HashSet<string>> dependents = []; // owner uid → dependents' uids
    private readonly Lock guard = new();

    public void Put(OwnedObject obj)
    {
        lock (guard)
        {
            RemoveEdges(obj.Uid);
            objects[obj.Uid] = obj;
            foreach (var owner in obj.Metadata.OwnerReferences ?? [])
                (dependents.TryGetValue(owner.Uid, out var set) ? set : dependents[owner.Uid] = []).Add(obj.Uid);
        }
    }

    public void Remove(string uid)
    {
        lock (guard)
        {
            RemoveEdges(uid);
            objects.Remove(uid);
        }
    }

    public OwnedObject? Find(string uid)
    {
        lock (guard) return objects.GetValueOrDefault(uid);
    }

    public IReadOnlyList<OwnedObject> DependentsOf(string uid)
    {
        lock (guard) return dependents.TryGetValue(uid, out var set) ? set.Select(objects.GetValueOrDefault).OfType<OwnedObject>().ToList() : [];
    }

    private void RemoveEdges(string uid)
    {
        foreach (var owner in objects.GetValueOrDefault(uid)?.Metadata.OwnerReferences ?? [])
            if (dependents.TryGetValue(owner.Uid, out var set) && set.Remove(uid) && set.Count == 0) dependents.Remove(owner.Uid);
    }
}
