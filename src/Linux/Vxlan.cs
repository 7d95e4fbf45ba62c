using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;

namespace Linux;

/// <summary>
/// A VXLAN device over IPv4 as RFC 7348 and linux/if_link.h have it. It learns nothing and computes no outer UDP checksum unless told to:
/// zero is allowed over IPv4, and a checksum that is there breaks where the outer packet's source is translated once more.
/// </summary>
/// <param name="Id">The network's number (VNI), 24 bits.</param>
/// <param name="Link">Index of the link over which the tunnels go; when it is deleted, so is the device.</param>
/// <param name="Local">The source of the outer packets.</param>
/// <param name="Port">UDP, of all ends.</param>
/// <param name="DontFragment">
/// What the outer packets say of it. Inherited from the inner ones it makes a hole on a path that is narrower than the links: the kernel learns that path's MTU
/// but does not heed it for what it forwards (net.ipv4.ip_forward_use_pmtu), so nobody tells the sender. Unset, routers on the way fragment.
/// </param>
public sealed record VxlanParameters(uint Id, int Link, IPAddress Local, ushort Port, bool Learning = false, bool UdpChecksum = false,
    byte DontFragment = LibC.VXLAN_DF_UNSET)
{
    /// <summary>Of the outer headers: IPv4 20, UDP 8, VXLAN 8, and the inner Ethernet 14.</summary>
    public const int Overhead = 50;

    internal static VxlanParameters Parse(NetlinkAttributes data) => new(
        data.UInt(LibC.IFLA_VXLAN_ID) ?? 0, data.Int(LibC.IFLA_VXLAN_LINK) ?? 0, data.Address(LibC.IFLA_VXLAN_LOCAL) ?? IPAddress.Any,
        data.Bytes(LibC.IFLA_VXLAN_PORT) is { Length: 2 } port ? BinaryPrimitives.ReadUInt16BigEndian(port) : (ushort)0,
        data.Byte(LibC.IFLA_VXLAN_LEARNING) is not (null or 0), data.Byte(LibC.IFLA_VXLAN_UDP_CSUM) is not (null or 0), data.Byte(LibC.IFLA_VXLAN_DF) ?? 0);
}

/// <summary>Where frames to a MAC go: an entry of a VXLAN device's forwarding table.</summary>
/// <param name="Remote">The other end of the tunnel; null for an entry that names none.</param>
public sealed record TunnelEntry(int Link, PhysicalAddress LinkAddress, IPAddress? Remote, int State);

/// <summary>VXLAN devices and their forwarding entries.</summary>
public static class Vxlan
{
    /// <summary>Makes the device, down and without an IPv6 link-local address; EEXIST where another one has this number and port.</summary>
    /// <param name="index">The wished index, so that later messages of the same request can name the device.</param>
    public static NetlinkRequest AddVxlan(this NetlinkRequest request, string name, int index, PhysicalAddress address, int mtu, VxlanParameters parameters)
    {
        var port = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(port, parameters.Port);
        return request.Message(LibC.RTM_NEWLINK, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL, new LibC.ifinfomsg { ifi_index = index }, $"add vxlan {name}")
            .Attribute(LibC.IFLA_IFNAME, name).Attribute(LibC.IFLA_ADDRESS, address.GetAddressBytes()).Attribute(LibC.IFLA_MTU, mtu)
            .Nested(LibC.IFLA_LINKINFO, info => info.Attribute(LibC.IFLA_INFO_KIND, "vxlan").Nested(LibC.IFLA_INFO_DATA, data => data
                .Attribute(LibC.IFLA_VXLAN_ID, parameters.Id).Attribute(LibC.IFLA_VXLAN_LINK, parameters.Link).Attribute(LibC.IFLA_VXLAN_LOCAL, parameters.Local)
                .Attribute(LibC.IFLA_VXLAN_PORT, port).Attribute(LibC.IFLA_VXLAN_LEARNING, Number(parameters.Learning))
                .Attribute(LibC.IFLA_VXLAN_UDP_CSUM, Number(parameters.UdpChecksum)).Attribute(LibC.IFLA_VXLAN_DF, parameters.DontFragment)))
            .SetLink(index, $"set vxlan {name}", noLinkLocal: true);
    }

    private static byte Number(bool value) => (byte)(value ? 1 : 0);

    /// <summary>The forwarding entries of one device; the kernel filters.</summary>
    public static IReadOnlyList<TunnelEntry> ListTunnels(NetlinkSocket socket, int link) =>
        [.. socket.Dump(new NetlinkRequest().Message(LibC.RTM_GETNEIGH, LibC.NLM_F_DUMP,
                new LibC.ndmsg { ndm_family = LibC.AF_BRIDGE, ndm_ifindex = link }, "list tunnel entries"))
            .Where(message => message.Type == LibC.RTM_NEWNEIGH && message.Body<LibC.ndmsg>().ndm_ifindex == link).Select(message =>
            {
                var attributes = message.Attributes<LibC.ndmsg>();
                return new TunnelEntry(link, Neighbors.Mac(attributes), attributes.Address(LibC.NDA_DST), message.Body<LibC.ndmsg>().ndm_state);
            })];

    /// <summary>Frames to this MAC go to <paramref name="remote"/> and nowhere else.</summary>
    public static NetlinkRequest SetTunnel(this NetlinkRequest request, int link, PhysicalAddress mac, IPAddress remote) => request
        .Message(LibC.RTM_NEWNEIGH, LibC.NLM_F_CREATE | LibC.NLM_F_REPLACE, new LibC.ndmsg
        {
            ndm_family = LibC.AF_BRIDGE, ndm_ifindex = link, ndm_state = LibC.NUD_NOARP | LibC.NUD_PERMANENT, ndm_flags = LibC.NTF_SELF,
        }, $"set tunnel entry {mac} to {remote}")
        .Attribute(LibC.NDA_DST, remote).Attribute(LibC.NDA_LLADDR, mac.GetAddressBytes());

    /// <summary>ENOENT if there is none.</summary>
    public static NetlinkRequest DeleteTunnel(this NetlinkRequest request, int link, PhysicalAddress mac, IPAddress? remote)
    {
        request.Message(LibC.RTM_DELNEIGH, 0, new LibC.ndmsg { ndm_family = LibC.AF_BRIDGE, ndm_ifindex = link, ndm_flags = LibC.NTF_SELF }, $"delete tunnel entry {mac}");
        if (remote is not null) request.Attribute(LibC.NDA_DST, remote);
        return request.Attribute(LibC.NDA_LLADDR, mac.GetAddressBytes());
    }
}
