using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>What is in the kernel and where it came from, told from the kernel alone: an agent need not be running.</summary>
internal static class StateLines
{
    /// <param name="nodeName">The own node.</param>
    /// <param name="peers">Names of the other nodes by address, where they are known.</param>
    public static IEnumerable<StateLine> Of(ObservedNetwork observed, string nodeName, IReadOnlyDictionary<IPAddress, string> peers)
    {
        var self = $"Node {nodeName}";
        var pods = observed.PodLinks.ToDictionary(link => link.Index, PodOf);
        if (observed.Bridge is { } bridge) yield return new($"bridge {bridge.Name} {Marks.Text(bridge.Address)} mtu {bridge.Mtu}", self);
        if (observed.Links.ContainsKey(Marks.CarrierPort)) yield return new($"link {Marks.CarrierPort}", self);
        foreach (var address in observed.BridgeAddresses) yield return new($"address {address.Address}/{address.PrefixLength} dev {Marks.Bridge}", self);
        var tunnels = observed.Overlay is { } overlay ? new TunnelNames(overlay, peers) : null;
        foreach (var line in tunnels?.Lines(self, observed) ?? []) yield return line;
        foreach (var route in observed.Routes)
            yield return new($"route {route.Destination}{(route.Gateway is null ? "" : $" via {route.Gateway}")} dev {observed.LinkName(route.Link)}",
                route.Gateway is null ? self : tunnels?.NodeOf(route) ?? TunnelNames.Name(route.Gateway, peers));
        foreach (var link in observed.PodLinks.OrderBy(link => link.Alias, StringComparer.Ordinal))
            yield return new($"link {link.Name} mtu {link.Mtu}{(link.Up ? "" : " down")}", pods[link.Index]);
        foreach (var entry in observed.Forwarding)
            yield return new($"forwarding entry {Marks.Text(entry.LinkAddress)} on {observed.LinkName(entry.Port)}", pods.GetValueOrDefault(entry.Port, self));
        var podByAddress = observed.Forwarding.Where(entry => Marks.AddressOf(entry.LinkAddress) is not null)
            .ToLookup(entry => Marks.AddressOf(entry.LinkAddress)!, entry => pods.GetValueOrDefault(entry.Port, self));
        foreach (var neighbor in observed.Neighbors)
            yield return new($"neighbour {neighbor.Address} at {Marks.Text(neighbor.LinkAddress)} dev {Marks.Bridge}", podByAddress[neighbor.Address].FirstOrDefault(self));
        foreach (var (name, value) in observed.Sysctls.Where(setting => setting.Value is not null && DesiredNetwork.SysctlNames.Contains(setting.Key))) yield return new($"sysctl {name} = {value}", self);
    }

    private static string PodOf(Link link) => Marks.ParseAlias(link.Alias) is var (space, name, _) ? $"Pod {space}/{name}" : "no Pod (orphan)";
}
