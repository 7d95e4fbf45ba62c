using System.Net.Sockets;

namespace Linux;

/// <summary>
/// Listens to what changes in one network namespace (rtnetlink multicast groups). Events may get lost when the reader is slow
/// (ENOBUFS): then <see cref="Next"/> says so and the reader must look at everything again.
/// </summary>
public sealed class NetlinkEvents : IDisposable
{
    private readonly Socket socket;
    private readonly byte[] buffer = new byte[64 * 1024];

    /// <param name="groups">E.g. RTNLGRP_LINK.</param>
    public NetlinkEvents(NetworkNamespace inside, params uint[] groups) => socket = Listen(inside, LibC.NETLINK_ROUTE, groups);

    /// <summary>A socket that hears what is told to these groups of a protocol.</summary>
    internal static Socket Listen(NetworkNamespace inside, int protocol, params uint[] groups)
    {
        var handle = inside.Run(() => NetlinkSocket.Open(protocol));
        foreach (var group in groups) NetlinkSocket.Set(handle, LibC.SOL_NETLINK, LibC.NETLINK_ADD_MEMBERSHIP, (int)group);
        var descriptor = handle.DangerousGetHandle();
        handle.SetHandleAsInvalid(); // the socket owns it from here
        return new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Waits for the next messages.</summary>
    /// <returns>Null when some were lost.</returns>
    public async Task<IReadOnlyList<NetlinkMessage>?> Next(CancellationToken cancel)
    {
        try { return NetlinkMessage.ReadAll(buffer.AsSpan(0, await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, cancel))); }
        catch (SocketException lost) when (lost.SocketErrorCode == SocketError.NoBufferSpaceAvailable) { return null; }
    }

    /// <summary>What has come in so far, without waiting.</summary>
    /// <returns>Null when some were lost.</returns>
    public IReadOnlyList<NetlinkMessage>? Pending()
    {
        List<NetlinkMessage>? all = [];
        while (true)
        {
            var size = LibC.recv((int)socket.Handle, ref buffer[0], (nuint)buffer.Length, LibC.MSG_DONTWAIT);
            if (size >= 0) all?.AddRange(NetlinkMessage.ReadAll(buffer.AsSpan(0, (int)size)));
            else if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == LibC.ENOBUFS) all = null;
            else return all; // EAGAIN: nothing is left
        }
    }

    public void Dispose() => socket.Dispose();
}
