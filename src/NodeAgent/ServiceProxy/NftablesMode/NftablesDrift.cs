namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>A change as the differences that it mends.</summary>
internal static class NftablesDrift
{
    public static IEnumerable<Drift> Of(NftablesUpdate change) =>
    [
        .. change.NewSets.Select(set => new Drift("add", $"set ip {NftablesTable.Name} {set}", "this Node")),
        .. change.NewChains.Select(chain => new Drift("add", $"chain ip {NftablesTable.Name} {chain.Name}", $"{chain.Origin}")),
        .. change.NewChains.SelectMany(chain => chain.Rules.Select(rule => new Drift("add", Rule(chain.Name, rule), $"{chain.Origin}"))),
        .. change.Rewritten.SelectMany(pair => Rewritten(pair.Present, pair.Wanted)),
        .. change.Added.Select(element => new Drift("add", ElementText.Of(element.Set, element.Element), $"{element.Origin}")),
        .. change.Replaced.Select(element => new Drift("change", ElementText.Of(element.Set, element.Element), $"{element.Origin}")),
        .. change.Removed.Select(element => new Drift("delete", ElementText.Of(element.Set, element.Element), $"{element.Origin}")),
        .. change.RemovedChains.Select(chain => new Drift("delete", $"chain ip {NftablesTable.Name} {chain.Name}", $"{KernelTable.Nobody}")),
        .. change.RemovedSets.Select(set => new Drift("delete", $"set ip {NftablesTable.Name} {set}", $"{KernelTable.Nobody}")),
    ];

    public static string Rule(string chain, NftablesRule rule) => $"rule ip {NftablesTable.Name} {chain} {rule}";

    private static IEnumerable<Drift> Rewritten(PresentChain present, NftablesChain wanted)
    {
        var left = present.Rules.ToList();
        var told = false;
        foreach (var rule in wanted.Rules)
        {
            if (left.FindIndex(found => found.Is(rule.Expressions)) is >= 0 and var at) left.RemoveAt(at);
            else
            {
                told = true;
                yield return new("add", Rule(wanted.Name, rule), $"{wanted.Origin}");
            }
        }
        foreach (var foreign in left)
            yield return new("delete", $"rule ip {NftablesTable.Name} {wanted.Name} handle {foreign.Handle} ({string.Join(' ', foreign.Expressions.Select(expression => expression.Name))})", $"{KernelTable.Nobody}");
        if (!told && left.Count == 0) yield return new("change", $"chain ip {NftablesTable.Name} {wanted.Name}", $"{wanted.Origin}"); // its order, hook or policy
    }
}
