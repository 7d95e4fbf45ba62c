using Linux;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// Which index an endpoint has. The order is of no meaning, so it is kept such that as few indexes as possible change their endpoint: a new
/// one takes the place of one that went, or the end; a place that stays empty is taken by the last.
/// </summary>
internal static class EndpointOrder
{
    /// <param name="before">What the indexes led to so far; null where that is unknown.</param>
    /// <param name="wanted">Without repetitions.</param>
    public static NftablesValue[] Next(IReadOnlyList<NftablesValue> before, IReadOnlyList<NftablesValue> wanted)
    {
        if (before.Count == 0) return [.. wanted];
        var missing = new HashSet<NftablesValue>(wanted);
        var order = new List<NftablesValue>(wanted.Count);
        var holes = new Queue<int>();
        foreach (var endpoint in before)
        {
            if (!missing.Remove(endpoint)) holes.Enqueue(order.Count);
            order.Add(endpoint);
        }
        foreach (var endpoint in wanted.Where(missing.Contains))
        {
            if (holes.TryDequeue(out var hole)) order[hole] = endpoint;
            else order.Add(endpoint);
        }
        Close(order, holes);
        return [.. order];
    }

    private static void Close(List<NftablesValue> order, Queue<int> holes)
    {
        var empty = new HashSet<int>(holes);
        while (holes.TryDequeue(out var hole))
        {
            while (empty.Remove(order.Count - 1)) order.RemoveAt(order.Count - 1);
            if (hole >= order.Count) continue;
            empty.Remove(hole);
            order[hole] = order[^1];
            order.RemoveAt(order.Count - 1);
        }
    }
}
