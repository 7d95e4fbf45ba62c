namespace NodeAgent.LoadBalancers;

/// <summary>
/// Which other nodes are alive, by their hellos. Time is counted in this node's own ticks: an agent that was stopped for a while has heard
/// nobody, and must not take everybody for dead when it goes on. Safe for concurrent use.
/// </summary>
internal sealed class Liveness
{
    /// <summary>How many ticks a node may be silent.</summary>
    public const int Patience = 4;

    /// <summary>How many ticks longer its addresses may stay with it if it answers ARP for them.</summary>
    private const int Grace = 56;

    private readonly Dictionary<string, (long Heard, bool Ready)> nodes = [];
    private readonly Lock gate = new();
    private long ticks;

    /// <param name="ready">It can hold addresses; else it has only just begun to listen.</param>
    /// <returns>The node was not alive, or not ready, before.</returns>
    public bool Heard(string node, bool ready)
    {
        lock (gate)
        {
            var news = !nodes.TryGetValue(node, out var before) || before.Ready != ready || IsSilent(before.Heard);
            nodes[node] = (ticks, ready);
            HasHeard = true;
            return news;
        }
    }

    /// <summary>A hello's time has passed.</summary>
    /// <returns>A node is no longer alive, or has been silent for so long that it counts for nothing.</returns>
    public bool Tick()
    {
        lock (gate)
        {
            ticks++;
            var gone = nodes.Where(node => ticks - node.Value.Heard > Patience + Grace).Select(node => node.Key).ToList();
            foreach (var node in gone) nodes.Remove(node);
            return gone.Count > 0 || nodes.Values.Any(node => ticks - node.Heard == Patience + 1);
        }
    }

    /// <summary>Any node was ever heard.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>Nodes that can hold addresses, and those that could until a moment ago or are about to.</summary>
    /// <param name="known">Nodes of the cluster; others do not count.</param>
    public (IReadOnlyList<string> Alive, IReadOnlyList<string> Silent) Now(IEnumerable<string> known)
    {
        lock (gate)
        {
            var heard = known.Where(nodes.ContainsKey).ToList();
            var alive = heard.Where(node => !IsSilent(nodes[node].Heard) && nodes[node].Ready).ToList();
            return (alive, [.. heard.Except(alive)]);
        }
    }

    private bool IsSilent(long heard) => ticks - heard > Patience;
}
