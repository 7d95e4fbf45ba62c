using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>
/// Which object a rule came from, told by the rules alone: for <c>nodeagent state</c>, which has to answer without an agent and without a
/// control plane. The comments name Services; a chain of endpoints belongs to the Service whose rule leads to it; all else is the node's.
/// </summary>
internal sealed class KernelOrigins
{
    private const string Comment = "--comment \"";

    private readonly Dictionary<string, string> serviceOfChain = [];

    public KernelOrigins(IptablesRules rules)
    {
        foreach (var rule in rules.Nat.Chains.Values.SelectMany(chain => chain))
            if (rule.Target is { } chain && ServiceIn(rule.Text) is { } service) serviceOfChain[chain] = service;
    }

    /// <param name="line">-A CHAIN rule.</param>
    /// <returns>Null for a rule that nothing explains: left over, or somebody else's.</returns>
    public string? Of(string line)
    {
        var chain = line.Split(' ')[1];
        if (ServiceIn(line) is { } service) return $"Service {service}";
        if (chain.StartsWith("NA-SVC-", StringComparison.Ordinal))
            return serviceOfChain.TryGetValue(chain, out var owner) ? $"EndpointSlices of Service {owner}" : null;
        return chain.StartsWith("NA-B-", StringComparison.Ordinal) ? "all Services in this bucket" : "this Node";
    }

    /// <summary>"default/my-nginx" of the comment "default/my-nginx:http", whatever comes behind.</summary>
    private static string? ServiceIn(string rule)
    {
        var start = rule.IndexOf(Comment, StringComparison.Ordinal) + Comment.Length;
        if (start < Comment.Length) return null;
        var name = rule[start..].Split(':')[0];
        return name.Contains('/') && !name.Contains(' ') ? name : null;
    }
}
