using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>What the kernel has, as far as it is ours or we depend on it.</summary>
/// <param name="Links">All links of the node, by name.</param>
/// <param name="Bridge">Ours; null if there is none.</param>
/// <param name="Addresses">All IPv4 addresses of the node.</param>
/// <param name="Forwarding">The bridge's static entries.</param>
/// <param name="Neighbors">The bridge's permanent ones.</param>
/// <param name="Routes">Those with our protocol.</param>
/// <param name="Sysctls">Those that we want, and rp_filter of the links that are not pods'. Null = this kernel has no such setting.</param>
internal sealed record ObservedNetwork(
    IReadOnlyDictionary<string, Link> Links,
    Link? Bridge,
    IReadOnlyList<LinkAddress> Addresses,
    IReadOnlyList<ForwardingEntry> Forwarding,
    IReadOnlyList<Neighbor> Neighbors,
    IReadOnlyList<Route> Routes,
    IReadOnlyDictionary<string, string?> Sysctls)
{
    /// <summary>The pods' links, also those of unknown pods.</summary>
    public IEnumerable<Link> PodLinks => Links.Values.Where(IsPodLink);

    public IEnumerable<LinkAddress> BridgeAddresses => Addresses.Where(address => address.Link == Bridge?.Index);

    public string LinkName(int index) => Links.Values.FirstOrDefault(link => link.Index == index)?.Name ?? $"#{index}";

    public static ObservedNetwork Read(NetlinkSocket socket, NetworkNamespace node)
    {
        var links = global::Linux.Links.List(socket).ToDictionary(link => link.Name);
        var bridge = links.GetValueOrDefault(Marks.Bridge);
        var reversePath = links.Values.Where(link => !IsPodLink(link)).Select(link => link.Name).Append("default").Select(ReversePath);
        return new ObservedNetwork(links, bridge, global::Linux.Addresses.List(socket),
            bridge is null ? [] : [.. global::Linux.Neighbors.ListForwarding(socket, bridge.Index).Where(entry => entry.Static)],
            bridge is null ? [] : [.. global::Linux.Neighbors.List(socket, bridge.Index).Where(entry => (entry.State & LibC.NUD_PERMANENT) != 0)],
            global::Linux.Routes.List(socket, Marks.RouteProtocol),
            node.Run(() => reversePath.Concat(DesiredNetwork.SysctlNames).Distinct().ToDictionary(name => name, Sysctl.Read)));
    }

    /// <summary>The facts on which the desired state rests.</summary>
    /// <exception cref="InvalidOperationException">No link has the node address.</exception>
    public NodeFacts Facts(NetlinkSocket socket, PodNetworkConfig config, IReadOnlyList<Peer> peers)
    {
        var index = Addresses.FirstOrDefault(address => address.Address.Equals(config.NodeAddress))?.Link
            ?? throw new InvalidOperationException($"no link of this machine has the node address {config.NodeAddress}");
        var link = Links.Values.First(link => link.Index == index);
        return new NodeFacts(link.Name, link.Mtu, Sysctls.Any(setting => setting is { Value: "1" } && setting.Key.EndsWith("/rp_filter", StringComparison.Ordinal) && setting.Key != ReversePath("all")),
            peers.Where(peer => IsDirect(socket, index, peer.NodeAddress)).Select(peer => peer.NodeName).ToHashSet());
    }

    private static bool IsDirect(NetlinkSocket socket, int nodeLink, IPAddress peer) =>
        global::Linux.Routes.PathTo(socket, peer) is { Gateway: null, Local: false } path && path.Link == nodeLink;

    private static bool IsPodLink(Link link) => link.Kind == "veth" && link.Group is Marks.LinkGroup or Marks.OrphanGroup;

    private static string ReversePath(string link) => $"net/ipv4/conf/{link}/rp_filter";
}
