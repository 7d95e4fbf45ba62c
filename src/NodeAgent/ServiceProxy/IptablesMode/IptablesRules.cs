using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>All that is ours in iptables. Each table is replaced atomically, the two together are not: see <see cref="Between"/>.</summary>
internal sealed record IptablesRules(IptablesTable Nat, IptablesTable Filter)
{
    /// <summary>Where connections come that nat has led nowhere.</summary>
    public const string RejectChain = "NA-FILTER";

    public static IptablesRules Empty { get; } = new(IptablesTable.Empty("nat"), IptablesTable.Empty("filter"));

    /// <summary>True where chains wait for their removal by one more change.</summary>
    public bool HasLeftovers(IptablesRules wanted) =>
        Nat.Chains.Count != wanted.Nat.Chains.Count || Filter.Chains.Count != wanted.Filter.Chains.Count;

    /// <summary>True if all is as there, whatever the order of chains and jumps.</summary>
    public bool HasRulesOf(IptablesRules other) => Lines().Select(entry => entry.Line).ToHashSet().SetEquals(other.Lines().Select(entry => entry.Line));

    public IEnumerable<(string Line, Origin? Origin)> Lines() => Nat.Lines().Concat(Filter.Lines());

    /// <summary>
    /// The texts for iptables-restore that lead from <paramref name="last"/> to <paramref name="next"/>, and the state afterwards. A
    /// frontend is refused before it loses its way and until it has one again: rejects are added before nat changes and taken away after.
    /// A reject too many is harmless, since what nat sends on no longer has the frontend's address.
    /// </summary>
    public static (IReadOnlyList<string> Texts, IptablesRules Result) Between(IptablesRules last, IptablesRules next, int chainsPerCall = int.MaxValue)
    {
        var before = IptablesChange.Between(last.Filter, WithRejectsOf(last.Filter, next.Filter), chainsPerCall);
        var nat = IptablesChange.Between(last.Nat, next.Nat, chainsPerCall);
        var after = IptablesChange.Between(before.Result, next.Filter, chainsPerCall);
        IReadOnlyList<string> texts = [.. before.Texts, .. nat.Texts, .. after.Texts];
        return (chainsPerCall == int.MaxValue && texts.Count > 0 ? [string.Concat(texts)] : texts, new(nat.Result, after.Result));
    }

    private static IptablesTable WithRejectsOf(IptablesTable last, IptablesTable next)
    {
        var chains = new Dictionary<string, IReadOnlyList<IptablesRule>>(next.Chains);
        foreach (var (chain, old) in last.Chains.Where(chain => DispatchTree.Refuses(chain.Key)))
            if (Union(old, next.Chains.GetValueOrDefault(chain, [])) is { Count: > 0 } both) chains[chain] = both;
        return next with { Chains = chains };
    }

    /// <summary>What refuses before and after; the old ones as they are where nothing comes to them, so that nothing is written.</summary>
    public static IReadOnlyList<IptablesRule> Union(IReadOnlyList<IptablesRule> old, IReadOnlyList<IptablesRule> wanted)
    {
        var known = old.ToHashSet();
        return wanted.All(known.Contains) ? old : [.. wanted, .. old.Except(wanted)];
    }
}
