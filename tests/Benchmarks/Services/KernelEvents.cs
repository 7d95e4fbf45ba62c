using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Linux;

namespace Benchmarks.Services;

/// <summary>
/// Tells when bytes appear in, or disappear from, the nf_tables of a namespace, by the kernel's own messages (group NFNLGRP_NFTABLES), which it sends once a
/// transaction is in force: the rules of iptables-nft and the elements of nftables maps. An address is in the message as its four bytes.
/// </summary>
internal sealed class KernelEvents : IDisposable
{
    private const int DeleteTable = 2, NewRule = 6, DeleteRule = 8, NewElement = 12, DeleteElement = 14, NftablesSubsystem = 10, NftablesGroup = 7, ReceiveBuffer = 64 << 20;

    private readonly int descriptor;
    private readonly Thread thread;
    private readonly Lock gate = new();
    private readonly byte[] buffer = new byte[1 << 20];
    private Waiter? waiter;
    private volatile bool ending;

    private sealed record Waiter(byte[] Bytes, bool Gone, TaskCompletionSource<long> Seen);

    public KernelEvents(NetworkNamespace inside)
    {
        descriptor = inside.Run(Open);
        thread = new Thread(Loop) { IsBackground = true, Name = "kernel events" };
        thread.Start();
    }

    /// <summary>The time (<see cref="Stopwatch.GetTimestamp"/>) at which a rule or element with this address comes, or goes. One at a time.</summary>
    public Task<long> Next(IPAddress address, bool gone = false) => Next(address.GetAddressBytes(), gone);

    /// <summary>The same for any bytes; a table may go too.</summary>
    public Task<long> Next(byte[] bytes, bool gone)
    {
        var wanted = new Waiter(bytes, gone, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate) waiter = wanted;
        return wanted.Seen.Task;
    }

    private static int Open()
    {
        var fd = LibC.Check(LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, LibC.NETLINK_NETFILTER), "open a netlink socket");
        LibC.Check(LibC.bind(fd, new LibC.sockaddr_nl { nl_family = LibC.AF_NETLINK }, (uint)Unsafe.SizeOf<LibC.sockaddr_nl>()), "bind a netlink socket");
        LibC.Check(LibC.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, ReceiveBuffer, sizeof(int)), "set the receive buffer");
        LibC.Check(LibC.setsockopt(fd, LibC.SOL_NETLINK, LibC.NETLINK_ADD_MEMBERSHIP, NftablesGroup, sizeof(int)), "join the group of nf_tables");
        return fd;
    }

    private void Loop()
    {
        var ready = new NativeSockets.pollfd { fd = descriptor, events = NativeSockets.POLLIN };
        while (!ending)
        {
            if (NativeSockets.poll(ref ready, 1, 100) <= 0) continue;
            var size = LibC.recv(descriptor, ref buffer[0], (nuint)buffer.Length, LibC.MSG_DONTWAIT);
            if (size > 0) Look(buffer.AsSpan(0, (int)size), Stopwatch.GetTimestamp());
        }
        LibC.Check(LibC.close(descriptor), "close a netlink socket");
    }

    private void Look(ReadOnlySpan<byte> datagram, long now)
    {
        Waiter? wanted;
        lock (gate) wanted = waiter;
        if (wanted is null) return;
        while (datagram.Length >= 16)
        {
            var header = MemoryMarshal.Read<LibC.nlmsghdr>(datagram);
            var kind = header.nlmsg_type >> 8 == NftablesSubsystem ? header.nlmsg_type & 0xff : -1;
            if ((wanted.Gone ? kind is DeleteTable or DeleteRule or DeleteElement : kind is NewRule or NewElement) && datagram[16..(int)header.nlmsg_len].IndexOf(wanted.Bytes) >= 0)
                wanted.Seen.TrySetResult(now);
            datagram = datagram[Math.Min(((int)header.nlmsg_len + 3) & ~3, datagram.Length)..];
        }
    }

    public void Dispose()
    {
        ending = true;
        thread.Join();
    }
}
