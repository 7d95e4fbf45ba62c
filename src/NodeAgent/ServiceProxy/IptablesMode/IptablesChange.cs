using System.Text;

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
    /// A larger change is split: that many chains a call, each after those that it leads to, so that no packet is ever sent to a chain that is
    /// not complete; then what is no longer needed.
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

        var texts = Write(next.Name, changed, jumps, [.. removed.Select(chain => chain.Key)], chainsPerCall);
        var chains = next.Chains.Concat(gone.Except(removed)).ToDictionary(chain => chain.Key, chain => chain.Value);
        return new(texts, next with { Chains = chains });
    }

    /// <summary>The texts that write some chains, then rules that lead to them, and remove others.</summary>
    public static IReadOnlyList<string> Write(string table, IReadOnlyCollection<Chain> changed, IReadOnlyCollection<string> jumps, IReadOnlyCollection<string> removed, int chainsPerCall)
    {
        if (changed.Count + removed.Count <= chainsPerCall) return changed.Count + jumps.Count + removed.Count == 0 ? [] : [Section(table, changed, jumps, removed)];
        return
        [
            .. changed.OrderBy(chain => Height(chain.Key)).Chunk(chainsPerCall).Select(part => Section(table, part, [], [])),
            .. jumps.Count > 0 ? [Section(table, [], jumps, [])] : Array.Empty<string>(),
            .. removed.OrderByDescending(Height).Chunk(chainsPerCall).Select(part => Section(table, [], [], part)),
        ];
    }

    /// <summary>A chain leads to lower ones only.</summary>
    private static int Height(string chain) => chain switch
    {
        NodeRules.MarkMasquerade or NodeRules.Refuse or NodeRules.RefuseOwn => 0,
        _ when Starts(chain, "NA-SEP-") => 0,
        _ when Starts(chain, "NA-SVC-") || Starts(chain, "NA-SVL-") => 1,
        _ when Starts(chain, "NA-EXT-") => 2,
        _ when Starts(chain, "NA-FW-") => 3,
        _ when (Starts(chain, $"{DispatchTree.AddressRoot}-") || Starts(chain, $"{DispatchTree.RefusedRoot}-")) && chain.Length == 7 => 4,
        _ when Starts(chain, $"{DispatchTree.AddressRoot}-") || Starts(chain, $"{DispatchTree.RefusedRoot}-") || Starts(chain, "NA-NP-") || Starts(chain, $"{DispatchTree.InputPortRoot}-") => 5,
        DispatchTree.AddressRoot or DispatchTree.RefusedRoot or DispatchTree.NodePortRoot or DispatchTree.InputPortRoot => 6,
        IptablesRules.RejectChain or "NA-OUTBOUND" => 7,
        _ => 8,
    };

    private static bool Starts(string chain, string prefix) => chain.StartsWith(prefix, StringComparison.Ordinal);

    private static IEnumerable<string> JumpChanges(IptablesTable last, IptablesTable next) => JumpChanges(last.Jumps, next.Jumps);

    public static IEnumerable<string> JumpChanges(IReadOnlyList<IptablesJump> last, IReadOnlyList<IptablesJump> next)
    {
        var present = last.ToList();
        foreach (var jump in next)
            if (!present.Remove(jump)) yield return $"-I {jump.Chain} {jump.Rule.Text}";
        foreach (var surplus in present) yield return $"-D {surplus.Chain} {surplus.Rule.Text}";
    }

    private static string Section(string table, IReadOnlyCollection<Chain> changed, IEnumerable<string> jumps, IReadOnlyCollection<string> removed)
    {
        // In restore's input a declared chain is created, or emptied where it exists.
        var text = new StringBuilder($"*{table}\n");
        foreach (var (chain, _) in changed) text.Append($":{chain} - [0:0]\n");
        foreach (var chain in removed) text.Append($":{chain} - [0:0]\n");
        foreach (var (chain, rules) in changed)
            foreach (var rule in rules) text.Append($"-A {chain} {rule.Text}\n");
        foreach (var jump in jumps) text.Append($"{jump}\n");
        foreach (var chain in removed) text.Append($"-X {chain}\n");
        return text.Append("COMMIT\n").ToString();
    }
}
