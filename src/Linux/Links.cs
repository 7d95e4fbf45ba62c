using System.Net.NetworkInformation;

namespace Linux;

/// <summary>A network interface as the kernel reports it; what is null it has not.</summary>
/// <param name="Kind">"bridge", "veth", …; null for lo and hardware.</param>
/// <param name="Flags">IFF_UP and so on.</param>
/// <param name="Master">Index of the bridge of which it is a port.</param>
/// <param name="Group">Link group; 0 is the default one.</param>
/// <param name="NamespaceId">The veth peer's namespace, as this namespace numbers it.</param>
/// <param name="Hairpin">For a bridge port: whether frames may leave by the port they came from.</param>
public sealed record Link(int Index, string Name, string? Kind, PhysicalAddress Address, int Mtu, uint Flags,
    int? Master, string? Alias, uint Group, int? NamespaceId, bool? Hairpin)
{
    public bool Up => (Flags & LibC.IFF_UP) != 0;
    public bool Carrier => (Flags & LibC.IFF_LOWER_UP) != 0;

    /// <summary>What a VXLAN device was made with; null for all others.</summary>
    public VxlanParameters? Vxlan { get; init; }
}

/// <summary>Both ends of a new veth pair. The second is made inside the namespace <paramref name="PeerNamespace"/>, and stays down.</summary>
/// <param name="Index">The wished index, so that later messages of the same request can name the link.</param>
/// <param name="PeerNamespace">An open descriptor of a network namespace; null = the same one.</param>
public sealed record VethPair(string Name, int Index, int Mtu, int Master, uint Group,
    string PeerName, int PeerIndex, PhysicalAddress PeerAddress, int? PeerNamespace);

/// <summary>Network interfaces: RTM_NEWLINK and its family (rtnetlink(7)).</summary>
public static class Links
{
    /// <summary>The longest name, IFNAMSIZ less the closing zero.</summary>
    public const int LongestName = 15;

    public static IReadOnlyList<Link> List(NetlinkSocket socket) => Dump(socket, null);

    /// <summary>The ports of one bridge; the kernel filters.</summary>
    public static IReadOnlyList<Link> Ports(NetlinkSocket socket, int bridge) => Dump(socket, bridge);

    private static List<Link> Dump(NetlinkSocket socket, int? master)
    {
        var request = new NetlinkRequest().Message(LibC.RTM_GETLINK, LibC.NLM_F_DUMP, new LibC.ifinfomsg(), "list links")
            .Attribute(LibC.IFLA_EXT_MASK, LibC.RTEXT_FILTER_SKIP_STATS); // they take most of the time otherwise
        if (master is { } index) request.Attribute(LibC.IFLA_MASTER, index);
        return [.. socket.Dump(request).Where(message => message.Type == LibC.RTM_NEWLINK).Select(Parse)];
    }

    /// <returns>Null if there is none of that name.</returns>
    public static Link? Find(NetlinkSocket socket, string name)
    {
        var request = new NetlinkRequest().Message(LibC.RTM_GETLINK, 0, new LibC.ifinfomsg(), $"find link {name}").Attribute(LibC.IFLA_IFNAME, name);
        try { return Parse(socket.Get(request)); }
        catch (NetlinkException absent) when (absent.Errno == LibC.ENODEV) { return null; }
    }

    /// <summary>Also for the events of RTNLGRP_LINK.</summary>
    public static Link Parse(NetlinkMessage message)
    {
        var head = message.Body<LibC.ifinfomsg>();
        var attributes = message.Attributes<LibC.ifinfomsg>();
        var info = attributes.Nested(LibC.IFLA_LINKINFO);
        var port = info?.Text(LibC.IFLA_INFO_SLAVE_KIND) == "bridge" ? info?.Nested(LibC.IFLA_INFO_SLAVE_DATA) : null;
        return new Link(head.ifi_index, attributes.Text(LibC.IFLA_IFNAME) ?? "", info?.Text(LibC.IFLA_INFO_KIND),
            new PhysicalAddress(attributes.Bytes(LibC.IFLA_ADDRESS) ?? []), attributes.Int(LibC.IFLA_MTU) ?? 0, head.ifi_flags,
            attributes.Int(LibC.IFLA_MASTER), attributes.Text(LibC.IFLA_IFALIAS), attributes.UInt(LibC.IFLA_GROUP) ?? 0,
            attributes.Int(LibC.IFLA_LINK_NETNSID), port?.Byte(LibC.IFLA_BRPORT_MODE) is { } hairpin ? hairpin != 0 : null)
        {
            Vxlan = info?.Text(LibC.IFLA_INFO_KIND) == "vxlan" && info?.Nested(LibC.IFLA_INFO_DATA) is { } vxlan ? VxlanParameters.Parse(vxlan) : null,
        };
    }

    /// <summary>
    /// A bridge with a fixed MAC (else it takes the lowest of its ports' and changes as they come and go), up, without STP.
    /// </summary>
    public static NetlinkRequest AddBridge(this NetlinkRequest request, string name, PhysicalAddress address, int mtu) => request
        .Message(LibC.RTM_NEWLINK, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL, Up(0), $"add bridge {name}")
        .Attribute(LibC.IFLA_IFNAME, name).Attribute(LibC.IFLA_ADDRESS, address.GetAddressBytes()).Attribute(LibC.IFLA_MTU, mtu)
        .Nested(LibC.IFLA_LINKINFO, info => info.Attribute(LibC.IFLA_INFO_KIND, "bridge"));

    /// <summary>The first end is made up and a port of the master; the peer must not be up here (ENOTCONN).</summary>
    public static NetlinkRequest AddVeth(this NetlinkRequest request, VethPair pair)
    {
        request.Message(LibC.RTM_NEWLINK, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL, Up(pair.Index), $"add veth {pair.Name}")
            .Attribute(LibC.IFLA_IFNAME, pair.Name).Attribute(LibC.IFLA_MTU, pair.Mtu).Attribute(LibC.IFLA_GROUP, pair.Group);
        if (pair.Master != 0) request.Attribute(LibC.IFLA_MASTER, pair.Master);
        return request.Nested(LibC.IFLA_LINKINFO, info => info.Attribute(LibC.IFLA_INFO_KIND, "veth")
            .Nested(LibC.IFLA_INFO_DATA, data => data.Nested(LibC.VETH_INFO_PEER, peer =>
            {
                peer.Struct(new LibC.ifinfomsg { ifi_index = pair.PeerIndex }).Attribute(LibC.IFLA_IFNAME, pair.PeerName)
                    .Attribute(LibC.IFLA_ADDRESS, pair.PeerAddress.GetAddressBytes()).Attribute(LibC.IFLA_MTU, pair.Mtu);
                if (pair.PeerNamespace is { } descriptor) peer.Attribute(LibC.IFLA_NET_NS_FD, descriptor);
            })));
    }

    /// <summary>Changes what is not null.</summary>
    /// <param name="hairpin">
    /// For a port of a bridge. Not together with <paramref name="master"/>: slave data beside IFLA_MASTER is refused (EOPNOTSUPP).
    /// </param>
    /// <param name="noLinkLocal">No IPv6 link-local address, so no neighbour discovery or multicast reports from this link.</param>
    public static NetlinkRequest SetLink(this NetlinkRequest request, int index, string what, bool? up = null, int? mtu = null,
        PhysicalAddress? address = null, int? master = null, uint? group = null, string? alias = null, bool? hairpin = null, bool noLinkLocal = false)
    {
        var flags = up is null ? new LibC.ifinfomsg { ifi_index = index }
            : new LibC.ifinfomsg { ifi_index = index, ifi_change = LibC.IFF_UP, ifi_flags = up.Value ? LibC.IFF_UP : 0 };
        request.Message(LibC.RTM_NEWLINK, 0, flags, what);
        if (address is not null) request.Attribute(LibC.IFLA_ADDRESS, address.GetAddressBytes());
        if (mtu is not null) request.Attribute(LibC.IFLA_MTU, mtu.Value);
        if (master is not null) request.Attribute(LibC.IFLA_MASTER, master.Value);
        if (group is not null) request.Attribute(LibC.IFLA_GROUP, group.Value);
        if (alias is not null) request.Attribute(LibC.IFLA_IFALIAS, System.Text.Encoding.UTF8.GetBytes(alias));
        if (noLinkLocal) request.Nested(LibC.IFLA_AF_SPEC, families => families.Nested((ushort)LibC.AF_INET6,
            inet6 => inet6.Attribute(LibC.IFLA_INET6_ADDR_GEN_MODE, (byte)LibC.IN6_ADDR_GEN_MODE_NONE)));
        return hairpin is null ? request : request.Nested(LibC.IFLA_LINKINFO, info => info.Attribute(LibC.IFLA_INFO_SLAVE_KIND, "bridge")
            .Nested(LibC.IFLA_INFO_SLAVE_DATA, data => data.Attribute(LibC.IFLA_BRPORT_MODE, (byte)(hairpin.Value ? 1 : 0))));
    }

    /// <summary>Blocks some 28 ms for RCU; for many links use <see cref="DeleteGroup"/>.</summary>
    public static NetlinkRequest DeleteLink(this NetlinkRequest request, int index, string name) =>
        request.Message(LibC.RTM_DELLINK, 0, new LibC.ifinfomsg { ifi_index = index }, $"delete link {name}");

    /// <summary>All links of one group in one go: 100 pairs in 41 ms. ENODEV if there is none.</summary>
    public static NetlinkRequest DeleteGroup(this NetlinkRequest request, uint group) =>
        request.Message(LibC.RTM_DELLINK, 0, new LibC.ifinfomsg(), $"delete link group {group}").Attribute(LibC.IFLA_GROUP, group);

    private static LibC.ifinfomsg Up(int index) => new() { ifi_index = index, ifi_flags = LibC.IFF_UP, ifi_change = LibC.IFF_UP };
}
