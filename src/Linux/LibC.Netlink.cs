using System.Runtime.InteropServices;

namespace Linux;

#pragma warning disable CS8981 // C's own names are lower-case
/// <summary>rtnetlink numbers and headers: linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, neighbour.h, net_namespace.h.</summary>
public static partial class LibC
{
    public const ushort NLM_F_REQUEST = 1, NLM_F_MULTI = 2, NLM_F_ACK = 4, NLM_F_DUMP_INTR = 0x10, NLM_F_REPLACE = 0x100,
        NLM_F_EXCL = 0x200, NLM_F_DUMP = 0x300, NLM_F_CREATE = 0x400, NLM_F_APPEND = 0x800, NLM_F_CAPPED = 0x100, NLM_F_ACK_TLVS = 0x200;
    public const ushort NLMSG_NOOP = 1, NLMSG_ERROR = 2, NLMSG_DONE = 3, NLMSGERR_ATTR_MSG = 1, NLA_F_NESTED = 0x8000, NLA_F_NET_BYTEORDER = 0x4000;

    public const ushort RTM_NEWLINK = 16, RTM_DELLINK = 17, RTM_GETLINK = 18, RTM_SETLINK = 19, RTM_NEWADDR = 20, RTM_DELADDR = 21,
        RTM_GETADDR = 22, RTM_NEWROUTE = 24, RTM_DELROUTE = 25, RTM_GETROUTE = 26, RTM_NEWNEIGH = 28, RTM_DELNEIGH = 29, RTM_GETNEIGH = 30,
        RTM_NEWNETCONF = 80, RTM_DELNETCONF = 81, RTM_NEWNSID = 88, RTM_GETNSID = 90;
    public const uint RTNLGRP_LINK = 1, RTNLGRP_NEIGH = 3, RTNLGRP_IPV4_IFADDR = 5, RTNLGRP_IPV4_ROUTE = 7, RTNLGRP_IPV4_NETCONF = 24;

    public const uint IFF_UP = 1, IFF_LOOPBACK = 8, IFF_RUNNING = 0x40, IFF_NOARP = 0x80, IFF_LOWER_UP = 0x10000;
    public const ushort IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_LINK = 5, IFLA_MASTER = 10, IFLA_LINKINFO = 18, IFLA_IFALIAS = 20,
        IFLA_AF_SPEC = 26, IFLA_GROUP = 27, IFLA_NET_NS_FD = 28, IFLA_EXT_MASK = 29, IFLA_LINK_NETNSID = 37;
    public const uint RTEXT_FILTER_SKIP_STATS = 8;
    public const ushort NETCONFA_IFINDEX = 1, IFLA_PROTINFO = 12;
    public const ushort IFLA_INFO_KIND = 1, IFLA_INFO_DATA = 2, IFLA_INFO_SLAVE_KIND = 4, IFLA_INFO_SLAVE_DATA = 5;
    public const ushort VETH_INFO_PEER = 1, IFLA_BRPORT_MODE = 4, IFLA_INET6_ADDR_GEN_MODE = 8, IN6_ADDR_GEN_MODE_NONE = 1;

    public const ushort IFLA_VXLAN_ID = 1, IFLA_VXLAN_LINK = 3, IFLA_VXLAN_LOCAL = 4, IFLA_VXLAN_LEARNING = 7, IFLA_VXLAN_PORT = 15, IFLA_VXLAN_UDP_CSUM = 18,
        IFLA_VXLAN_DF = 29;
    public const byte VXLAN_DF_UNSET = 0, VXLAN_DF_SET = 1, VXLAN_DF_INHERIT = 2;

    public const ushort IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_LABEL = 3;
    public const byte RT_SCOPE_UNIVERSE = 0, RT_SCOPE_LINK = 253, RT_SCOPE_HOST = 254, RT_TABLE_MAIN = 254, RTN_UNICAST = 1,
        RTN_LOCAL = 2, RTPROT_KERNEL = 2, RTPROT_BOOT = 3, RTPROT_STATIC = 4;
    public const ushort RTA_DST = 1, RTA_OIF = 4, RTA_GATEWAY = 5, RTA_PREFSRC = 7, RTA_METRICS = 8, RTA_CACHEINFO = 12, RTA_TABLE = 15, RTAX_MTU = 2;
    public const uint RTNH_F_ONLINK = 4;

    public const ushort NDA_DST = 1, NDA_LLADDR = 2, NDA_IFINDEX = 8, NDA_MASTER = 9, NUD_NOARP = 0x40, NUD_PERMANENT = 0x80;
    public const byte NTF_SELF = 2, NTF_MASTER = 4;
    public const ushort NETNSA_NSID = 1, NETNSA_FD = 3;

    /// <summary>Before every netlink message; nlmsg_len counts this header too.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct nlmsghdr
    {
        public uint nlmsg_len;
        public ushort nlmsg_type;
        public ushort nlmsg_flags;
        public uint nlmsg_seq;
        public uint nlmsg_pid;
    }

    /// <summary>Before every attribute; nla_len counts these 4 bytes, not the padding to the next multiple of 4.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct nlattr
    {
        public ushort nla_len;
        public ushort nla_type;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ifinfomsg
    {
        public byte ifi_family;
        public ushort ifi_type;
        public int ifi_index;
        public uint ifi_flags;
        public uint ifi_change;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ifaddrmsg
    {
        public byte ifa_family;
        public byte ifa_prefixlen;
        public byte ifa_flags;
        public byte ifa_scope;
        public uint ifa_index;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct rtmsg
    {
        public byte rtm_family;
        public byte rtm_dst_len;
        public byte rtm_src_len;
        public byte rtm_tos;
        public byte rtm_table;
        public byte rtm_protocol;
        public byte rtm_scope;
        public byte rtm_type;
        public uint rtm_flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ndmsg
    {
        public byte ndm_family;
        public byte ndm_pad1;
        public ushort ndm_pad2;
        public int ndm_ifindex;
        public ushort ndm_state;
        public byte ndm_flags;
        public byte ndm_type;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct netconfmsg
    {
        public byte ncm_family;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct rtgenmsg
    {
        public byte rtgen_family;
    }
}
