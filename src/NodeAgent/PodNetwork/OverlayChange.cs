using System.Net;
using System.Net.NetworkInformation;
using Linux;

namespace NodeAgent.PodNetwork;

internal sealed record AddOverlay(OverlaySpec Overlay) : NetworkChange(Overlay.Source)
{
    protected override string Text => $"add vxlan {Overlay.Name} {Marks.Text(Overlay.Mac)} id {Marks.OverlayId} port {Overlay.Port} local {Overlay.Local} dev {Overlay.Link} mtu {Overlay.Mtu}";
}

/// <summary>What can be changed without making it anew.</summary>
internal sealed record SetOverlay(int Index, OverlaySpec Overlay) : NetworkChange(Overlay.Source)
{
    protected override string Text => $"set vxlan {Overlay.Name} {Marks.Text(Overlay.Mac)} mtu {Overlay.Mtu} up";
}

internal sealed record DeleteOverlay(int Index, string Why, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete vxlan {Marks.Overlay} ({Why})";
}

internal sealed record AddOverlayAddress(int Index, OverlaySpec Overlay) : NetworkChange(Overlay.Source)
{
    protected override string Text => $"add address {Overlay.Address}/32 dev {Overlay.Name}";
}

internal sealed record DeleteOverlayAddress(LinkAddress Address, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete address {Address.Address}/{Address.PrefixLength} dev {Marks.Overlay}";
}

internal sealed record SetTunnelNeighbor(int Index, TunnelPeer Peer) : NetworkChange(Peer.Source)
{
    protected override string Text => $"set neighbour {Peer.Base} at {Marks.Text(Peer.Mac)} dev {Marks.Overlay}";
}

internal sealed record SetTunnel(int Index, TunnelPeer Peer) : NetworkChange(Peer.Source)
{
    protected override string Text => $"set tunnel entry {Marks.Text(Peer.Mac)} dst {Peer.NodeAddress} dev {Marks.Overlay}";
}

internal sealed record DeleteTunnel(TunnelEntry Entry, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete tunnel entry {Marks.Text(Entry.LinkAddress)}{(Entry.Remote is null ? "" : $" dst {Entry.Remote}")} dev {Marks.Overlay}";
}
