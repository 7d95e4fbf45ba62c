using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>Carries out changes: one netlink request for all of them, then the sysctls.</summary>
internal static class NetworkApply
{
    /// <param name="links">Index by name, for routes.</param>
    /// <param name="reconnect">Connects a pod whose link is gone.</param>
    /// <returns>What went wrong, each with its API object; the rest has been carried out.</returns>
    public static IReadOnlyList<string> Apply(IReadOnlyList<NetworkChange> changes, NetlinkSocket socket, NetworkNamespace node,
        Func<string, int> links, Action<PodPort> reconnect)
    {
        var request = new NetlinkRequest();
        var sources = new List<string>(); // by message
        foreach (var change in changes)
        {
            Write(request, change, links);
            while (sources.Count < request.Count) sources.Add(change.Source);
        }
        DeleteOrphans(request, changes);
        while (sources.Count < request.Count) sources.Add("links without a pod");
        var problems = socket.TryExecute(request).Where(failure => !Gone(failure)).Select(failure => $"{sources[failure.Message]}: {failure}").ToList();
        foreach (var change in changes.OfType<SetSysctl>()) Try(problems, change, () => node.Run(() => Sysctl.Write(change.Setting.Name, change.Setting.Value)));
        foreach (var change in changes.OfType<ReconnectPod>()) Try(problems, change, () => reconnect(change.Port));
        return problems;
    }

    private static void Try(List<string> problems, NetworkChange change, Action apply)
    {
        try { apply(); }
        catch (Exception error) when (error is IOException or InvalidOperationException or UnauthorizedAccessException) { problems.Add($"{change.Source}: {error.Message}"); }
    }

    /// <summary>A delete that found nothing has what it wants; a port may vanish between reading and writing.</summary>
    private static bool Gone(NetlinkFailure failure) => failure.Errno is LibC.ENODEV or LibC.ENOENT or LibC.ESRCH or LibC.EADDRNOTAVAIL;

    private static NetlinkRequest Write(NetlinkRequest request, NetworkChange change, Func<string, int> links) => change switch
    {
        AddBridge(var bridge) => request.AddBridge(bridge.Name, bridge.Mac, bridge.Mtu),
        SetBridge(var index, var bridge) => request.SetLink(index, $"set bridge {bridge.Name}", up: true, mtu: bridge.Mtu, address: bridge.Mac),
        AddCarrier(var bridge, var mtu, _) => request.AddVeth(new VethPair(Marks.CarrierPort, Marks.CarrierIndex, mtu, bridge, 0,
                Marks.CarrierEnd, Marks.CarrierEndIndex, Marks.Mac(IPAddress.Broadcast), null))
            .SetLink(Marks.CarrierIndex, $"set link {Marks.CarrierPort}", noLinkLocal: true)
            .SetLink(Marks.CarrierEndIndex, $"set link {Marks.CarrierEnd} up", up: true, noLinkLocal: true),
        SetCarrier(var index, var end, var bridge, var mtu, _) => request.SetLink(index, $"set link {Marks.CarrierPort}", up: true, mtu: mtu, master: bridge)
            .SetLink(end, $"set link {Marks.CarrierEnd}", up: true, mtu: mtu),
        AddBridgeAddress(var index, var bridge) => request.AddAddress(new LinkAddress(index, bridge.Address, bridge.PrefixLength)),
        DeleteBridgeAddress delete => request.DeleteAddress(delete.Address),
        SetPort port => WritePort(request, port),
        SetForwarding set => request.SetForwarding(set.Port, set.Mac),
        DeleteForwarding delete => request.DeleteForwarding(delete.Port, delete.Mac),
        SetNeighbor set => request.SetNeighbor(set.Bridge, set.Address, set.Mac),
        DeleteNeighbor delete => request.DeleteNeighbor(delete.Bridge, delete.Address),
        AddRoute(var route) => request.AddRoute(Kernel(route, links)),
        ReplaceRoute(var route) => request.ReplaceRoute(Kernel(route, links)),
        DeleteRoute delete => request.DeleteRoute(delete.Route),
        AddOverlay(var overlay) => request
            .AddVxlan(overlay.Name, Marks.OverlayIndex, overlay.Mac, overlay.Mtu, overlay.Parameters(links(overlay.Link)))
            .SetLink(Marks.OverlayIndex, $"set vxlan {overlay.Name} up", up: true),
        SetOverlay(var index, var overlay) => request.SetLink(index, $"set vxlan {overlay.Name}", up: true, mtu: overlay.Mtu, address: overlay.Mac),
        DeleteOverlay delete => request.DeleteLink(delete.Index, Marks.Overlay),
        AddOverlayAddress(var index, var overlay) => request.AddAddress(new LinkAddress(index, overlay.Address, 32)),
        DeleteOverlayAddress delete => request.DeleteAddress(delete.Address),
        SetTunnelNeighbor set => request.SetNeighbor(set.Index, set.Peer.Base, set.Peer.Mac),
        SetTunnel set => request.SetTunnel(set.Index, set.Peer.Mac, set.Peer.NodeAddress),
        DeleteTunnel delete => request.DeleteTunnel(delete.Entry.Link, delete.Entry.LinkAddress, delete.Entry.Remote),
        DeleteOrphan or SetSysctl or ReconnectPod => request,
        _ => throw new NotSupportedException(change.GetType().Name),
    };

    private static NetlinkRequest WritePort(NetlinkRequest request, SetPort port)
    {
        if (port.Master is not null || port.Up is not null || port.Mtu is not null || port.Group is not null || port.Alias is not null)
            request.SetLink(port.Index, $"set link {port.Link}", port.Up, port.Mtu, null, port.Master, port.Group, port.Alias);
        return port.Hairpin is null ? request : request.SetLink(port.Index, $"set hairpin of link {port.Link}", hairpin: true);
    }

    /// <summary>One delete of a whole group: a link by itself blocks the kernel's network lock for some 28 ms.</summary>
    private static void DeleteOrphans(NetlinkRequest request, IReadOnlyList<NetworkChange> changes)
    {
        var orphans = changes.OfType<DeleteOrphan>().ToList();
        if (orphans.Count == 0) return;
        foreach (var orphan in orphans) request.SetLink(orphan.Index, $"set aside link {orphan.Link}", group: Marks.OrphanGroup);
        request.DeleteGroup(Marks.OrphanGroup);
    }

    private static Route Kernel(NodeRoute route, Func<string, int> links) =>
        new(route.Destination, links(route.Link), route.Gateway, route.PreferredSource, Marks.RouteProtocol, route.OnLink);
}
