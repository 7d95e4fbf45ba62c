using System.Net;
using System.Net.Sockets;

namespace Linux;

/// <summary>An IPv4 address of a link.</summary>
/// <param name="Label">A name of its own, such as "lo:x"; null where it has none but the link's.</param>
public sealed record LinkAddress(int Link, IPAddress Address, int PrefixLength, string? Label = null);

/// <summary>IPv4 addresses of links: RTM_NEWADDR and its family.</summary>
public static class Addresses
{
    public static IReadOnlyList<LinkAddress> List(NetlinkSocket socket, int link = 0) =>
        [.. socket.Dump(new NetlinkRequest().Message(LibC.RTM_GETADDR, LibC.NLM_F_DUMP,
                new LibC.ifaddrmsg { ifa_family = LibC.AF_INET, ifa_index = (uint)link }, "list addresses"))
            .Where(message => message.Type == LibC.RTM_NEWADDR).Select(Parse)];

    /// <summary>Also for the events of RTNLGRP_IPV4_IFADDR.</summary>
    public static LinkAddress Parse(NetlinkMessage message)
    {
        var head = message.Body<LibC.ifaddrmsg>();
        var attributes = message.Attributes<LibC.ifaddrmsg>();
        var label = attributes.Text(LibC.IFA_LABEL);
        return new LinkAddress((int)head.ifa_index, (attributes.Address(LibC.IFA_LOCAL) ?? attributes.Address(LibC.IFA_ADDRESS))!, head.ifa_prefixlen,
            label?.Contains(':') == true ? label : null);
    }

    /// <param name="scope">With RT_SCOPE_HOST the kernel chooses it as the source of nothing that leaves the machine.</param>
    public static NetlinkRequest AddAddress(this NetlinkRequest request, LinkAddress address, byte scope = LibC.RT_SCOPE_UNIVERSE) =>
        Change(request, LibC.RTM_NEWADDR, LibC.NLM_F_CREATE | LibC.NLM_F_REPLACE, address, "add", scope);

    public static NetlinkRequest DeleteAddress(this NetlinkRequest request, LinkAddress address) =>
        Change(request, LibC.RTM_DELADDR, 0, address, "delete");

    private static NetlinkRequest Change(NetlinkRequest request, ushort type, int flags, LinkAddress address, string verb, byte scope = LibC.RT_SCOPE_UNIVERSE)
    {
        if (address.Address.AddressFamily != AddressFamily.InterNetwork) throw new ArgumentException($"{address.Address} is no IPv4 address");
        request.Message(type, flags, new LibC.ifaddrmsg
        {
            ifa_family = LibC.AF_INET, ifa_prefixlen = (byte)address.PrefixLength, ifa_index = (uint)address.Link, ifa_scope = scope,
        }, $"{verb} address {address.Address}/{address.PrefixLength}").Attribute(LibC.IFA_LOCAL, address.Address).Attribute(LibC.IFA_ADDRESS, address.Address);
        return address.Label is null ? request : request.Attribute(LibC.IFA_LABEL, address.Label);
    }
}
