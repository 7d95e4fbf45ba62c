using NodeAgent.ServiceProxy.IptablesMode;

namespace NodeAgent.KernelState;

/// <summary>Differences of iptables rules in the words that all parts share. Pure.</summary>
internal static class RuleDrift
{
    /// <param name="origin">Of a rule that is not wanted, by its line.</param>
    public static IReadOnlyList<KernelChange> Between(IptablesTable now, IptablesTable wanted, Func<string, string> origin)
    {
        var present = now.Lines().GroupBy(entry => entry.Line).ToDictionary(same => same.Key, same => same.Count());
        var changes = new List<KernelChange>();
        foreach (var (line, from) in wanted.Lines())
            if (present.GetValueOrDefault(line) is > 0 and var left) present[line] = left - 1;
            else changes.Add(new(ChangeAction.Add, new("rule", line, from?.ToString() ?? origin(line))));
        changes.AddRange(present.SelectMany(line => Enumerable.Repeat(new KernelChange(ChangeAction.Delete, new("rule", line.Key, origin(line.Key))), line.Value)));
        changes.AddRange(now.Chains.Keys.Where(chain => !wanted.Chains.ContainsKey(chain) && now.Chains[chain].Count == 0)
            .Select(chain => new KernelChange(ChangeAction.Delete, new("chain", $"{chain} of table {now.Name}", origin(chain)))));
        return changes;
    }
}
