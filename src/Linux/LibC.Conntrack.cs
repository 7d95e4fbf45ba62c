using System.Runtime.InteropServices;

namespace Linux;

#pragma warning disable CS8981 // C's own names are lower-case
/// <summary>ctnetlink numbers: linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h.</summary>
public static partial class LibC
{
    /// <summary>NFNL_SUBSYS_CTNETLINK in the high byte of a message's type, the message in the low one.</summary>
    public const ushort IPCTNL_MSG_CT_NEW = 1 << 8, IPCTNL_MSG_CT_GET = (1 << 8) | 1, IPCTNL_MSG_CT_DELETE = (1 << 8) | 2,
        IPCTNL_MSG_CT_GET_STATS_CPU = (1 << 8) | 4, IPCTNL_MSG_CT_GET_STATS = (1 << 8) | 5;

    /// <summary>Of a CPU and of the whole table; all in network byte order.</summary>
    public const ushort CTA_STATS_DROP = 10, CTA_STATS_GLOBAL_ENTRIES = 1, CTA_STATS_GLOBAL_MAX_ENTRIES = 2;

    public const ushort CTA_TUPLE_ORIG = 1, CTA_TUPLE_REPLY = 2, CTA_STATUS = 3, CTA_ID = 12, CTA_ZONE = 18, CTA_FILTER = 25;
    public const ushort CTA_TUPLE_IP = 1, CTA_TUPLE_PROTO = 2;
    public const ushort CTA_IP_V4_SRC = 1, CTA_IP_V4_DST = 2;
    public const ushort CTA_PROTO_NUM = 1, CTA_PROTO_SRC_PORT = 2, CTA_PROTO_DST_PORT = 3;
    public const ushort CTA_FILTER_ORIG_FLAGS = 1, CTA_FILTER_REPLY_FLAGS = 2;

    /// <summary>Which fields of CTA_TUPLE_ORIG a dump is filtered by; bits in host byte order (Linux 5.9 and later).</summary>
    public const uint CTA_FILTER_IP_DST = 1 << 1, CTA_FILTER_PROTO_NUM = 1 << 3, CTA_FILTER_PROTO_DST_PORT = 1 << 5;

    /// <summary>Before the attributes of every nfnetlink message; res_id in network byte order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct nfgenmsg
    {
        public byte nfgen_family;
        public byte version;
        public ushort res_id;
    }
}
