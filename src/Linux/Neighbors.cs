using System.Net;
using System.Net.NetworkInformation;

namespace Linux;

/// <summary>An IPv4 neighbour (ARP) entry.</summary>
/// <param name="State">NUD_PERMANENT and so on.</param>
public sealed record Neighbor(int Link, IPAddress Address, PhysicalAddress LinkAddress, int State);

/// <summary>A bridge's forwarding entry (FDB): frames to this MAC leave by this port.</summary>
public sealed record ForwardingEntry(int Port, PhysicalAddress LinkAddress, int State)
{
    /// <summary>Neither learnt nor the port's own address.</summary>
    public bool Static => (State & LibC.NUD_NOARP) != 0;
}

/// <summary>Neighbour and bridge forwarding entries: RTM_NEWNEIGH and its family.</summary>
public static class Neighbors
{
    /// <summary>The IPv4 neighbours on one link; the kernel filters.</summary>
    public static IReadOnlyList<Neighbor> List(NetlinkSocket socket, int link) =>
        [.. socket.Dump(new NetlinkRequest().Message(LibC.RTM_GETNEIGH, LibC.NLM_F_DUMP,
                new LibC.ndmsg { ndm_family = LibC.AF_INET }, "list neighbours").Attribute(LibC.NDA_IFINDEX, link))
            .Where(message => message.Type == LibC.RTM_NEWNEIGH).Select(Parse)];

    /// <summary>The forwarding entries of one bridge; the kernel filters.</summary>
    public static IReadOnlyList<ForwardingEntry> ListForwarding(NetlinkSocket socket, int bridge) =>
        [.. socket.Dump(new NetlinkRequest().Message(LibC.RTM_GETNEIGH, LibC.NLM_F_DUMP,
                new LibC.ndmsg { ndm_family = LibC.AF_BRIDGE }, "list forwarding entries").Attribute(LibC.NDA_MASTER, bridge))
            .Where(message => message.Type == LibC.RTM_NEWNEIGH).Select(ParseForwarding)];

    /// <summary>Also for the events of RTNLGRP_NEIGH of family AF_INET.</summary>
    public static Neighbor Parse(NetlinkMessage message)
    {
        var head = message.Body<LibC.ndmsg>();
        var attributes = message.Attributes<LibC.ndmsg>();
        return new Neighbor(head.ndm_ifindex, attributes.Address(LibC.NDA_DST)!, Mac(attributes), head.ndm_state);
    }

    /// <summary>Also for the events of RTNLGRP_NEIGH of family AF_BRIDGE.</summary>
    public static ForwardingEntry ParseForwarding(NetlinkMessage message)
    {
        var head = message.Body<LibC.ndmsg>();
        return new ForwardingEntry(head.ndm_ifindex, Mac(message.Attributes<LibC.ndmsg>()), head.ndm_state);
    }

    internal static PhysicalAddress Mac(NetlinkAttributes attributes) => new(attributes.Bytes(LibC.NDA_LLADDR) ?? []);

    /// <summary>Permanent: no ARP, and it takes the place of a stale entry of a reused address.</summary>
    public static NetlinkRequest SetNeighbor(this NetlinkRequest request, int link, IPAddress address, PhysicalAddress mac) => request
        .Message(LibC.RTM_NEWNEIGH, LibC.NLM_F_CREATE | LibC.NLM_F_REPLACE,
            new LibC.ndmsg { ndm_family = LibC.AF_INET, ndm_ifindex = link, ndm_state = LibC.NUD_PERMANENT }, $"set neighbour {address}")
        .Attribute(LibC.NDA_DST, address).Attribute(LibC.NDA_LLADDR, mac.GetAddressBytes());

    /// <summary>ENOENT if there is none.</summary>
    public static NetlinkRequest DeleteNeighbor(this NetlinkRequest request, int link, IPAddress address) => request
        .Message(LibC.RTM_DELNEIGH, 0, new LibC.ndmsg { ndm_family = LibC.AF_INET, ndm_ifindex = link }, $"delete neighbour {address}")
        .Attribute(LibC.NDA_DST, address);

    /// <summary>A static entry, so that the first frame is not flooded to every port.</summary>
    public static NetlinkRequest SetForwarding(this NetlinkRequest request, int port, PhysicalAddress mac) => request
        .Message(LibC.RTM_NEWNEIGH, LibC.NLM_F_CREATE | LibC.NLM_F_REPLACE,
            new LibC.ndmsg { ndm_family = LibC.AF_BRIDGE, ndm_ifindex = port, ndm_state = LibC.NUD_NOARP, ndm_flags = LibC.NTF_MASTER }, $"set forwarding entry {mac}")
        .Attribute(LibC.NDA_LLADDR, mac.GetAddressBytes());

    /// <summary>ENOENT if there is none.</summary>
    public static NetlinkRequest DeleteForwarding(this NetlinkRequest request, int port, PhysicalAddress mac) => request
        .Message(LibC.RTM_DELNEIGH, 0, new LibC.ndmsg { ndm_family = LibC.AF_BRIDGE, ndm_ifindex = port, ndm_flags = LibC.NTF_MASTER }, $"delete forwarding entry {mac}")
        .Attribute(LibC.NDA_LLADDR, mac.GetAddressBytes());
}
