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
    /// <summary>Null if there is none.</summary>
    public ObservedOverlay? Overlay { get; init; }

    /// <summary>Where others' routes stand in place of ours; not the kernel's own, to networks that the node is in.</summary>
    public IReadOnlySet<IPNetwork> ForeignRoutes { get; init; } = new HashSet<IPNetwork>();

    /// <summary>The pods' links, also those of unknown pods.</summary>
    public IEnumerable<Link> PodLinks => Links.Values.Where(IsPodLink);

    public IEnumerable<LinkAddress> BridgeAddresses => Addresses.Where(address => address.Link == Bridge?.Index);

    /// <summary>Some link has rp_filter=1 by itself.</summary>
    public bool StrictReversePath =>
        Sysctls.Any(setting => setting is { Value: "1" } && setting.Key.EndsWith("/rp_filter", StringComparison.Ordinal) && setting.Key != ReversePath("all"));

    public string LinkName(int index) => Links.Values.FirstOrDefault(link => link.Index == index)?.Name ?? $"#{index}";

    public static ObservedNetwork Read(NetlinkSocket socket, NetworkNamespace node)
    {
        var links = global::Linux.Links.List(socket).ToDictionary(link => link.Name);
        var bridge = links.GetValueOrDefault(Marks.Bridge);
        var reversePath = links.Values.Where(link => !IsPodLink(link)).Select(link => link.Name).Append("default").Select(ReversePath);
        var routes = global::Linux.Routes.List(socket);
        return new ObservedNetwork(links, bridge, global::Linux.Addresses.List(socket),
            bridge is null ? [] : [.. global::Linux.Neighbors.ListForwarding(socket, bridge.Index).Where(entry => entry.Static)],
            bridge is null ? [] : [.. global::Linux.Neighbors.List(socket, bridge.Index).Where(entry => (entry.State & LibC.NUD_PERMANENT) != 0)],
            [.. routes.Where(route => route.Protocol == Marks.RouteProtocol)],
            node.Run(() => reversePath.Concat(DesiredNetwork.SysctlNames).Distinct().ToDictionary(name => name, Sysctl.Read)))
        {
            Overlay = ObservedOverlay.Read(socket, links),
            ForeignRoutes = routes.Where(route => route.Protocol is not (Marks.RouteProtocol or LibC.RTPROT_KERNEL)).Select(route => route.Destination).ToHashSet(),
        };
    }

    private static bool IsPodLink(Link link) => link.Kind == "veth" && link.Group is Marks.LinkGroup or Marks.OrphanGroup;

    private static string ReversePath(string link) => $"net/ipv4/conf/{link}/rp_filter";
}
