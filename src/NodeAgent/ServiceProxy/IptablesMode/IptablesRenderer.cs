using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>
/// A whole <see cref="ServiceTable"/> as iptables rules: pure, and the same for the same objects. Every text is in iptables-save's own form,
/// which both back ends print alike.
/// </summary>
internal static class IptablesRenderer
{
    public static IptablesRules Render(ServiceTable table) => Render(table, [.. DispatchTree.All(table.Node.Origin)]);

    /// <param name="trees">Empty ones, by <see cref="DispatchKind"/>; they get what is dispatched.</param>
    public static IptablesRules Render(ServiceTable table, IReadOnlyList<DispatchTree> trees)
    {
        var (nat, filter) = (NodeRules.Nat(table.Node), NodeRules.Filter(table.Node));
        var natChains = new Dictionary<string, IReadOnlyList<IptablesRule>>(nat.Chains);
        var filterChains = new Dictionary<string, IReadOnlyList<IptablesRule>>(filter.Chains);
        foreach (var port in table.Ports)
        {
            var rules = PortRules.Of(port, table.Node);
            foreach (var (chain, list) in rules.Chains) natChains[chain] = list;
            foreach (var entry in rules.Entries) trees[(int)entry.Kind].Add(entry);
        }
        foreach (var tree in trees)
            foreach (var (chain, list) in tree.Chains()) (tree.Table == "nat" ? natChains : filterChains)[chain] = list;
        return new(nat with { Chains = natChains }, filter with { Chains = filterChains });
    }
}
