using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// A pod's connection: a veth pair from the bridge into the pod's network namespace, an address and two routes in there, static
/// forwarding and neighbour entries on both sides. Two netlink round trips, no other program.
///
/// The pod's address is a /32 and everything goes through the node, also to a pod on the same bridge. So NAT and policy see every packet,
/// whatever another program has set bridge-nf-call-iptables to; with a /24 replies between neighbours would be switched past NAT.
/// </summary>
internal sealed class PodLink(NetlinkSocket node, int bridgeIndex, int mtu, IPAddress gateway)
{
    private const int FirstPeerIndex = 2, Attempts = 100;

    /// <summary>
    /// Link indexes are chosen by us, so that later messages of one request can name the link that an earlier one makes. The kernel counts
    /// from 1 up and does not come here: a message that follows a failed one must not hit a foreign link.
    /// </summary>
    public const int LowestIndex = 0x1000000;

    public int Mtu => mtu;

    private int lastIndex = Links.List(node).Select(link => link.Index).Append(LowestIndex).Max();

    /// <summary>Connects the pod; a link of an earlier attempt is completed or replaced. Undone on failure.</summary>
    /// <exception cref="IOException">The namespace does not exist, or the kernel refuses.</exception>
    public void Add(PodPort port, string networkNamespacePath)
    {
        using var pod = NetworkNamespace.Open(networkNamespacePath);
        using var inside = pod.Run(OpenInside);
        try { CompleteInside(port, inside, AddPair(port, pod, inside)); }
        catch
        {
            Delete(port);
            throw;
        }
    }

    /// <summary>Mends what is not right inside the pod; what is right is not touched.</summary>
    /// <returns>False if the pod has no interface at all: it has to be added.</returns>
    public bool Check(PodPort port, string networkNamespacePath)
    {
        using var pod = NetworkNamespace.Open(networkNamespacePath);
        using var inside = pod.Run(OpenInside);
        if (Links.Find(inside, Marks.PodInterface) is not { } link) return false;
        if (!InsideIsRight(port, inside, link.Index)) CompleteInside(port, inside, link.Index);
        return true;
    }

    /// <summary>Takes the node's side away; nothing there is fine. The pod's side goes with it.</summary>
    public void Delete(PodPort port)
    {
        var request = new NetlinkRequest().DeleteNeighbor(bridgeIndex, port.Address);
        if (Links.Find(node, port.LinkName) is { } link) request.DeleteLink(link.Index, link.Name);
        var failures = node.TryExecute(request).Where(failure => failure.Errno is not (LibC.ENOENT or LibC.ENODEV)).ToList();
        if (failures.Count > 0) throw new NetlinkException(failures);
    }

    /// <summary>The address that the pod has inside, for adoption where the node's side does not tell; null if it has none.</summary>
    public static IPAddress? AddressInside(string networkNamespacePath)
    {
        using var pod = NetworkNamespace.Open(networkNamespacePath);
        using var inside = NetlinkSocket.OpenIn(pod);
        return Links.Find(inside, Marks.PodInterface) is { } link
            ? Addresses.List(inside, link.Index).FirstOrDefault(address => address.PrefixLength == 32)?.Address : null;
    }

    /// <summary>IPv6 off for eth0, before there is one: else duplicate address detection and multicast reports. lo keeps its ::1.</summary>
    private static NetlinkSocket OpenInside()
    {
        Sysctl.TryWrite("net/ipv6/conf/default/disable_ipv6", "1"); // a kernel without IPv6 has no such setting
        return new NetlinkSocket();
    }

    /// <returns>The index of the pod's end.</returns>
    private int AddPair(PodPort port, NetworkNamespace pod, NetlinkSocket inside)
    {
        var peer = FirstPeerIndex;
        for (var attempt = 0; ; attempt++)
        {
            var failures = node.TryExecute(NodeSide(port, Interlocked.Increment(ref lastIndex), peer, pod));
            if (failures.Count == 0) return peer;
            if (failures[0] is not { Message: 0, Errno: LibC.EEXIST } || attempt == Attempts) throw new NetlinkException(failures);
            // The name is taken by what an earlier attempt left, or an index is: modules may put links of their own into every new namespace.
            // It may also vanish by itself meanwhile: the namespace of a pod deleted a moment ago ends in the background.
            if (Links.Find(node, port.LinkName) is { } left) node.TryExecute(new NetlinkRequest().DeleteLink(left.Index, left.Name));
            peer = Math.Max(FirstPeerIndex, Links.List(inside).Max(link => link.Index) + 1);
        }
    }

    private NetlinkRequest NodeSide(PodPort port, int index, int peer, NetworkNamespace pod) => new NetlinkRequest()
        .AddVeth(new VethPair(port.LinkName, index, mtu, bridgeIndex, Marks.LinkGroup, Marks.PodInterface, peer, port.Mac, pod.Descriptor))
        .SetLink(index, $"set link {port.LinkName}", alias: port.Alias, hairpin: true, noLinkLocal: true) // all ignored or refused in the message before
        .SetNeighbor(bridgeIndex, port.Address, port.Mac)
        .SetForwarding(index, port.Mac);

    private void CompleteInside(PodPort port, NetlinkSocket inside, int peer) => inside.Execute(Inside(port, peer));

    private NetlinkRequest Inside(PodPort port, int peer) => new NetlinkRequest()
        .SetLink(1, "set lo up", up: true)
        .SetLink(peer, $"set {Marks.PodInterface} up", up: true, mtu: mtu, address: port.Mac)
        .AddAddress(new LinkAddress(peer, port.Address, 32))
        .ReplaceRoute(ToGateway(peer))
        .ReplaceRoute(Default(peer))
        .SetNeighbor(peer, gateway, Marks.Mac(gateway));

    private Route ToGateway(int peer) => new(new IPNetwork(gateway, 32), peer, Protocol: Marks.RouteProtocol);
    private Route Default(int peer) => new(Routes.Default, peer, gateway, Protocol: Marks.RouteProtocol);

    private bool InsideIsRight(PodPort port, NetlinkSocket inside, int peer)
    {
        var links = Links.List(inside);
        var routes = Routes.List(inside);
        return links.Any(link => link.Index == 1 && link.Up)
            && links.Any(link => link.Index == peer && link.Up && link.Mtu == mtu && link.Address.Equals(port.Mac))
            && Addresses.List(inside, peer).Contains(new LinkAddress(peer, port.Address, 32))
            && routes.Contains(ToGateway(peer)) && routes.Contains(Default(peer))
            && Neighbors.List(inside, peer).Any(entry => entry.Address.Equals(gateway) && entry.LinkAddress.Equals(Marks.Mac(gateway)) && (entry.State & LibC.NUD_PERMANENT) != 0);
    }
}
