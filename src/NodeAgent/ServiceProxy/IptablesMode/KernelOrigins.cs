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
        var found = new Queue<string>();
        void Note(IptablesRule rule, string? service)
        {
            if (service is not null && rule.Target is { } chain && IsOfOneService(chain) && serviceOfChain.TryAdd(chain, service)) found.Enqueue(chain);
        }
        foreach (var rule in rules.Nat.Chains.Values.SelectMany(chain => chain)) Note(rule, ServiceIn(rule.Text));
        while (found.TryDequeue(out var chain))
            foreach (var rule in rules.Nat.Chains.GetValueOrDefault(chain, [])) Note(rule, serviceOfChain[chain]);
    }

    /// <param name="line">-A CHAIN rule.</param>
    /// <returns>Null for a rule that nothing explains: left over, or somebody else's.</returns>
    public string? Of(string line)
    {
        var chain = line.Split(' ')[1];
        if (ServiceIn(line) is { } service) return $"Service {service}";
        if (IsOfOneService(chain))
            return !serviceOfChain.TryGetValue(chain, out var owner) ? null : IsOfEndpoints(chain) ? $"EndpointSlices of Service {owner}" : $"Service {owner}";
        return chain is DispatchTree.AddressRoot or DispatchTree.NodePortRoot || Dispatches.Any(prefix => chain.StartsWith(prefix, StringComparison.Ordinal)) || DispatchTree.Refuses(chain)
            ? "all Services in this bucket" : "this Node";
    }

    private static readonly string[] Dispatches = ["NA-B-", "NA-NP-"], OfEndpoints = ["NA-SVC-", "NA-SVL-", "NA-SEP-"], OfServices = ["NA-EXT-", "NA-FW-"];

    private static bool IsOfEndpoints(string chain) => OfEndpoints.Any(prefix => chain.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsOfOneService(string chain) => IsOfEndpoints(chain) || OfServices.Any(prefix => chain.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>"default/my-nginx" of the comment "default/my-nginx:http", whatever comes behind.</summary>
    private static string? ServiceIn(string rule)
    {
        var start = rule.IndexOf(Comment, StringComparison.Ordinal) + Comment.Length;
        if (start < Comment.Length) return null;
        var name = rule[start..].Split(':')[0];
        return name.Contains('/') && !name.Contains(' ') ? name : null;
    }
}
