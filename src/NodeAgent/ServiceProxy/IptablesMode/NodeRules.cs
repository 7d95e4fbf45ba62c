using System.Net;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>The rules that are there for the node, whatever Services there are; README.md draws the way of a packet through them. Pure.</summary>
internal static class NodeRules
{
    public const string MarkMasquerade = "NA-MARK-MASQ", Refuse = "NA-REJECT", RefuseOwn = "NA-REFUSE-OWN";

    /// <summary>Set on what has to be masqueraded, from the dispatch to postrouting; taken away before it leaves. Kubernetes' customary bit.</summary>
    private const string Mark = "0x4000";

    /// <summary>
    /// "Source address = destination address" as classic BPF over the IP header: A = word at 12; X = A; A = word at 16; A == X ? match : no.
    /// After DNAT that is a pod which reaches itself through a Service. One rule serves all pods, whatever comes and goes.
    /// </summary>
    private const string SourceIsDestination = "-m bpf --bytecode \"6,32 0 0 12,7 0 0 0,32 0 0 16,29 0 1 0,6 0 0 65535,6 0 0 0\"";

    public const string LocalhostGuard =
        "-d 127.0.0.0/8 ! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment \"from outside to localhost\" -j DROP";

    private const string Masquerade = "-j MASQUERADE --random-fully";

    /// <summary>Where this node's own datagrams to a Service without endpoints end: an address of the loopback that nobody is sent to otherwise.</summary>
    private const string Nowhere = "127.255.255.254";

    public static IptablesTable Nat(NodeFacts node)
    {
        var table = new TableBuilder("nat", node.Origin);
        table.Jump("PREROUTING", "NodeAgent: Services, from pods and from outside", "NA-SERVICES");
        table.Jump("OUTPUT", "NodeAgent: Services, from this node", "NA-SERVICES");
        table.Jump("POSTROUTING", "NodeAgent: masquerade", "NA-POSTROUTING");
        table.Add(MarkMasquerade, $"-j MARK --set-xmark {Mark}/{Mark}");
        // A reject in table filter would make send() fail with EPERM; a datagram that arrives is answered by ICMP, as every closed port's.
        table.Add(RefuseOwn, $"-p udp -j DNAT --to-destination {Nowhere}:9");
        table.Add(RefuseOwn, $"-p sctp -j DNAT --to-destination {Nowhere}:9");
        table.Add("NA-SERVICES", $"! -s {node.ClusterCidr} -d {node.ServiceCidr} -j {MarkMasquerade}");
        table.Add("NA-SERVICES", $"-j {DispatchTree.AddressRoot}");
        foreach (var match in NodePortMatches(node, "-m addrtype --dst-type LOCAL ")) table.Add("NA-SERVICES", match.EndsWith("RETURN") ? match : $"{match}-j {DispatchTree.NodePortRoot}");
        Postrouting(table, node);
        return table.Build();
    }

    /// <summary>Which destinations nodePorts are for; 127.0.0.0/8 only where localhost is served.</summary>
    private static IEnumerable<string> NodePortMatches(NodeFacts node, string further)
    {
        var loopback = new IPNetwork(new IPAddress([127, 0, 0, 0]), 8);
        if (node.NodePortAddresses.Count == 0) return [$"{(node.LocalhostNodePorts ? "" : "! -d 127.0.0.0/8 ")}{further}"];
        var allowed = node.NodePortAddresses.Where(network => node.LocalhostNodePorts || !(network.PrefixLength >= 8 && loopback.Contains(network.BaseAddress))).ToList();
        var spared = !node.LocalhostNodePorts && allowed.Any(network => network.Contains(loopback.BaseAddress)) ? new[] { $"-d {loopback} -j RETURN" } : [];
        return [.. spared, .. allowed.Select(network => $"{(network.PrefixLength == 0 ? "" : $"-d {network} ")}{further}")];
    }

    private static void Postrouting(TableBuilder table, NodeFacts node)
    {
        table.Add("NA-POSTROUTING", $"-m conntrack --ctstate DNAT {SourceIsDestination} {Masquerade}");
        if (node.PodCidr is { } pods)
        {
            table.Add("NA-POSTROUTING", $"-s {pods} -j NA-OUTBOUND");
            table.Add("NA-OUTBOUND", $"-d {node.ClusterCidr} -j RETURN");
            table.Add("NA-OUTBOUND", "-d 224.0.0.0/4 -j RETURN");
            foreach (var network in node.NonMasqueradeCidrs) table.Add("NA-OUTBOUND", $"-d {network} -j RETURN");
            // What is marked is left to the rules below, which take the mark off.
            table.Add("NA-OUTBOUND", $"-m mark ! --mark {Mark}/{Mark} {Masquerade}");
        }
        table.Add("NA-POSTROUTING", $"-m mark ! --mark {Mark}/{Mark} -j RETURN");
        // Without this the mark would be inherited by the packet around it in a tunnel, and that one masqueraded once more.
        table.Add("NA-POSTROUTING", $"-j MARK --set-xmark {Mark}/0x0");
        table.Add("NA-POSTROUTING", Masquerade);
    }

    public static IptablesTable Filter(NodeFacts node)
    {
        var table = new TableBuilder("filter", node.Origin);
        table.Jump("INPUT", "NodeAgent: node ports and Services", "NA-INPUT");
        table.Jump("FORWARD", "NodeAgent: pods and Services", "NA-FORWARD");
        table.Jump("OUTPUT", "NodeAgent: Services without endpoints", IptablesRules.RejectChain, "-m conntrack --ctstate NEW ");
        Input(table, node);
        Forward(table, node);
        table.Add(IptablesRules.RejectChain, $"-j {DispatchTree.RefusedRoot}");
        table.Add(IptablesRules.RejectChain, $"-d {node.ServiceCidr} -m comment --comment \"no such Service\" -j DROP");
        table.Add(Refuse, "-p tcp -j REJECT --reject-with tcp-reset");
        table.Add(Refuse, "-j REJECT --reject-with icmp-port-unreachable");
        return table.Build();
    }

    /// <summary>Whether the guard is among these rules.</summary>
    public static bool GuardsLocalhost(IptablesTable filter) => filter.Chains.TryGetValue("NA-INPUT", out var rules) && rules.Any(rule => rule.Text == LocalhostGuard);

    private static void Input(TableBuilder table, NodeFacts node)
    {
        // route_localnet lets a neighbour send to 127.0.0.1 (CVE-2020-8558), also under a source that looks like ours.
        if (node.LocalhostNodePorts)
            table.Add("NA-INPUT", LocalhostGuard);
        table.Add("NA-INPUT", $"-d {Nowhere}/32 -j REJECT --reject-with icmp-port-unreachable");
        table.Add("NA-INPUT", $"-m conntrack --ctstate NEW -j {IptablesRules.RejectChain}");
        foreach (var match in NodePortMatches(node, "")) table.Add("NA-INPUT", match.EndsWith("RETURN") ? match : $"{match}-m conntrack --ctstate NEW -j {DispatchTree.InputPortRoot}");
    }

    private static void Forward(TableBuilder table, NodeFacts node)
    {
        if (node.PodCidr is { } own)
        {
            // A segment that conntrack does not know is not translated: it would reach the client from an unknown address, which resets the connection.
            table.Add("NA-FORWARD", $"-s {own} -p tcp -m conntrack --ctstate INVALID -j DROP");
            table.Add("NA-FORWARD", $"-d {own} -p tcp -m conntrack --ctstate INVALID -j DROP");
        }
        table.Add("NA-FORWARD", $"-m conntrack --ctstate NEW -j {IptablesRules.RejectChain}");
        if (node.PodCidr is { } pods)
        {
            table.Add("NA-FORWARD", $"-s {pods} -j ACCEPT");
            table.Add("NA-FORWARD", $"-d {pods} -j ACCEPT");
        }
        // From outside through this node to another node's pod, and back.
        table.Add("NA-FORWARD", $"-m mark --mark {Mark}/{Mark} -j ACCEPT");
        table.Add("NA-FORWARD", "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    }
}

/// <summary>Collects rules chain by chain; a rule without an origin of its own is there for the node.</summary>
internal sealed class TableBuilder(string name, Origin node)
{
    private readonly Dictionary<string, IReadOnlyList<IptablesRule>> chains = [];
    private readonly List<IptablesJump> jumps = [];

    public void Jump(string from, string comment, string to, string match = "") => jumps.Add(new(from, new($"{match}-m comment --comment \"{comment}\" -j {to}", node)));

    public void Add(string chain, string text)
    {
        if (!chains.TryGetValue(chain, out var rules)) chains[chain] = rules = new List<IptablesRule>();
        ((List<IptablesRule>)rules).Add(new(text, node));
    }

    public IptablesTable Build() => new(name, chains, jumps);
}
