using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>What is ours in one iptables table: as it shall be, as it was written last, or as the kernel shows it.</summary>
/// <param name="Name">nat or filter.</param>
/// <param name="Chains">Our chains by name, each with its rules in order.</param>
/// <param name="Jumps">Rules in chains that are not ours and that lead to ours.</param>
internal sealed record IptablesTable(string Name, IReadOnlyDictionary<string, IReadOnlyList<IptablesRule>> Chains, IReadOnlyList<IptablesJump> Jumps)
{
    /// <summary>The mark of our chains; a chain without it is never changed.</summary>
    public const string Prefix = "NA-";

    public static IptablesTable Empty(string name) => new(name, new Dictionary<string, IReadOnlyList<IptablesRule>>(), []);

    /// <summary>Our chains that a packet can come to: those that the jumps lead to, and all that these lead to.</summary>
    public IReadOnlySet<string> Reachable()
    {
        var reached = new HashSet<string>();
        var next = new Stack<string>(Jumps.Select(jump => jump.Rule.Target).OfType<string>());
        while (next.TryPop(out var chain))
        {
            if (!reached.Add(chain) || !Chains.TryGetValue(chain, out var rules)) continue;
            foreach (var rule in rules) if (rule.Target is { } target) next.Push(target);
        }
        return reached;
    }

    /// <summary>All rules as iptables-save writes them.</summary>
    public IEnumerable<(string Line, Origin? Origin)> Lines() =>
        Jumps.Select(jump => ($"-A {jump.Chain} {jump.Rule.Text}", jump.Rule.Origin))
            .Concat(Chains.OrderBy(chain => chain.Key, StringComparer.Ordinal)
                .SelectMany(chain => chain.Value.Select(rule => ($"-A {chain.Key} {rule.Text}", rule.Origin))));
}

/// <summary>
/// One rule, without "-A CHAIN", exactly in the form in which iptables-save prints it, so that texts can be compared. Rules are equal when
/// their texts are: a new version of an object that asks for the same rule changes nothing in the kernel.
/// </summary>
/// <param name="Origin">The API object behind it; null when read from the kernel.</param>
internal sealed record IptablesRule(string Text, Origin? Origin = null)
{
    /// <summary>The chain of ours that it leads to, if any.</summary>
    public string? Target => TargetIn(Text);

    public bool Equals(IptablesRule? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode();

    private static string? TargetIn(string text)
    {
        var at = text.LastIndexOf($"-j {IptablesTable.Prefix}", StringComparison.Ordinal);
        if (at < 0) at = text.LastIndexOf($"-g {IptablesTable.Prefix}", StringComparison.Ordinal);
        if (at < 0 || (at > 0 && text[at - 1] != ' ')) return null;
        var target = text[(at + 3)..];
        return target.Contains(' ') || target.Contains('"') ? null : target; // a comment may say "-j NA-…" too
    }
}

/// <summary>A rule in a chain that is not ours (PREROUTING, FORWARD, …) that leads to one of ours.</summary>
internal sealed record IptablesJump(string Chain, IptablesRule Rule);
