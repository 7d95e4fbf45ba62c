using System.Globalization;
using System.Net;
using NodeAgent.ServiceProxy.Model;
using Chain = System.Collections.Generic.KeyValuePair<string, System.Collections.Generic.IReadOnlyList<NodeAgent.ServiceProxy.IptablesMode.IptablesRule>>;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>
/// Chains in which the first packet of a connection finds the rule for its address or port in a few steps, however many there are.
/// By address: two levels of up to 16 chains, for the low and the high half of the last byte (iptables takes masks with holes): some 40 rules
/// among 10,000 Services. By port: one level of chains for 64 ports each. Only chains that have rules exist, and the root.
/// </summary>
internal sealed class DispatchTree(DispatchKind kind, Origin node)
{
    public const string AddressRoot = "NA-B", NodePortRoot = "NA-NODEPORTS", RefusedRoot = "NA-R", InputPortRoot = "NA-PORTS";

    private const int PortsPerChain = 64;
    private static readonly string[] Protocols = ["sctp", "tcp", "udp"];
    private readonly SortedDictionary<int, SortedList<ulong, IptablesRule>> leaves = [];

    public static IEnumerable<DispatchTree> All(Origin node) => Enum.GetValues<DispatchKind>().Select(kind => new DispatchTree(kind, node));

    public DispatchKind Kind => kind;

    public string Table => kind is DispatchKind.Address or DispatchKind.NodePort ? "nat" : "filter";

    private bool IsByAddress => kind is DispatchKind.Address or DispatchKind.RefusedAddress;

    private string Root => kind switch
    {
        DispatchKind.Address => AddressRoot, DispatchKind.NodePort => NodePortRoot, DispatchKind.RefusedAddress => RefusedRoot, _ => InputPortRoot,
    };

    /// <summary>Whether a chain of table filter only refuses: its rules may stand in any order, and one too many hurts nobody.</summary>
    public static bool Refuses(string chain) => chain is RefusedRoot or InputPortRoot
        || chain.StartsWith($"{RefusedRoot}-", StringComparison.Ordinal) || chain.StartsWith($"{InputPortRoot}-", StringComparison.Ordinal);

    public static int PortLeaf(string protocol, int port) => (Array.IndexOf(Protocols, protocol) << 10) | (port / PortsPerChain);

    public static ulong Order(IPAddress? address, string protocol, int port) =>
        ((ulong)(address is null ? 0 : Ipv4.Number(address)) << 32) | ((ulong)Array.IndexOf(Protocols, protocol) << 16) | (uint)port;

    /// <summary>Behind all ports of an address.</summary>
    public static ulong LastOrder(IPAddress address) => ((ulong)Ipv4.Number(address) << 32) | 0xffffff;

    public void Add(DispatchEntry entry)
    {
        if (!leaves.TryGetValue(entry.Leaf, out var leaf)) leaves[entry.Leaf] = leaf = [];
        leaf[entry.Order] = entry.Rule;
    }

    /// <summary>Only that very rule: another Service may have taken its place already.</summary>
    public void Remove(DispatchEntry entry)
    {
        if (!leaves.TryGetValue(entry.Leaf, out var leaf) || !leaf.TryGetValue(entry.Order, out var rule) || !rule.Equals(entry.Rule)) return;
        leaf.Remove(entry.Order);
        if (leaf.Count == 0) leaves.Remove(entry.Leaf);
    }

    public IEnumerable<Chain> Chains() => Names().Select(name => new Chain(name, RulesOf(name)!));

    private IEnumerable<string> Names() => new[] { Root }.Concat(leaves.Keys.SelectMany(Path)).Distinct();

    /// <summary>The chains that a change in a leaf may change, from the root on.</summary>
    public IEnumerable<string> Around(int leaf) => new[] { Root }.Concat(Path(leaf));

    private IEnumerable<string> Path(int leaf) => IsByAddress ? [$"{Root}-{leaf & 15:x}", $"{Root}-{leaf:x2}"] : [PortChain(leaf)];

    private string PortChain(int leaf) => $"{(kind == DispatchKind.NodePort ? "NA-NP" : Root)}-{Protocols[leaf >> 10]}-{(leaf & 1023) * PortsPerChain}";

    /// <summary>Null for a chain that nothing needs.</summary>
    public IReadOnlyList<IptablesRule>? RulesOf(string chain)
    {
        if (chain == Root) return IsByAddress ? Halves() : [.. leaves.Keys.Select(leaf => new IptablesRule(PortRange(leaf), node))];
        if (!IsByAddress) return chain.Split('-') is [.., var protocol, var first] ? leaves.GetValueOrDefault(PortLeaf(protocol, int.Parse(first, CultureInfo.InvariantCulture)))?.Values.ToList() : null;
        var number = Convert.ToInt32(chain[(Root.Length + 1)..], 16);
        if (chain.Length == Root.Length + 3) return leaves.GetValueOrDefault(number)?.Values.ToList();
        var below = leaves.Keys.Where(leaf => (leaf & 15) == number).Select(leaf => new IptablesRule($"-d 0.0.0.{leaf & 240}/0.0.0.240 -j {Root}-{leaf:x2}", node)).ToList();
        return below.Count > 0 ? below : null;
    }

    private List<IptablesRule> Halves() =>
        [.. leaves.Keys.Select(leaf => leaf & 15).Distinct().Order().Select(low => new IptablesRule($"-d 0.0.0.{low}/0.0.0.15 -j {Root}-{low:x}", node))];

    private string PortRange(int leaf)
    {
        var (protocol, first) = (Protocols[leaf >> 10], (leaf & 1023) * PortsPerChain);
        return $"-p {protocol} -m {protocol} --dport {first}:{first + PortsPerChain - 1} -j {PortChain(leaf)}";
    }
}
