using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.HostPorts;

/// <summary>
/// Pure: host ports → rules of table nat, in iptables-save's own wording. What comes to an address of the node at such a port goes to the
/// pod; the client's address stays, since a pod's answers come back through its node anyway. A pod that reaches itself is masqueraded by the
/// Services' rules. 127.0.0.1 is left out: it would have to be routed off the loopback for that.
/// </summary>
internal static class HostPortRules
{
    public const string Table = "nat", Chain = "NA-HOSTPORTS";

    /// <summary>Chains of table nat that are these rules' and not the Services'.</summary>
    public static bool Owns(string chain) => chain == Chain;

    /// <summary>Nothing at all where no pod has a host port.</summary>
    public static IptablesTable Render(IEnumerable<HostPort> ports)
    {
        var rules = ports.OrderBy(port => port.Port).ThenBy(port => port.Protocol, StringComparer.Ordinal)
            // A port of one address comes before the same port of all addresses.
            .ThenByDescending(port => port.HostAddress, StringComparer.Ordinal).Select(Rule).ToList();
        if (rules.Count == 0) return IptablesTable.Empty(Table);
        return new(Table, new Dictionary<string, IReadOnlyList<IptablesRule>> { [Chain] = rules }, [Jump("PREROUTING", ""), Jump("OUTPUT", "! -d 127.0.0.0/8 ")]);
    }

    private static IptablesJump Jump(string from, string match) =>
        new(from, new($"{match}-m addrtype --dst-type LOCAL -m comment --comment \"NodeAgent: host ports\" -j {Chain}"));

    private static IptablesRule Rule(HostPort port) => new(
        $"{(port.HostAddress.Length > 0 ? $"-d {port.HostAddress}/32 " : "")}-p {port.Protocol} -m comment --comment \"{port.Pod}\" -m {port.Protocol} --dport {port.Port} -j DNAT --to-destination {port.PodAddress}:{port.PodPort}",
        new Origin("Pod", port.Pod, null));
}
