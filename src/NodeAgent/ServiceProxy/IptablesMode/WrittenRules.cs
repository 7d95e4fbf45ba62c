using NodeAgent.ServiceProxy.Model;
using Chain = System.Collections.Generic.KeyValuePair<string, System.Collections.Generic.IReadOnlyList<NodeAgent.ServiceProxy.IptablesMode.IptablesRule>>;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>
/// What has to be remembered of the rules in the kernel so that a change costs what it changes: the dispatch, and the chains that wait for
/// their removal. The Services' own chains follow from the <see cref="ServiceChange"/>: their state before is what was written.
/// </summary>
internal sealed class WrittenRules
{
    private readonly IReadOnlyList<DispatchTree> trees;
    private NodeFacts node;
    private HashSet<string> natLeftovers, filterLeftovers;

    /// <param name="trees">By <see cref="DispatchKind"/>, with what the kernel has.</param>
    public WrittenRules(NodeFacts node, IReadOnlyList<DispatchTree> trees, IEnumerable<string> natLeftovers, IEnumerable<string> filterLeftovers)
    {
        (this.node, this.trees) = (node, trees);
        (this.natLeftovers, this.filterLeftovers) = ([.. natLeftovers], [.. filterLeftovers]);
    }

    public bool HasLeftovers => natLeftovers.Count + filterLeftovers.Count > 0;

    /// <summary>Whether the rules that route_localnet needs are there.</summary>
    public bool GuardsLocalhost => node.LocalhostNodePorts;

    /// <summary>Whether an unwanted chain is one that is waiting.</summary>
    public bool IsLeftover(string table, string chain) => (table == "nat" ? natLeftovers : filterLeftovers).Contains(chain);

    /// <summary>
    /// The texts for iptables-restore that make the change. A frontend is refused before it loses its way and until it has one again; a
    /// chain is removed one change after the last rule that led to it.
    /// </summary>
    public IReadOnlyList<string> Change(ServiceTable table, TableChanges changes, int chainsPerCall)
    {
        var (nat, filter) = (new ChainChanges(), new ChainChanges());
        IReadOnlyList<string> natJumps = [], filterJumps = [];
        var before = changes.Services.SelectMany(change => change.Before).Select(port => PortRules.Of(port, node)).ToList();
        var after = changes.Services.SelectMany(change => change.After).Select(port => PortRules.Of(port, table.Node)).ToList();
        if (changes.Node)
        {
            natJumps = StaticChanges(NodeRules.Nat(node), NodeRules.Nat(table.Node), nat);
            filterJumps = StaticChanges(NodeRules.Filter(node), NodeRules.Filter(table.Node), filter);
            // Rules of a Service that name the node's pods or address.
            if (!node.PodCidr.Equals(table.Node.PodCidr) || !Equals(node.NodeAddress, table.Node.NodeAddress))
            {
                var changed = changes.Services.Select(change => change.Service).ToHashSet();
                foreach (var port in table.Services.Where(service => !changed.Contains(service.Key)).SelectMany(service => service.Value))
                {
                    before.Add(PortRules.Of(port, node));
                    after.Add(PortRules.Of(port, table.Node));
                }
            }
        }
        node = table.Node;
        nat.Between(before.SelectMany(rules => rules.Chains), after.SelectMany(rules => rules.Chains));
        Dispatch([.. before.SelectMany(rules => rules.Entries)], [.. after.SelectMany(rules => rules.Entries)], nat, filter);
        return Texts(nat, natJumps, filter, filterJumps, chainsPerCall);
    }

    private static IReadOnlyList<string> StaticChanges(IptablesTable last, IptablesTable next, ChainChanges changes)
    {
        changes.Between(last.Chains, next.Chains);
        return [.. IptablesChange.JumpChanges(last.Jumps, next.Jumps)];
    }

    private void Dispatch(HashSet<DispatchEntry> before, HashSet<DispatchEntry> after, ChainChanges nat, ChainChanges filter)
    {
        var (removed, added) = (before.Except(after).ToList(), after.Except(before).ToList());
        var touched = removed.Concat(added).SelectMany(entry => trees[(int)entry.Kind].Around(entry.Leaf).Select(chain => (Tree: trees[(int)entry.Kind], Chain: chain))).Distinct().ToList();
        var last = touched.Select(at => at.Tree.RulesOf(at.Chain)).ToList();
        foreach (var entry in removed) trees[(int)entry.Kind].Remove(entry);
        foreach (var entry in added) trees[(int)entry.Kind].Add(entry);
        for (var i = 0; i < touched.Count; i++)
            (touched[i].Tree.Table == "nat" ? nat : filter).Between(touched[i].Chain, last[i], touched[i].Tree.RulesOf(touched[i].Chain));
    }

    private IReadOnlyList<string> Texts(ChainChanges nat, IReadOnlyList<string> natJumps, ChainChanges filter, IReadOnlyList<string> filterJumps, int chainsPerCall)
    {
        var (natRemoved, filterRemoved) = (Removed(ref natLeftovers, nat), Removed(ref filterLeftovers, filter));
        var first = filter.Written.Select(change => new Chain(change.Chain, change.Transition)).Where((chain, i) => !ReferenceEquals(chain.Value, filter.Written[i].Before)).ToList();
        var last = filter.Written.Where(change => !change.Transition.SequenceEqual(change.After)).Select(change => new Chain(change.Chain, change.After)).ToList();
        IReadOnlyList<string> texts =
        [
            .. IptablesChange.Write("filter", first, filterJumps, [], chainsPerCall),
            .. IptablesChange.Write("nat", [.. nat.Written.Select(change => new Chain(change.Chain, change.After))], natJumps, natRemoved, chainsPerCall),
            .. IptablesChange.Write("filter", last, [], filterRemoved, chainsPerCall),
        ];
        var small = first.Count + nat.Written.Count + natRemoved.Count + last.Count + filterRemoved.Count <= chainsPerCall;
        return small && texts.Count > 1 ? [string.Concat(texts)] : texts;
    }

    /// <summary>Those that waited and are not wanted again; what is unwanted from now on waits.</summary>
    private static List<string> Removed(ref HashSet<string> leftovers, ChainChanges changes)
    {
        leftovers.ExceptWith(changes.Written.Select(change => change.Chain));
        var removed = leftovers.Order(StringComparer.Ordinal).ToList();
        leftovers = [.. changes.Unwanted];
        return removed;
    }

    /// <summary>Chains of one table that become others.</summary>
    private sealed class ChainChanges
    {
        public sealed record Change(string Chain, IReadOnlyList<IptablesRule>? Before, IReadOnlyList<IptablesRule> After)
        {
            /// <summary>What the chain holds while nat changes.</summary>
            public IReadOnlyList<IptablesRule> Transition { get; } =
                DispatchTree.Refuses(Chain) && Before is not null ? IptablesRules.Union(Before, After) : After;
        }

        public List<Change> Written { get; } = [];
        public List<string> Unwanted { get; } = [];

        public void Between(string chain, IReadOnlyList<IptablesRule>? before, IReadOnlyList<IptablesRule>? after)
        {
            if (after is null)
            {
                if (before is not null) Unwanted.Add(chain);
            }
            else if (before is null || !before.SequenceEqual(after)) Written.Add(new(chain, before, after));
        }

        public void Between(IEnumerable<Chain> before, IEnumerable<Chain> after)
        {
            var last = new Dictionary<string, IReadOnlyList<IptablesRule>>(before);
            var next = new Dictionary<string, IReadOnlyList<IptablesRule>>(after);
            foreach (var (chain, rules) in next) Between(chain, last.GetValueOrDefault(chain), rules);
            foreach (var (chain, rules) in last) if (!next.ContainsKey(chain)) Between(chain, rules, null);
        }
    }
}
