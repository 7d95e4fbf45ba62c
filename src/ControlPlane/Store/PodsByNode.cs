using System.Collections.Immutable;

namespace ControlPlane.Store;

/// <summary>
/// The pods of each node as of one revision, immutable as <see cref="StoreSnapshot"/> is: a thousand agents that list their pods at the same time,
/// as they do when the control plane is back, must not look at all pods each.
/// </summary>
internal sealed class PodsByNode
{
    private static readonly ImmutableSortedSet<StoredObject> None = ImmutableSortedSet.Create<StoredObject>(Comparer<StoredObject>.Create(Compare));

    private readonly ImmutableDictionary<string, ImmutableSortedSet<StoredObject>> nodes;

    private PodsByNode(ImmutableDictionary<string, ImmutableSortedSet<StoredObject>> nodes) => this.nodes = nodes;

    public static PodsByNode Of(IEnumerable<StoredObject> objects) => new(objects.Where(obj => obj.Node is not null).GroupBy(obj => obj.Node!)
        .ToImmutableDictionary(pods => pods.Key, pods => None.Union(pods)));

    /// <summary>Ordered by namespace and name (ordinal).</summary>
    public IEnumerable<StoredObject> this[string node] => nodes.GetValueOrDefault(node, None);

    /// <summary>With <paramref name="after"/> in the place of <paramref name="before"/>; either may be null, or on no node.</summary>
    public PodsByNode With(StoredObject? before, StoredObject? after)
    {
        var changed = nodes;
        if (before?.Node is { } old)
        {
            var left = changed[old].Remove(before);
            changed = left.IsEmpty && after?.Node != old ? changed.Remove(old) : changed.SetItem(old, left);
        }
        if (after?.Node is { } node) changed = changed.SetItem(node, changed.GetValueOrDefault(node, None).Add(after));
        return changed == nodes ? this : new PodsByNode(changed);
    }

    private static int Compare(StoredObject left, StoredObject right) =>
        string.CompareOrdinal(left.Key.Namespace, right.Key.Namespace) is not 0 and var byNamespace ? byNamespace : string.CompareOrdinal(left.Key.Name, right.Key.Name);
}
