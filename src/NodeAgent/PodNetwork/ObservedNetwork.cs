using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>What the kernel has, as far as it is ours or we depend on it.</summary>
/// <param name="Links">All links of the node, by name.</param>
/// <param name="Bridge">Ours; null if there is none.</param>
/// <param name="Forwarding">The bridge's static entries.</param>
/// <param name="Neighbors">The bridge's permanent ones.</param>
/// <param name="Routes">Those with our protocol.</param>
/// <param name="Sysctls">Null = this kernel has no such setting.</param>
internal sealed record ObservedNetwork(
    IReadOnlyDictionary<string, Link> Links,
    Link? Bridge,
    IReadOnlyList<LinkAddress> BridgeAddresses,
    IReadOnlyList<ForwardingEntry> Forwarding,
    IReadOnlyList<Neighbor> Neighbors,
    IReadOnlyList<Route> Routes,
    IReadOnlyDictionary<string, string?> Sysctls)
{
    /// <summary>The pods' links, also those of unknown pods.</summary>
    public IEnumerable<Link> PodLinks => Links.Values.Where(link => link.Kind == "veth" && link.Group is Marks.LinkGroup or Marks.OrphanGroup);

    public string LinkName(int index) => Links.Values.FirstOrDefault(link => link.Index == index)?.Name ?? $"#{index}";

    /// <param name="sysctls">The names to read.</param>
    public static ObservedNetwork Read(NetlinkSocket socket, NetworkNamespace node, IEnumerable<string> sysctls)
    {
        var links = global::Linux.Links.List(socket).ToDictionary(link => link.Name);
        var bridge = links.GetValueOrDefault(Marks.Bridge);
        return new ObservedNetwork(links, bridge,
            bridge is null ? [] : Addresses.List(socket, bridge.Index),
            bridge is null ? [] : [.. global::Linux.Neighbors.ListForwarding(socket, bridge.Index).Where(entry => entry.Static)],
            bridge is null ? [] : [.. global::Linux.Neighbors.List(socket, bridge.Index).Where(entry => (entry.State & LibC.NUD_PERMANENT) != 0)],
            global::Linux.Routes.List(socket, Marks.RouteProtocol),
            node.Run(() => sysctls.ToDictionary(name => name, Sysctl.Read)));
    }

    /// <summary>The facts on which the desired state rests.</summary>
    /// <exception cref="InvalidOperationException">No link has the node address.</exception>
    public static NodeFacts ReadFacts(NetlinkSocket socket, PodNetworkConfig config, IReadOnlyList<Peer> peers)
    {
        var nodeLink = Addresses.List(socket).FirstOrDefault(address => address.Address.Equals(config.NodeAddress))?.Link
            ?? throw new InvalidOperationException($"no link of this machine has the node address {config.NodeAddress}");
        var link = global::Linux.Links.List(socket).First(link => link.Index == nodeLink);
        return new NodeFacts(link.Name, link.Mtu, config.Node.Run(StrictReversePath),
            peers.Where(peer => IsDirect(socket, nodeLink, peer.NodeAddress)).Select(peer => peer.NodeName).ToHashSet());
    }

    private static bool IsDirect(NetlinkSocket socket, int nodeLink, IPAddress peer) =>
        global::Linux.Routes.PathTo(socket, peer) is { Gateway: null, Local: false } path && path.Link == nodeLink;

    /// <summary>
    /// Listed in the thread's own /proc/sys/net, so it sees the namespace it runs in. "default" is what the next link gets; our pod links
    /// have it too, and are many.
    /// </summary>
    private static bool StrictReversePath() =>
        Directory.EnumerateDirectories("/proc/sys/net/ipv4/conf").Select(Path.GetFileName)
            .Where(link => link != "all" && !link!.StartsWith(Marks.PodLinkPrefix, StringComparison.Ordinal))
            .Any(link => Sysctl.Read($"net/ipv4/conf/{link}/rp_filter") == "1");
}
