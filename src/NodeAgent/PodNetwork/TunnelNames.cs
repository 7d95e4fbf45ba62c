using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>Which Node each entry of the VXLAN device came from: the forwarding entry has the node's address, all else leads to it by MAC.</summary>
/// <param name="peers">Names of the other nodes by address, where they are known.</param>
internal sealed class TunnelNames(ObservedOverlay overlay, IReadOnlyDictionary<IPAddress, string> peers)
{
    public IEnumerable<StateLine> Lines(string self, ObservedNetwork observed)
    {
        var device = overlay.Device;
        yield return new($"vxlan {device.Name} {Marks.Text(device.Address)} id {device.Vxlan!.Id} port {device.Vxlan.Port} local {device.Vxlan.Local} dev {observed.LinkName(device.Vxlan.Link)} mtu {device.Mtu}{(device.Up ? "" : " down")}", self);
        foreach (var address in observed.Addresses.Where(address => address.Link == device.Index)) yield return new($"address {address.Address}/{address.PrefixLength} dev {device.Name}", self);
        foreach (var entry in overlay.Neighbors) yield return new($"neighbour {entry.Address} at {Marks.Text(entry.LinkAddress)} dev {device.Name}", NodeOf(entry) ?? self);
        foreach (var entry in overlay.Tunnels)
            yield return new($"tunnel entry {Marks.Text(entry.LinkAddress)}{(entry.Remote is null ? "" : $" dst {entry.Remote}")} dev {device.Name}", entry.Remote is null ? self : Name(entry.Remote, peers));
    }

    /// <returns>Null for a route that leads into no tunnel.</returns>
    public string? NodeOf(Route route) => route.Link == overlay.Device.Index && overlay.Neighbors.FirstOrDefault(entry => entry.Address.Equals(route.Gateway)) is { } neighbor ? NodeOf(neighbor) : null;

    private string? NodeOf(Neighbor neighbor) =>
        overlay.Tunnels.FirstOrDefault(entry => entry.LinkAddress.Equals(neighbor.LinkAddress))?.Remote is { } remote ? Name(remote, peers) : null;

    public static string Name(IPAddress node, IReadOnlyDictionary<IPAddress, string> peers) => $"Node {peers.GetValueOrDefault(node, $"with address {node}")}";
}
