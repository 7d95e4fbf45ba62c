namespace Linux;

/// <summary>How full a namespace's connection tracking table is. Once it is full, packets of new connections are dropped.</summary>
/// <param name="Entries">Connections in it.</param>
/// <param name="Most">net.netfilter.nf_conntrack_max; 0 = no limit.</param>
/// <param name="Dropped">Packets dropped since boot since they could not be tracked: for want of room, rarely for another reason.</param>
public sealed record ConntrackUsage(long Entries, long Most, long Dropped)
{
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static ConntrackUsage Read(NetworkNamespace inside)
    {
        using var socket = NetlinkSocket.OpenIn(inside, LibC.NETLINK_NETFILTER);
        var family = new LibC.nfgenmsg { nfgen_family = LibC.AF_UNSPEC };
        var table = socket.Get(new NetlinkRequest().Message(LibC.IPCTNL_MSG_CT_GET_STATS, 0, family, "count connections")).Attributes<LibC.nfgenmsg>();
        var dropped = socket.Dump(new NetlinkRequest().Message(LibC.IPCTNL_MSG_CT_GET_STATS_CPU, LibC.NLM_F_DUMP, family, "count dropped packets"))
            .Sum(cpu => (long)(cpu.Attributes<LibC.nfgenmsg>().BigEndian(LibC.CTA_STATS_DROP) ?? 0));
        return new(table.BigEndian(LibC.CTA_STATS_GLOBAL_ENTRIES) ?? 0, table.BigEndian(LibC.CTA_STATS_GLOBAL_MAX_ENTRIES) ?? 0, dropped);
    }
}
