using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>No link of this machine has the node address.</summary>
internal sealed class NodeAddressMissingException(IPAddress address) : InvalidOperationException($"no link of this machine has the node address {address}");

/// <summary>The facts on which the desired network rests: what was observed, and the kernel's way to each peer.</summary>
internal static class PathFacts
{
    /// <param name="peers">Null = not known yet.</param>
    /// <exception cref="NodeAddressMissingException"/>
    public static NodeFacts Read(NetlinkSocket socket, ObservedNetwork observed, PodNetworkConfig config, IReadOnlyList<Peer>? peers)
    {
        var own = observed.Addresses.FirstOrDefault(address => address.Address.Equals(config.NodeAddress)) ?? throw new NodeAddressMissingException(config.NodeAddress);
        var link = observed.Links.Values.First(link => link.Index == own.Link);
        var paths = (peers ?? []).Select(peer => (Peer: peer, Path: Routes.PathTo(socket, peer.NodeAddress))).ToList();
        return new NodeFacts(link.Name, link.Mtu, observed.StrictReversePath, paths.Where(to => IsDirect(to.Peer, to.Path, own, link)).Select(to => to.Peer.NodeName).ToHashSet())
        {
            PathMtus = paths.Where(to => to.Path?.Mtu is not null).ToDictionary(to => to.Peer.NodeName, to => to.Path!.Mtu!.Value),
            KeepOverlay = peers is null && observed.Overlay is not null,
            Unreachable = paths.Where(to => Why(to.Peer, to.Path, own, link) is not null).ToDictionary(to => to.Peer.NodeName, to => Why(to.Peer, to.Path, own, link)!),
        };
    }

    /// <summary>
    /// On the same layer 2: the kernel sends to it over the node link without a gateway. While that link is down there is no such route, and perhaps
    /// another one that leads elsewhere; then the node's subnet tells, lest every peer be moved into a tunnel and back.
    /// </summary>
    private static bool IsDirect(Peer peer, RoutePath? path, LinkAddress own, Link link) => path is null || !link.Up || !link.Carrier
        ? new IPNetwork(Masked(own), own.PrefixLength).Contains(peer.NodeAddress)
        : path is { Gateway: null, Local: false } && path.Link == own.Link;

    private static string? Why(Peer peer, RoutePath? path, LinkAddress own, Link link) => path switch
    {
        null => $"there is no route to its address {peer.NodeAddress}",
        { Local: true } => $"its address {peer.NodeAddress} is one of this node's own",
        // Tunnels go over the node link alone; while that is down, ways lead elsewhere.
        { } other when other.Link != own.Link && link.Up => $"the way to its address {peer.NodeAddress} does not lead over {link.Name}, the link with the node address {own.Address}",
        _ => null,
    };

    private static IPAddress Masked(LinkAddress address)
    {
        var bytes = address.Address.GetAddressBytes();
        for (var bit = address.PrefixLength; bit < 32; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
