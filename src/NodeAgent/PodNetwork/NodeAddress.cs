using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// Which of its addresses a node goes by. Never that of the default route: on Vagrant every machine has the same one there (10.0.2.15).
/// </summary>
internal static class NodeAddress
{
    /// <summary>The setting if there is one, else the source that the kernel would use towards the control plane.</summary>
    /// <exception cref="InvalidOperationException">There is no such address or route; the message says what to set.</exception>
    public static IPAddress Choose(IPAddress? setting, IPAddress controlPlane, NetworkNamespace? node = null)
    {
        using var socket = NetlinkSocket.OpenIn(node ?? NetworkNamespace.Current);
        var chosen = setting ?? Routes.PathTo(socket, controlPlane)?.Source
            ?? throw new InvalidOperationException($"no route to the control plane {controlPlane}: set the node address (--node-ip)");
        if (IPAddress.IsLoopback(chosen))
            throw new InvalidOperationException($"the control plane {controlPlane} is reached from {chosen}, which other nodes cannot reach: set the node address (--node-ip)");
        if (!Addresses.List(socket).Any(address => address.Address.Equals(chosen)))
            throw new InvalidOperationException($"no link of this machine has the node address {chosen}");
        return chosen;
    }

    /// <summary>
    /// Why it is that one, for people: <c>192.168.56.11 on eth1, MTU 1500: towards the control plane 192.168.56.10; not 10.0.2.15 on eth0, where the default route leads</c>.
    /// </summary>
    public static string Reason(IPAddress chosen, IPAddress? setting, IPAddress controlPlane, NetworkNamespace? node = null)
    {
        using var socket = NetlinkSocket.OpenIn(node ?? NetworkNamespace.Current);
        var (addresses, links) = (Addresses.List(socket), Links.List(socket).ToDictionary(link => link.Index));
        var own = links[addresses.First(address => address.Address.Equals(chosen)).Link];
        var outward = Routes.List(socket).FirstOrDefault(route => route.Destination.PrefixLength == 0)?.Link;
        var passedOver = addresses.FirstOrDefault(address => address.Link == outward && address.Link != own.Index);
        return $"{chosen} on {own.Name}, MTU {own.Mtu}: {(setting is null ? $"towards the control plane {controlPlane}" : "as set")}"
            + (passedOver is null ? "" : $"; not {passedOver.Address} on {links[passedOver.Link].Name}, where the default route leads");
    }

    /// <param name="others">The other nodes' names by address.</param>
    /// <exception cref="InvalidOperationException">One of them has it; the message says what to do.</exception>
    public static void RefuseTaken(IPAddress chosen, IReadOnlyDictionary<IPAddress, string> others)
    {
        if (others.TryGetValue(chosen, out var other))
            throw new InvalidOperationException($"the address {chosen} belongs to node {other} already: set another (--node-ip), or delete that node if it is no more");
    }
}
