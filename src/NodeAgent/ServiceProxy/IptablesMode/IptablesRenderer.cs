using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>
/// <see cref="ServiceTable"/> as iptables rules: pure, and the same for the same objects. README.md draws the way of a packet through them.
/// Every text is in iptables-save's own form, which both back ends print alike.
/// </summary>
internal static class IptablesRenderer
{
    /// <summary>Set on what has to be masqueraded, from the dispatch to postrouting; taken away before it leaves. Kubernetes' customary bit.</summary>
    private const string Mark = "0x4000";

    /// <summary>
    /// "Source address = destination address" as classic BPF over the IP header: A = word at 12; X = A; A = word at 16; A == X ? match : no.
    /// After DNAT that is a pod which reaches itself through a Service. One rule serves all pods, whatever comes and goes.
    /// </summary>
    private const string SourceIsDestination = "-m bpf --bytecode \"6,32 0 0 12,7 0 0 0,32 0 0 16,29 0 1 0,6 0 0 65535,6 0 0 0\"";

    private const string Masquerade = "-j MASQUERADE --random-fully";

    /// <summary>A clusterIP's port, and where it leads.</summary>
    private sealed record Entry(IPAddress Address, string Protocol, int Port, string Label, IReadOnlyList<ServiceEndpoint> Endpoints, Origin Origin);

    public static IptablesRules Render(ServiceTable rules) => new(Nat(rules), Filter(rules));

    private static IEnumerable<Entry> Entries(ServiceTable table) =>
        from port in table.Ports
        from frontend in port.Frontends
        where frontend.Kind == FrontendKind.ClusterIP
        orderby Ipv4.Number(frontend.Address!), port.Protocol, frontend.Port
        select new Entry(frontend.Address!, port.Protocol, frontend.Port, port.Label, port.EndpointsFor(frontend), port.Origin);

    private static IptablesTable Nat(ServiceTable rules)
    {
        var table = new TableBuilder("nat", rules.Node.Origin);
        table.Jump("PREROUTING", "NodeAgent: Services, from pods and from outside", "NA-SERVICES");
        table.Jump("OUTPUT", "NodeAgent: Services, from this node", "NA-SERVICES");
        table.Jump("POSTROUTING", "NodeAgent: masquerade", "NA-POSTROUTING");
        table.Add("NA-MARK-MASQ", $"-j MARK --set-xmark {Mark}/{Mark}");
        table.Add("NA-SERVICES", $"! -s {rules.Node.ClusterCidr} -d {rules.Node.ServiceCidr} -j NA-MARK-MASQ");
        Dispatch(table, Entries(rules).Where(frontend => frontend.Endpoints.Count > 0).ToList());
        Postrouting(table, rules.Node);
        return table.Build();
    }

    /// <summary>
    /// Two levels of up to 16 chains, by the low and by the high half of the address' last byte (iptables takes masks with holes), then one
    /// rule per frontend and one chain with its endpoints: some 40 rules for the first packet among 10,000 Services.
    /// </summary>
    private static void Dispatch(TableBuilder table, IReadOnlyList<Entry> frontends)
    {
        foreach (var low in frontends.GroupBy(frontend => LastByte(frontend) & 15).OrderBy(group => group.Key))
        {
            table.Add("NA-SERVICES", $"-d 0.0.0.{low.Key}/0.0.0.15 -j NA-B-{low.Key:x}");
            foreach (var bucket in low.GroupBy(LastByte).OrderBy(group => group.Key))
            {
                table.Add($"NA-B-{low.Key:x}", $"-d 0.0.0.{bucket.Key & 240}/0.0.0.240 -j NA-B-{bucket.Key:x2}");
                foreach (var frontend in bucket) table.Add($"NA-B-{bucket.Key:x2}", $"{Match(frontend, frontend.Label)} -j {ChainOf(frontend.Label, frontend.Protocol)}", frontend.Origin);
            }
        }
        foreach (var frontend in frontends) Endpoints(table, frontend);
    }

    private static int LastByte(Entry frontend) => (int)(Ipv4.Number(frontend.Address) & 255);

    /// <summary>The kernel keeps a probability as a multiple of 2^-31 and prints eleven digits of it; n endpoints are drawn with 1/n, 1/(n-1), …, 1.</summary>
    private static void Endpoints(TableBuilder table, Entry frontend)
    {
        for (var i = 0; i < frontend.Endpoints.Count; i++)
        {
            var (endpoint, left) = (frontend.Endpoints[i], frontend.Endpoints.Count - i);
            var probability = (Math.Round(2147483648.0 / left) / 2147483648.0).ToString("F11", CultureInfo.InvariantCulture);
            var chance = left == 1 ? "" : $"-m statistic --mode random --probability {probability} ";
            table.Add(ChainOf(frontend.Label, frontend.Protocol), $"-p {frontend.Protocol} {chance}-j DNAT --to-destination {endpoint.Address}:{endpoint.Port}", endpoint.Origin);
        }
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
            table.Add("NA-OUTBOUND", Masquerade);
        }
        table.Add("NA-POSTROUTING", $"-m mark ! --mark {Mark}/{Mark} -j RETURN");
        // Without this the mark would be inherited by the packet around it in a tunnel, and that one masqueraded once more.
        table.Add("NA-POSTROUTING", $"-j MARK --set-xmark {Mark}/0x0");
        table.Add("NA-POSTROUTING", Masquerade);
    }

    private static IptablesTable Filter(ServiceTable rules)
    {
        var table = new TableBuilder("filter", rules.Node.Origin);
        table.Jump("FORWARD", "NodeAgent: pods and Services", "NA-FORWARD");
        table.Jump("OUTPUT", "NodeAgent: Services without endpoints", IptablesRules.RejectChain, "-m conntrack --ctstate NEW ");
        table.Add("NA-FORWARD", $"-m conntrack --ctstate NEW -j {IptablesRules.RejectChain}");
        if (rules.Node.PodCidr is { } pods)
        {
            table.Add("NA-FORWARD", $"-s {pods} -j ACCEPT");
            table.Add("NA-FORWARD", $"-d {pods} -j ACCEPT");
        }
        table.Declare(IptablesRules.RejectChain);
        foreach (var frontend in Entries(rules).Where(frontend => frontend.Endpoints.Count == 0))
        {
            // An ICMP error alone would leave a client on this node in connect() until its first SYN is sent again, a second later.
            var answer = frontend.Protocol == "tcp" ? "tcp-reset" : "icmp-port-unreachable";
            table.Add(IptablesRules.RejectChain, $"{Match(frontend, $"{frontend.Label} has no endpoints")} -j REJECT --reject-with {answer}", frontend.Origin);
        }
        return table.Build();
    }

    private static string Match(Entry frontend, string comment) =>
        $"-d {frontend.Address}/32 -p {frontend.Protocol} -m comment --comment \"{comment}\" -m {frontend.Protocol} --dport {frontend.Port}";

    /// <summary>A chain's name has at most 28 characters; 16 of base32 are 80 bits of a hash over what makes the frontend.</summary>
    internal static string ChainOf(string label, string protocol)
    {
        const string base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{label}/{protocol}"));
        return "NA-SVC-" + string.Concat(Enumerable.Range(0, 16).Select(i => base32[hash[i] & 31]));
    }

    /// <summary>Collects rules chain by chain; a rule without an origin of its own is there for the node.</summary>
    private sealed class TableBuilder(string name, Origin node)
    {
        private readonly Dictionary<string, IReadOnlyList<IptablesRule>> chains = [];
        private readonly List<IptablesJump> jumps = [];

        public void Jump(string from, string comment, string to, string match = "") =>
            jumps.Add(new(from, new($"{match}-m comment --comment \"{comment}\" -j {to}", node)));

        public void Declare(string chain) => chains.TryAdd(chain, new List<IptablesRule>());

        public void Add(string chain, string text, Origin? origin = null)
        {
            Declare(chain);
            ((List<IptablesRule>)chains[chain]).Add(new(text, origin ?? node));
        }

        public IptablesTable Build() => new(name, chains, jumps);
    }
}
