using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// What has to change, attribute by attribute: nothing that is right is touched, nothing is deleted and made again, since running
/// connections must not notice. Pure.
/// </summary>
internal static class NetworkDiff
{
    /// <param name="orphans">Whether links without a known pod are to go; they may belong to a pod that is just being added or deleted.</param>
    public static IReadOnlyList<NetworkChange> Between(DesiredNetwork desired, ObservedNetwork observed, bool orphans) =>
        observed.Bridge is not { } bridge
            ? [new AddBridge(desired.Bridge)] // everything else hangs on it, and is compared once it is there
            : [.. OfBridge(desired.Bridge, bridge, observed), .. OfPorts(desired, observed, bridge), .. OfEntries(desired, observed, bridge, orphans),
                .. OverlayDiff.Before(desired.Overlay, observed), .. OfRoutes(desired, observed), .. OverlayDiff.After(desired, observed),
                .. OfSysctls(desired, name => observed.Sysctls.GetValueOrDefault(name)), .. orphans ? Orphans(desired, observed) : []];

    private static IEnumerable<NetworkChange> OfBridge(BridgeSpec desired, Link bridge, ObservedNetwork observed)
    {
        if (!bridge.Up || bridge.Mtu != desired.Mtu || !bridge.Address.Equals(desired.Mac)) yield return new SetBridge(bridge.Index, desired);
        if (!observed.Links.TryGetValue(Marks.CarrierPort, out var carrier) || !observed.Links.TryGetValue(Marks.CarrierEnd, out var end))
            yield return new AddCarrier(bridge.Index, desired.Mtu, desired.Source);
        else if (!carrier.Up || !end.Up || carrier.Master != bridge.Index || carrier.Mtu != desired.Mtu)
            yield return new SetCarrier(carrier.Index, end.Index, bridge.Index, desired.Mtu, desired.Source);
        var right = new LinkAddress(bridge.Index, desired.Address, desired.PrefixLength);
        foreach (var wrong in observed.BridgeAddresses.Where(address => address != right)) yield return new DeleteBridgeAddress(wrong, desired.Source);
        if (!observed.BridgeAddresses.Contains(right)) yield return new AddBridgeAddress(bridge.Index, desired);
    }

    private static IEnumerable<NetworkChange> OfPorts(DesiredNetwork desired, ObservedNetwork observed, Link bridge)
    {
        foreach (var port in desired.Ports)
        {
            if (!observed.Links.TryGetValue(port.LinkName, out var link)) yield return new ReconnectPod(port);
            else if (OfPort(port, link, bridge, desired.Bridge.Mtu) is { } change) yield return change;
        }
    }

    /// <returns>Null where the port is as it shall be.</returns>
    public static SetPort? OfPort(PodPort port, Link link, Link bridge, int mtu)
    {
        var change = new SetPort(link.Index, link.Name,
            link.Master == bridge.Index ? null : bridge.Index,
            link.Up ? null : true,
            link.Mtu == mtu ? null : mtu,
            link.Group == Marks.LinkGroup ? null : Marks.LinkGroup,
            link.Alias == port.Alias ? null : port.Alias,
            link.Master == bridge.Index && link.Hairpin == true ? null : true, port.Source);
        return change is { Master: null, Up: null, Mtu: null, Group: null, Alias: null, Hairpin: null } ? null : change;
    }

    /// <summary>The static forwarding and neighbour entries. One of an unknown address goes at once; the pods being added are known before.</summary>
    private static IEnumerable<NetworkChange> OfEntries(DesiredNetwork desired, ObservedNetwork observed, Link bridge, bool orphans)
    {
        var forwarding = observed.Forwarding.Select(entry => (entry.Port, entry.LinkAddress)).ToHashSet();
        var neighbors = observed.Neighbors.ToDictionary(entry => entry.Address, entry => entry.LinkAddress);
        foreach (var port in desired.Ports)
        {
            if (!observed.Links.TryGetValue(port.LinkName, out var link)) continue; // reconnecting sets both
            if (!forwarding.Remove((link.Index, port.Mac))) yield return new SetForwarding(link.Index, port.Mac, port.Source);
            if (!neighbors.Remove(port.Address, out var mac) || !mac.Equals(port.Mac)) yield return new SetNeighbor(bridge.Index, port.Address, port.Mac, port.Source);
        }
        foreach (var address in neighbors.Keys) yield return new DeleteNeighbor(bridge.Index, address, desired.Bridge.Source);
        if (!orphans) yield break; // an entry of a link about to vanish goes with it
        foreach (var (port, mac) in forwarding) yield return new DeleteForwarding(port, mac, desired.Bridge.Source);
    }

    private static IEnumerable<NetworkChange> OfRoutes(DesiredNetwork desired, ObservedNetwork observed)
    {
        var present = observed.Routes.ToList();
        var overlayIsReady = OverlayDiff.IsReady(desired.Overlay, observed);
        foreach (var route in desired.Routes)
        {
            var own = present.FirstOrDefault(other => other.Destination.Equals(route.Destination));
            if (route.Link == Marks.Overlay && !overlayIsReady) present.RemoveAll(other => other == own); // compared once the device is there
            // One that the kernel has made by itself says that the networks overlap, and stays.
            else if (own is null) yield return observed.ForeignRoutes.Contains(route.Destination) ? new ReplaceRoute(route) : new AddRoute(route);
            else
            {
                present.Remove(own);
                if (!route.SameAs(new NodeRoute(own.Destination, observed.LinkName(own.Link), own.Gateway, own.Source, "") { OnLink = own.OnLink })) yield return new ReplaceRoute(route);
            }
        }
        foreach (var surplus in present.Where(route => desired.PeersKnown || route.Gateway is null)) yield return new DeleteRoute(surplus, desired.Bridge.Source);
    }

    public static IEnumerable<NetworkChange> OfSysctls(DesiredNetwork desired, Func<string, string?> read) =>
        from setting in desired.Sysctls
        let value = read(setting.Name)
        where value is null ? !setting.IfPresent : value != setting.Value
        select new SetSysctl(setting);

    private static IEnumerable<NetworkChange> Orphans(DesiredNetwork desired, ObservedNetwork observed)
    {
        var known = desired.Ports.Select(port => port.LinkName).ToHashSet();
        return observed.PodLinks.Where(link => !known.Contains(link.Name)).Select(link => new DeleteOrphan(link.Index, link.Name, desired.Bridge.Source));
    }
}
