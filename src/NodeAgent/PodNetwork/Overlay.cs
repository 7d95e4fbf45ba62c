using System.Net;
using System.Net.NetworkInformation;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>Which other nodes are reached through VXLAN and which by a plain route (host-gateway): <c>--overlay</c>.</summary>
internal enum OverlayMode
{
    /// <summary>By a route to those on the same layer 2, through VXLAN to those behind a router.</summary>
    Auto,

    /// <summary>By routes alone; nodes behind a router are reported and their pods are not reached.</summary>
    Never,

    /// <summary>Through VXLAN to all, also where none is known yet: the MTU of pods never changes.</summary>
    Always,
}

/// <summary>The far end of a tunnel. Its neighbour entry, its forwarding entry and a route follow from this.</summary>
/// <param name="Base">The first address of the peer's podCIDR: its VXLAN device has it, and a MAC computed from it.</param>
/// <param name="NodeAddress">Where the outer packets go.</param>
internal sealed record TunnelPeer(IPAddress Base, IPAddress NodeAddress, string Source)
{
    public PhysicalAddress Mac { get; } = Marks.Mac(Base);
}

/// <summary>The node's VXLAN device and its tunnels. There is no entry for "all others", so nothing is ever flooded.</summary>
/// <param name="Link">Name of the link over which the tunnels go: the one with the node address.</param>
/// <param name="Local">The node address.</param>
/// <param name="Address">
/// The first of the podCIDR, as a /32: what the node itself sends to pods behind a tunnel comes from it, so the answer takes the tunnel too.
/// </param>
internal sealed record OverlaySpec(string Name, int Mtu, string Link, IPAddress Local, ushort Port, IPAddress Address, IReadOnlyList<TunnelPeer> Peers, string Source)
{
    public PhysicalAddress Mac { get; } = Marks.Mac(Address);

    /// <param name="link">Index of <see cref="Link"/>.</param>
    public VxlanParameters Parameters(int link) => new(Marks.OverlayId, link, Local, Port);

    /// <returns>Null where no tunnel is wanted.</returns>
    public static OverlaySpec? Of(PodNetworkConfig config, NodeFacts facts, IReadOnlyList<Peer> peers, int mtu)
    {
        var tunnels = peers.Where(peer => IsTunnelled(config, facts, peer)).ToList();
        // Until the other nodes are known, what an earlier agent made stays as it is.
        if (tunnels.Count == 0 && config.Overlay != OverlayMode.Always && !facts.KeepOverlay) return null;
        var source = tunnels.Count == 0 ? $"Node {config.NodeName}" : $"Node {tunnels[0].NodeName}";
        return new OverlaySpec(Marks.Overlay, mtu, facts.NodeLink, config.NodeAddress, config.VxlanPort, config.PodCidr.BaseAddress,
            [.. tunnels.Select(peer => new TunnelPeer(peer.PodCidr.BaseAddress, peer.NodeAddress, $"Node {peer.NodeName}"))], source);
    }

    public static bool IsTunnelled(PodNetworkConfig config, NodeFacts facts, Peer peer) => config.Overlay switch
    {
        OverlayMode.Always => true,
        OverlayMode.Never => false,
        _ => !facts.DirectPeers.Contains(peer.NodeName),
    };

    /// <summary>
    /// What every pod's link, the bridge and the VXLAN device get: what fits through the narrowest way to another node, less the outer headers
    /// where it is a tunnel. An MTU set on a route to a node counts; one that the kernel learnt does not, it serves that path alone.
    /// </summary>
    public static int PodMtu(PodNetworkConfig config, NodeFacts facts, IReadOnlyList<Peer> peers)
    {
        var always = config.Overlay == OverlayMode.Always || (facts.KeepOverlay && config.Overlay != OverlayMode.Never);
        return peers.Select(peer => Math.Min(facts.NodeMtu, facts.PathMtus.GetValueOrDefault(peer.NodeName, int.MaxValue)) - (IsTunnelled(config, facts, peer) ? VxlanParameters.Overhead : 0))
            .Append(facts.NodeMtu - (always ? VxlanParameters.Overhead : 0)).Min();
    }
}
