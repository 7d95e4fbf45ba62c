using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>The VXLAN device of ours and what hangs on it.</summary>
/// <param name="Tunnels">Its forwarding entries, all of them: it learns none.</param>
/// <param name="Neighbors">The permanent ones.</param>
internal sealed record ObservedOverlay(Link Device, IReadOnlyList<TunnelEntry> Tunnels, IReadOnlyList<Neighbor> Neighbors)
{
    /// <returns>Null if there is none; a link of that name and another kind is somebody else's.</returns>
    public static ObservedOverlay? Read(NetlinkSocket socket, IReadOnlyDictionary<string, Link> links) =>
        links.TryGetValue(Marks.Overlay, out var device) && device.Kind == "vxlan"
            ? new ObservedOverlay(device, Vxlan.ListTunnels(socket, device.Index),
                [.. global::Linux.Neighbors.List(socket, device.Index).Where(entry => (entry.State & LibC.NUD_PERMANENT) != 0)])
            : null;
}
