
namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>Reads what iptables-save prints of one table, and keeps what is ours.</summary>
internal static class IptablesSave
{
    /// <summary>The parts of what iptables-save prints of all tables.</summary>
    public static IEnumerable<(string Table, string Text)> Tables(string text) =>
        $"\n{text}".Split("\n*").Skip(1).Select(part => (part[..part.IndexOf('\n')], part));

    /// <param name="text">The format of iptables-save(8): "*table", ":CHAIN POLICY [packets:bytes]", "-A CHAIN rule", "COMMIT", "#" comments.</param>
    /// <param name="owns">Which of the agent's chains the reader looks after; null = all. Rules that lead to one are its own, too.</param>
    public static IptablesTable Parse(string table, string text, Func<string, bool>? owns = null)
    {
        var chains = new Dictionary<string, List<IptablesRule>>();
        var jumps = new List<IptablesJump>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith($":{IptablesTable.Prefix}", StringComparison.Ordinal) && IsOwn(line[1..line.IndexOf(' ')])) chains.TryAdd(line[1..line.IndexOf(' ')], []);
            if (!line.StartsWith("-A ", StringComparison.Ordinal)) continue;
            var end = line.IndexOf(' ', 3);
            if (end < 0) continue; // a rule without any match or target
            var (chain, rule) = (line[3..end], new IptablesRule(line[(end + 1)..].TrimEnd()));
            if (chains.TryGetValue(chain, out var rules)) rules.Add(rule);
            else if (rule.Target is { } target && IsOwn(target) && !chain.StartsWith(IptablesTable.Prefix, StringComparison.Ordinal)) jumps.Add(new(chain, rule));
        }
        return new(table, chains.ToDictionary(chain => chain.Key, chain => (IReadOnlyList<IptablesRule>)chain.Value), jumps);

        bool IsOwn(string chain) => owns is null || owns(chain);
    }
}
