namespace ControlPlane.Store;

/// <summary>What a watch can hear of at most. The default is everything; a name or a node narrows it further than a namespace does.</summary>
/// <param name="Resource">Qualified, as in <see cref="StoreKey"/>; null for all.</param>
/// <param name="Namespace">Null or empty for all.</param>
/// <param name="Node">Only pods on this node.</param>
internal readonly record struct WatchScope(string? Resource, string? Namespace = null, string? Name = null, string? Node = null);

/// <summary>
/// The watches by their scope, so that a change costs as much as there are watchers which may want it: the thousand that
/// look after one node's pods each are no load when another node's pod changes. Used under the lock of its log.
/// </summary>
internal sealed class WatchIndex
{
    private readonly Dictionary<WatchScope, HashSet<StoreWatch>> watches = [];

    /// <summary>How many are about a node.</summary>
    private int ofNodes;

    public int Count { get; private set; }

    public void Add(StoreWatch watch)
    {
        var place = Place(watch.Scope);
        if (!watches.TryGetValue(place, out var same)) watches[place] = same = [];
        if (same.Add(watch)) Counted(place, 1);
    }

    public void Remove(StoreWatch watch)
    {
        var place = Place(watch.Scope);
        if (!watches.TryGetValue(place, out var same) || !same.Remove(watch)) return;
        Counted(place, -1);
        if (same.Count == 0) watches.Remove(place);
    }

    /// <summary>Gives the change to those that may want it, each once, and forgets those that do not take it.</summary>
    public void Offer(StoreEvent change)
    {
        var (resource, ns, name) = change.Current.Key;
        OfferTo(default, change);
        OfferTo(new(resource), change);
        OfferTo(new(resource, null, name), change);
        if (ns.Length > 0)
        {
            OfferTo(new(resource, ns), change);
            OfferTo(new(resource, ns, name), change);
        }
        if (ofNodes == 0) return;
        var (node, before) = (change.Current.Node, change.Previous?.Node);
        if (node is not null) OfferTo(new(resource, Node: node), change);
        if (before is not null && before != node) OfferTo(new(resource, Node: before), change);
    }

    /// <summary>Takes all of them out.</summary>
    public IReadOnlyList<StoreWatch> Clear()
    {
        var all = watches.Values.SelectMany(same => same).ToList();
        watches.Clear();
        Count = ofNodes = 0;
        return all;
    }

    private void OfferTo(WatchScope place, StoreEvent change)
    {
        if (!watches.TryGetValue(place, out var same)) return;
        var gone = same.RemoveWhere(watch => !watch.Offer(change));
        if (gone == 0) return;
        Counted(place, -gone);
        if (same.Count == 0) watches.Remove(place);
    }

    private void Counted(WatchScope place, int watchers)
    {
        Count += watchers;
        if (place.Node is not null) ofNodes += watchers;
    }

    /// <summary>The one scope under which a watch is kept: the narrowest of those that <see cref="Offer"/> asks for.</summary>
    private static WatchScope Place(WatchScope scope)
    {
        var ns = string.IsNullOrEmpty(scope.Namespace) ? null : scope.Namespace;
        if (scope.Resource is null) return default;
        if (scope.Name is not null) return new(scope.Resource, ns, scope.Name);
        return IsOfNode(scope) ? new(scope.Resource, Node: scope.Node) : new(scope.Resource, ns);
    }

    /// <summary>A selector for the empty node wants the pods that have none, which are in no place of their own.</summary>
    private static bool IsOfNode(WatchScope scope) => scope is { Resource: "pods", Node.Length: > 0 };
}
