using System.Net;

namespace Linux;

/// <summary>A unicast IPv4 route of the main table.</summary>
/// <param name="Link">Index of the outgoing link; 0 = the kernel finds it by the gateway.</param>
/// <param name="Source">The preferred source address.</param>
/// <param name="Protocol">Who made it (rtm_protocol); a number of one's own marks one's own routes.</param>
/// <param name="OnLink">The gateway is taken to be on the link, whatever the addresses there say.</param>
public sealed record Route(IPNetwork Destination, int Link, IPAddress? Gateway = null, IPAddress? Source = null, byte Protocol = LibC.RTPROT_BOOT, bool OnLink = false)
{
    public override string ToString() =>
        $"{Destination}{(Gateway is null ? "" : $" via {Gateway}")} dev #{Link}{(Source is null ? "" : $" src {Source}")} proto {Protocol}{(OnLink ? " onlink" : "")}";
}

/// <summary>How the kernel would send a packet.</summary>
/// <param name="Gateway">Null: the destination is on the link itself.</param>
/// <param name="Local">The destination is an address of this namespace.</param>
/// <param name="Mtu">The one that somebody set on the route; null where none is, or one was learnt only.</param>
public sealed record RoutePath(int Link, IPAddress? Gateway, IPAddress? Source, bool Local, int? Mtu = null);

/// <summary>IPv4 routes: RTM_NEWROUTE and its family.</summary>
public static class Routes
{
    public static readonly IPNetwork Default = new(IPAddress.Any, 0);

    /// <param name="protocol">Only those of this protocol; the kernel filters. 0 = all.</param>
    public static IReadOnlyList<Route> List(NetlinkSocket socket, byte protocol = 0) =>
        [.. socket.Dump(new NetlinkRequest().Message(LibC.RTM_GETROUTE, LibC.NLM_F_DUMP,
                new LibC.rtmsg { rtm_family = LibC.AF_INET, rtm_table = LibC.RT_TABLE_MAIN, rtm_type = LibC.RTN_UNICAST, rtm_protocol = protocol }, "list routes"))
            .Where(message => message.Type == LibC.RTM_NEWROUTE && message.Body<LibC.rtmsg>().rtm_table == LibC.RT_TABLE_MAIN).Select(Parse)];

    /// <summary>Also for the events of RTNLGRP_IPV4_ROUTE.</summary>
    public static Route Parse(NetlinkMessage message)
    {
        var head = message.Body<LibC.rtmsg>();
        var attributes = message.Attributes<LibC.rtmsg>();
        return new Route(new IPNetwork(attributes.Address(LibC.RTA_DST) ?? IPAddress.Any, head.rtm_dst_len), attributes.Int(LibC.RTA_OIF) ?? 0,
            attributes.Address(LibC.RTA_GATEWAY), attributes.Address(LibC.RTA_PREFSRC), head.rtm_protocol, (head.rtm_flags & LibC.RTNH_F_ONLINK) != 0);
    }

    /// <summary>Asks the kernel for the way to <paramref name="destination"/>.</summary>
    /// <returns>Null if there is none.</returns>
    public static RoutePath? PathTo(NetlinkSocket socket, IPAddress destination)
    {
        var request = new NetlinkRequest().Message(LibC.RTM_GETROUTE, 0,
            new LibC.rtmsg { rtm_family = LibC.AF_INET, rtm_dst_len = 32 }, $"find the route to {destination}").Attribute(LibC.RTA_DST, destination);
        try
        {
            var answer = socket.Get(request);
            var attributes = answer.Attributes<LibC.rtmsg>();
            return new RoutePath(attributes.Int(LibC.RTA_OIF) ?? 0, attributes.Address(LibC.RTA_GATEWAY), attributes.Address(LibC.RTA_PREFSRC),
                answer.Body<LibC.rtmsg>().rtm_type == LibC.RTN_LOCAL, SetMtu(attributes));
        }
        catch (NetlinkException refused) when (refused.Errno is LibC.ENETUNREACH or LibC.EHOSTUNREACH) { return null; }
    }

    /// <summary>
    /// A learnt MTU (ICMP "fragmentation needed") expires, and anybody can send such a message: nothing lasting is built on it. It is told from a set one
    /// by rta_expires, the third word of struct rta_cacheinfo.
    /// </summary>
    private static int? SetMtu(NetlinkAttributes attributes) =>
        attributes.Bytes(LibC.RTA_CACHEINFO) is { Length: >= 12 } cache && System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(cache.AsSpan(8)) != 0
            ? null : attributes.Nested(LibC.RTA_METRICS)?.Int(LibC.RTAX_MTU);

    /// <summary>EEXIST if there is a route to the same destination, whoever made it.</summary>
    public static NetlinkRequest AddRoute(this NetlinkRequest request, Route route) =>
        Change(request, LibC.RTM_NEWROUTE, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL, route, "add");

    /// <summary>Takes the place of the route to the same destination, whoever made it.</summary>
    public static NetlinkRequest ReplaceRoute(this NetlinkRequest request, Route route) =>
        Change(request, LibC.RTM_NEWROUTE, LibC.NLM_F_CREATE | LibC.NLM_F_REPLACE, route, "replace");

    /// <summary>Deletes exactly this one; ESRCH if there is none.</summary>
    public static NetlinkRequest DeleteRoute(this NetlinkRequest request, Route route) => Change(request, LibC.RTM_DELROUTE, 0, route, "delete");

    private static NetlinkRequest Change(NetlinkRequest request, ushort type, int flags, Route route, string verb)
    {
        request.Message(type, flags, new LibC.rtmsg
        {
            rtm_family = LibC.AF_INET, rtm_dst_len = (byte)route.Destination.PrefixLength, rtm_table = LibC.RT_TABLE_MAIN, rtm_type = LibC.RTN_UNICAST,
            rtm_protocol = route.Protocol, rtm_scope = route.Gateway is null ? LibC.RT_SCOPE_LINK : LibC.RT_SCOPE_UNIVERSE,
            rtm_flags = route.OnLink ? LibC.RTNH_F_ONLINK : 0,
        }, $"{verb} route {route}");
        if (route.Destination.PrefixLength > 0) request.Attribute(LibC.RTA_DST, route.Destination.BaseAddress);
        if (route.Link != 0) request.Attribute(LibC.RTA_OIF, route.Link);
        if (route.Gateway is not null) request.Attribute(LibC.RTA_GATEWAY, route.Gateway);
        if (route.Source is not null) request.Attribute(LibC.RTA_PREFSRC, route.Source);
        return request;
    }
}
