using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Linux;

/// <summary>Somebody's change of nf_tables.</summary>
/// <param name="Program">Its name as the kernel cuts it (15 characters), e.g. "iptables-nft-re".</param>
/// <param name="Pid">In its own PID namespace, as a rule.</param>
/// <param name="Port">Its socket's; see <see cref="NetlinkPorts"/>.</param>
public sealed record NftablesChange(string Program, uint Pid, uint Port);

/// <summary>
/// Hears of what others change in nf_tables of one network namespace, by iptables-nft and nft alike (NFNLGRP_NFTABLES). A transaction is told
/// object by object, and ends with the new generation and who made it.
/// </summary>
/// <param name="marks">Only transactions are told of that name one of these: a rule with everything in it, its chain or its table.</param>
public sealed class NftablesEvents(NetworkNamespace inside, params string[] marks) : IDisposable
{
    private readonly byte[][] sought = [.. marks.Select(Encoding.ASCII.GetBytes)];
    private readonly Socket socket = NetlinkEvents.Listen(inside, LibC.NETLINK_NETFILTER, LibC.NFNLGRP_NFTABLES);
    private readonly byte[] buffer = new byte[256 * 1024];
    private bool touched;

    /// <summary>The next change by somebody else than this process.</summary>
    /// <returns>Null when some were lost.</returns>
    public async Task<NftablesChange?> Next(CancellationToken cancel)
    {
        while (true)
        {
            int size;
            try { size = await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, cancel); }
            catch (SocketException lost) when (lost.SocketErrorCode == SocketError.NoBufferSpaceAvailable) { return null; }
            if (Read(buffer.AsSpan(0, size)) is { } change) return change;
        }
    }

    /// <returns>A transaction that ended in this datagram and that has to be told.</returns>
    private NftablesChange? Read(ReadOnlySpan<byte> datagram)
    {
        var header = MemoryMarshal.Read<LibC.nlmsghdr>(datagram);
        if ((header.nlmsg_type & 0xff) != LibC.NFT_MSG_NEWGEN)
        {
            touched |= !NetlinkPorts.IsOwn(header.nlmsg_pid) && Names(datagram); // own ones may be long
            return null;
        }
        var tell = touched;
        touched = false;
        if (!tell) return null;
        var generation = NetlinkMessage.ReadAll(datagram)[0].Attributes<LibC.nfgenmsg>();
        var pid = header.nlmsg_pid <= int.MaxValue ? header.nlmsg_pid : generation.BigEndian(LibC.NFTA_GEN_PROC_PID) ?? 0;
        return new(generation.Text(LibC.NFTA_GEN_PROC_NAME) ?? "", pid, header.nlmsg_pid);
    }

    private bool Names(ReadOnlySpan<byte> datagram)
    {
        foreach (var mark in sought)
            if (datagram.IndexOf(mark) >= 0) return true;
        return false;
    }

    public void Dispose() => socket.Dispose();
}
