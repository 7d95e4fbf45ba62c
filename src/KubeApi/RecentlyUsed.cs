namespace KubeApi;

/// <summary>Values by key, at most so many: the one that was not asked for the longest makes room. Not for several threads.</summary>
internal sealed class RecentlyUsed<TKey, TValue>(int most) where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> byKey = [];
    private readonly LinkedList<(TKey Key, TValue Value)> byUse = []; // the latest first

    public int Count => byKey.Count;

    public bool TryGet(TKey key, out TValue value)
    {
        value = default!;
        if (!byKey.TryGetValue(key, out var node)) return false;
        byUse.Remove(node);
        byUse.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        Remove(key);
        byKey[key] = byUse.AddFirst((key, value));
        if (byKey.Count > most) Remove(byUse.Last!.Value.Key);
    }

    public bool Remove(TKey key)
    {
        if (!byKey.Remove(key, out var node)) return false;
        byUse.Remove(node);
        return true;
    }
}
