using System.Net.NetworkInformation;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// What has to change at the VXLAN device. A peer's entries come before the route that leads to them, and go after it: in between the kernel
/// would ask the tunnel for an address that nobody there answers for. Pure.
/// </summary>
internal static class OverlayDiff
{
    /// <summary>Whether the device is as it shall be, so that routes may lead over it.</summary>
    public static bool IsReady(OverlaySpec? desired, ObservedNetwork observed) =>
        desired is not null && observed.Overlay is { } overlay && Recreate(desired, overlay.Device, observed) is null;

    /// <summary>To be done before the routes.</summary>
    public static IEnumerable<NetworkChange> Before(OverlaySpec? desired, ObservedNetwork observed)
    {
        if (desired is null) return [];
        if (observed.Overlay is not { } overlay) return [new AddOverlay(desired)];
        if (Recreate(desired, overlay.Device, observed) is { } why) return [new DeleteOverlay(overlay.Device.Index, why, desired.Source), new AddOverlay(desired)];
        return [.. OfDevice(desired, overlay.Device), .. OfAddresses(desired, overlay.Device, observed), .. desired.Peers.SelectMany(peer => OfPeer(peer, overlay))];
    }

    /// <summary>To be done after them.</summary>
    public static IEnumerable<NetworkChange> After(DesiredNetwork desired, ObservedNetwork observed)
    {
        if (observed.Overlay is not { } overlay) return [];
        if (desired.Overlay is not { } spec) return [new DeleteOverlay(overlay.Device.Index, "no node needs it", desired.Bridge.Source)];
        return desired.PeersKnown && IsReady(spec, observed) ? Surplus(spec, overlay) : [];
    }

    /// <returns>Why the device cannot stay; null if it can.</returns>
    private static string? Recreate(OverlaySpec desired, Link device, ObservedNetwork observed)
    {
        var right = desired.Parameters(observed.Links.GetValueOrDefault(desired.Link)?.Index ?? 0);
        return device.Vxlan == right ? null : $"it is {Text(device.Vxlan)}";

        string Text(VxlanParameters? it) => it is null ? "something else"
            : $"id {it.Id} port {it.Port} local {it.Local} dev {observed.LinkName(it.Link)}{(it.Learning ? " learning" : "")}{(it.UdpChecksum ? " udpcsum" : "")} df {it.DontFragment}";
    }

    private static IEnumerable<NetworkChange> OfDevice(OverlaySpec desired, Link device)
    {
        if (!device.Up || device.Mtu != desired.Mtu || !device.Address.Equals(desired.Mac)) yield return new SetOverlay(device.Index, desired);
    }

    private static IEnumerable<NetworkChange> OfAddresses(OverlaySpec desired, Link device, ObservedNetwork observed)
    {
        var right = new LinkAddress(device.Index, desired.Address, 32);
        var present = observed.Addresses.Where(address => address.Link == device.Index).ToList();
        foreach (var wrong in present.Where(address => address != right)) yield return new DeleteOverlayAddress(wrong, desired.Source);
        if (!present.Contains(right)) yield return new AddOverlayAddress(device.Index, desired);
    }

    private static IEnumerable<NetworkChange> OfPeer(TunnelPeer peer, ObservedOverlay overlay)
    {
        if (!overlay.Neighbors.Any(entry => entry.Address.Equals(peer.Base) && entry.LinkAddress.Equals(peer.Mac)))
            yield return new SetTunnelNeighbor(overlay.Device.Index, peer);
        if (!overlay.Tunnels.Any(entry => Leads(entry, peer))) yield return new SetTunnel(overlay.Device.Index, peer);
    }

    private static bool Leads(TunnelEntry entry, TunnelPeer peer) =>
        entry.LinkAddress.Equals(peer.Mac) && peer.NodeAddress.Equals(entry.Remote) && (entry.State & LibC.NUD_PERMANENT) != 0;

    /// <summary>Also what others put there: an entry for all zeroes would flood every tunnel.</summary>
    private static IEnumerable<NetworkChange> Surplus(OverlaySpec desired, ObservedOverlay overlay)
    {
        var peers = desired.Peers.ToDictionary(peer => peer.Mac);
        foreach (var entry in overlay.Neighbors.Where(entry => !desired.Peers.Any(peer => peer.Base.Equals(entry.Address))))
            yield return new DeleteNeighbor(overlay.Device.Index, entry.Address, desired.Source);
        foreach (var entry in overlay.Tunnels.Where(entry => !peers.TryGetValue(entry.LinkAddress, out var peer) || !peer.NodeAddress.Equals(entry.Remote)))
            yield return new DeleteTunnel(entry, desired.Source);
    }
}
