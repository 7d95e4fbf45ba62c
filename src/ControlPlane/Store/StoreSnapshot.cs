using System.Collections.Immutable;

namespace ControlPlane.Store;

/// <summary>
/// Every object as of one revision. Immutable: a reader may keep one for as long as it likes, at the price of the
/// memory of the objects that were replaced since.
/// </summary>
internal sealed class StoreSnapshot
{
    private static readonly ImmutableSortedDictionary<string, StoredObject> NoNames =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    private static readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> NoNamespaces =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, StoredObject>>(StringComparer.Ordinal);

    /// <summary>resource → namespace → name → object.</summary>
    private readonly ImmutableDictionary<string, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>>> resources;

    private readonly PodsByNode pods;

    private StoreSnapshot(long revision, ImmutableDictionary<string, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>>> resources, PodsByNode pods) =>
        (Revision, this.resources, this.pods) = (revision, resources, pods);

    public static StoreSnapshot Empty { get; } =
        new(0, ImmutableDictionary<string, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>>>.Empty, PodsByNode.Of([]));

    /// <summary>Of many objects at once.</summary>
    public static StoreSnapshot Of(long revision, IReadOnlyCollection<StoredObject> objects) => new(revision, objects.GroupBy(obj => obj.Key.Resource).ToImmutableDictionary(
        resource => resource.Key,
        resource => resource.GroupBy(obj => obj.Key.Namespace).ToImmutableSortedDictionary(
            ns => ns.Key,
            ns => ns.ToImmutableSortedDictionary(obj => obj.Key.Name, obj => obj, StringComparer.Ordinal),
            StringComparer.Ordinal)), PodsByNode.Of(objects));

    /// <summary>The revision of the last write that is in here.</summary>
    public long Revision { get; }

    public StoredObject? Get(StoreKey key) =>
        resources.TryGetValue(key.Resource, out var namespaces) && namespaces.TryGetValue(key.Namespace, out var names)
            ? names.GetValueOrDefault(key.Name) : null;

    /// <summary>Objects of one resource ordered by namespace and name (ordinal), of one namespace or, with an empty one, of all.</summary>
    public IEnumerable<StoredObject> List(string resource, string ns = "")
    {
        if (!resources.TryGetValue(resource, out var namespaces)) return [];
        if (ns.Length == 0) return namespaces.SelectMany(pair => pair.Value.Values);
        return namespaces.TryGetValue(ns, out var names) ? names.Values : [];
    }

    /// <summary>The pods that are bound to a node, of all namespaces, in the same order.</summary>
    public IEnumerable<StoredObject> PodsOn(string node) => pods[node];

    public StoreSnapshot With(StoredObject obj)
    {
        var namespaces = resources.GetValueOrDefault(obj.Key.Resource, NoNamespaces);
        var names = namespaces.GetValueOrDefault(obj.Key.Namespace, NoNames);
        return new StoreSnapshot(obj.Revision, resources.SetItem(obj.Key.Resource,
            namespaces.SetItem(obj.Key.Namespace, names.SetItem(obj.Key.Name, obj))), pods.With(names.GetValueOrDefault(obj.Key.Name), obj));
    }

    public StoreSnapshot Without(StoreKey key, long revision)
    {
        var namespaces = resources[key.Resource];
        var names = namespaces[key.Namespace].Remove(key.Name);
        var left = pods.With(namespaces[key.Namespace][key.Name], null);
        return new StoreSnapshot(revision, resources.SetItem(key.Resource,
            names.IsEmpty ? namespaces.Remove(key.Namespace) : namespaces.SetItem(key.Namespace, names)), left);
    }
}
