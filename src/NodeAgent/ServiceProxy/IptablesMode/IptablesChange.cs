
using Chain = System.Collections.Generic.KeyValuePair<string, System.Collections.Generic.IReadOnlyList<NodeAgent.ServiceProxy.IptablesMode.IptablesRule>>;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>
/// The way from one state of a table to another, as texts for iptables-restore --noflush. Pure; chains that stay as they are, are not named.
/// </summary>
/// <param name="Texts">To be applied one after the other; none where there is nothing to do.</param>
/// <param name="Result">The state of the table afterwards: the wanted one, and the chains that are still waiting for their removal.</param>
internal sealed record IptablesChange(IReadOnlyList<string> Texts, IptablesTable Result)
{
    /// <summary>How many chains a call may declare in the nft back end, whose time grows with their square.</summary>
    public const int ChainsPerNftCall = 200;

    /// <param name="chainsPerCall">
    /// A larger change is split: first come the chains that lead nowhere else (the Services' own), that many a call, then the dispatch, so
    /// that no packet is ever sent to a chain that is not complete; then what is no longer needed.
    /// </param>
    public static IptablesChange Between(IptablesTable last, IptablesTable next, int chainsPerCall = int.MaxValue)
    {
        var changed = next.Chains.Where(chain => !last.Chains.TryGetValue(chain.Key, out var rules) || !rules.SequenceEqual(chain.Value))
            .OrderBy(chain => chain.Key, StringComparer.Ordinal).ToList();
        // A chain is removed one change after the last reference to it went: no rule that is still being walked leads to it.
        var reachable = last.Reachable();
        var gone = last.Chains.Where(chain => !next.Chains.ContainsKey(chain.Key)).OrderBy(chain => chain.Key, StringComparer.Ordinal).ToList();
        var removed = gone.Where(chain => !reachable.Contains(chain.Key)).ToList();
        var jumps = JumpChanges(last, next).ToList();

        var texts = changed.Count + removed.Count <= chainsPerCall
            ? [Section(next.Name, changed, jumps, removed)]
            : Split(next.Name, changed, jumps, removed, chainsPerCall);
        var chains = next.Chains.Concat(gone.Except(removed)).ToDictionary(chain => chain.Key, chain => chain.Value);
        return new(texts.Where(text => text.Length > 0).ToList(), next with { Chains = chains });
    }

    private static IEnumerable<string> Split(string table, List<Chain> changed, List<string> jumps, List<Chain> removed, int chainsPerCall) =>
    [
        .. changed.Where(IsLeaf).Chunk(chainsPerCall).Select(part => Section(table, part, [], [])),
        Section(table, changed.Where(chain => !IsLeaf(chain)), jumps, []),
        Section(table, [], [], removed.Where(chain => !IsLeaf(chain))),
        .. removed.Where(IsLeaf).Chunk(chainsPerCall).Select(part => Section(table, [], [], part)),
    ];

    private static bool IsLeaf(Chain chain) => chain.Value.All(rule => rule.Target is null);

    private static IEnumerable<string> JumpChanges(IptablesTable last, IptablesTable next)
    {
        var present = last.Jumps.ToList();
        foreach (var jump in next.Jumps)
            if (!present.Remove(jump)) yield return $"-I {jump.Chain} {jump.Rule.Text}";
        foreach (var surplus in present) yield return $"-D {surplus.Chain} {surplus.Rule.Text}";
    }

    private static string Section(string table, IEnumerable<Chain> changed, IEnumerable<string> jumps, IEnumerable<Chain> removed)
    {
        // In restore's input a declared chain is created, or emptied where it exists.
        var lines = changed.Concat(removed).Select(chain => $":{chain.Key} - [0:0]")
            .Concat(changed.SelectMany(chain => chain.Value.Select(rule => $"-A {chain.Key} {rule.Text}")))
            .Concat(jumps)
            .Concat(removed.Select(chain => $"-X {chain.Key}")).ToList();
        return lines.Count == 0 ? "" : $"*{table}\n{string.Join('\n', lines)}\nCOMMIT\n";
    }
}
