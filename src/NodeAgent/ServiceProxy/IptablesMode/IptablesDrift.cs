namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>Pure: what mends the difference between two states, rule by rule as iptables-save prints them.</summary>
internal static class IptablesDrift
{
    /// <param name="waits">Whether an unwanted chain of a table waits for its removal: no fault.</param>
    public static IEnumerable<Drift> Between(IptablesRules now, IptablesRules wanted, Func<string, string, bool> waits)
    {
        var told = new KernelOrigins(now);
        return Between(now.Nat, wanted.Nat, told, waits).Concat(Between(now.Filter, wanted.Filter, told, waits));
    }

    private static IEnumerable<Drift> Between(IptablesTable now, IptablesTable wanted, KernelOrigins told, Func<string, string, bool> waits)
    {
        var jumps = Rules(now.Jumps.Select(jump => new IptablesRule($"-A {jump.Chain} {jump.Rule.Text}")), wanted.Jumps.Select(jump => new IptablesRule($"-A {jump.Chain} {jump.Rule.Text}", jump.Rule.Origin)), "");
        foreach (var drift in jumps) yield return drift;
        foreach (var (chain, rules) in wanted.Chains)
        {
            if (!now.Chains.TryGetValue(chain, out var present) && rules.Count == 0) yield return new("add", $"-N {chain}", "this Node");
            else if (present?.SequenceEqual(rules) != true)
                foreach (var drift in Rules(present ?? [], rules, $"-A {chain} ")) yield return drift;
        }
        foreach (var (chain, rules) in now.Chains.Where(chain => !wanted.Chains.ContainsKey(chain.Key) && !waits(now.Name, chain.Key)))
        {
            if (rules.Count == 0) yield return new("delete", $"-N {chain}", "no object");
            foreach (var drift in Rules(rules, [], $"-A {chain} ")) yield return drift;
        }

        IEnumerable<Drift> Rules(IEnumerable<IptablesRule> present, IEnumerable<IptablesRule> rules, string start)
        {
            var surplus = present.ToList();
            var missing = rules.Where(rule => !surplus.Remove(rule)).ToList();
            foreach (var rule in missing) yield return new("add", start + rule.Text, rule.Origin?.ToString() ?? "this Node");
            foreach (var rule in surplus) yield return new("delete", start + rule.Text, told.Of(start + rule.Text) ?? "no object");
            if (missing.Count + surplus.Count == 0 && start.Length > 0) yield return new("change", $"{start}… (the order of its rules)", "this Node");
        }
    }
}
