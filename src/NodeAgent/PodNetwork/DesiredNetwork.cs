using System.Net;
using System.Net.NetworkInformation;

namespace NodeAgent.PodNetwork;

/// <summary>The bridge to which all pods of the node are connected.</summary>
internal sealed record BridgeSpec(string Name, PhysicalAddress Mac, int Mtu, IPAddress Address, int PrefixLength, string Source);

/// <summary>A connected pod: its link, its static forwarding entry and its neighbour entry follow from this.</summary>
internal sealed record PodPort(string Namespace, string Name, string Uid, IPAddress Address)
{
    public string LinkName { get; } = Marks.PodLink(Uid);
    public string Alias { get; } = Marks.Alias(Namespace, Name, Uid);
    public PhysicalAddress Mac { get; } = Marks.Mac(Address);
    public string Source => $"Pod {Namespace}/{Name}";
}

/// <summary>A route of ours, by link name.</summary>
internal sealed record NodeRoute(IPNetwork Destination, string Link, IPAddress? Gateway, IPAddress? PreferredSource, string Source)
{
    public bool SameAs(NodeRoute other) => Destination.Equals(other.Destination) && Link == other.Link &&
        Equals(Gateway, other.Gateway) && Equals(PreferredSource, other.PreferredSource) && OnLink == other.OnLink;

    /// <summary>The gateway is on the link although no address there says so: the other end of a tunnel.</summary>
    public bool OnLink { get; init; }

    public override string ToString() =>
        $"{Destination}{(Gateway is null ? "" : $" via {Gateway}")} dev {Link}{(PreferredSource is null ? "" : $" src {PreferredSource}")}{(OnLink ? " onlink" : "")}";
}

/// <param name="IfPresent">The setting exists only once its module is loaded (conntrack); until then it is passed over.</param>
internal sealed record SysctlSetting(string Name, string Value, string Source, bool IfPresent = false);

/// <summary>What the desired state depends on besides the API: facts of this machine, read from the kernel.</summary>
/// <param name="NodeLink">The link that has the node address.</param>
/// <param name="StrictReversePath">Some link has rp_filter=1, e.g. by a distribution's sysctl.d.</param>
/// <param name="DirectPeers">Names of the nodes on the same layer 2 as the node link.</param>
internal sealed record NodeFacts(string NodeLink, int NodeMtu, bool StrictReversePath, IReadOnlySet<string> DirectPeers)
{
    /// <summary>By node name, where somebody set an MTU on the route to that node.</summary>
    public IReadOnlyDictionary<string, int> PathMtus { get; init; } = new Dictionary<string, int>();

    /// <summary>The other nodes are not known yet, and an earlier agent needed a VXLAN device.</summary>
    public bool KeepOverlay { get; init; }

    /// <summary>Why a node cannot be reached at all, by its name.</summary>
    public IReadOnlyDictionary<string, string> Unreachable { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// What the kernel shall have for the pod network, as data; every entry names the API object from which it comes.
/// </summary>
/// <param name="PeersKnown">Until the other nodes are known, routes to them that an earlier agent made stay.</param>
internal sealed record DesiredNetwork(BridgeSpec Bridge, IReadOnlyList<PodPort> Ports, IReadOnlyList<NodeRoute> Routes, IReadOnlyList<SysctlSetting> Sysctls, bool PeersKnown)
{
    /// <param name="peers">The other nodes; null = not known yet.</param>
    public static DesiredNetwork Of(PodNetworkConfig config, NodeFacts facts, IReadOnlyList<Peer>? peers, IEnumerable<PodPort> pods)
    {
        var node = $"Node {config.NodeName}";
        var gateway = Marks.Gateway(config.PodCidr);
        var mtu = OverlaySpec.PodMtu(config, facts, peers ?? []);
        var overlay = OverlaySpec.Of(config, facts, peers ?? [], mtu);
        return new DesiredNetwork(
            new BridgeSpec(Marks.Bridge, Marks.Mac(gateway), mtu, gateway, config.PodCidr.PrefixLength, node),
            [.. pods],
            [
                // Source selection comes before DNAT: this gives a connection node → clusterIP the right source, and makes it
                // possible at all on a node without a default route.
                new NodeRoute(config.ServiceCidr, Marks.Bridge, null, config.NodeAddress, node),
                .. from peer in peers ?? []
                   where facts.DirectPeers.Contains(peer.NodeName) && !OverlaySpec.IsTunnelled(config, facts, peer)
                   select new NodeRoute(peer.PodCidr, facts.NodeLink, peer.NodeAddress, config.NodeAddress, $"Node {peer.NodeName}"),
                .. from peer in peers ?? []
                   where OverlaySpec.IsTunnelled(config, facts, peer)
                   select new NodeRoute(peer.PodCidr, Marks.Overlay, peer.PodCidr.BaseAddress, config.PodCidr.BaseAddress, $"Node {peer.NodeName}") { OnLink = true },
            ],
            [.. Settings(facts, node)], peers is not null) { Overlay = overlay };
    }

    /// <summary>Null where no node needs VXLAN.</summary>
    public OverlaySpec? Overlay { get; init; }

    /// <summary>The names of all settings, whatever their values.</summary>
    public static IReadOnlyList<string> SysctlNames { get; } =
        [.. Settings(new NodeFacts("", 0, false, new HashSet<string>()), "").Select(setting => setting.Name)];

    private static IEnumerable<SysctlSetting> Settings(NodeFacts facts, string node)
    {
        yield return new("net/ipv4/ip_forward", "1", node);
        // A pod's packet to a neighbour pod leaves by the link it came from: no ICMP redirects for that. The kernel ORs both values.
        yield return new("net/ipv4/conf/all/send_redirects", "0", node);
        yield return new($"net/ipv4/conf/{Marks.Bridge}/send_redirects", "0", node);
        // The kernel takes the larger of both: 2 (loose) on all turns a strict 1 anywhere into loose.
        yield return new("net/ipv4/conf/all/rp_filter", facts.StrictReversePath ? "2" : "0", node);
        // Replies that went another way must not make conntrack call a connection invalid, which would undo its NAT.
        yield return new("net/netfilter/nf_conntrack_tcp_be_liberal", "1", node, IfPresent: true);
        yield return new("net/netfilter/nf_conntrack_tcp_timeout_established", "86400", node, IfPresent: true);
        yield return new("net/netfilter/nf_conntrack_tcp_timeout_close_wait", "3600", node, IfPresent: true);
        // Nothing at the other ends of the tunnels is a router; the setting exists with the device.
        yield return new($"net/ipv6/conf/{Marks.Overlay}/accept_ra", "0", node, IfPresent: true);
    }
}
