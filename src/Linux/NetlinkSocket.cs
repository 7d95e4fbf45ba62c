using Microsoft.Win32.SafeHandles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Linux;

/// <summary>
/// A netlink socket. It talks to the network namespace in which it was opened (see <see cref="NetworkNamespace.Run{T}"/>) and may be used
/// from any thread; one exchange at a time.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    /// <summary>Enough for thousands of acks (768 bytes of kernel memory each); a limit, not an allocation.</summary>
    private const int BufferLimit = 16 * 1024 * 1024;

    private const int DumpAttempts = 10;

    private readonly SafeFileHandle handle;
    private readonly Lock exchange = new();
    private byte[] received = new byte[64 * 1024];
    private uint sequence;
    private uint? port;
    private int sendLimit = BufferLimit;

    /// <param name="protocol">NETLINK_ROUTE or NETLINK_NETFILTER.</param>
    /// <exception cref="SystemCallException">The kernel has no such protocol.</exception>
    public NetlinkSocket(int protocol = LibC.NETLINK_ROUTE)
    {
        handle = Open(protocol);
        if (protocol != LibC.NETLINK_NETFILTER) return;
        var (name, size) = (default(LibC.sockaddr_nl), (uint)Unsafe.SizeOf<LibC.sockaddr_nl>());
        LibC.Check(LibC.getsockname(Descriptor, ref name, ref size), "ask for a netlink socket's port");
        NetlinkPorts.Opened((port = name.nl_pid).Value);
    }

    /// <summary>One opened inside <paramref name="inside"/>.</summary>
    public static NetlinkSocket OpenIn(NetworkNamespace inside, int protocol = LibC.NETLINK_ROUTE) => inside.Run(() => new NetlinkSocket(protocol));

    /// <summary>Sends all messages at once and reads every answer.</summary>
    /// <exception cref="NetlinkException">Some were refused; the others have been carried out.</exception>
    public void Execute(NetlinkRequest request)
    {
        var failures = TryExecute(request);
        if (failures.Count > 0) throw new NetlinkException(failures);
    }

    /// <summary>As <see cref="Execute"/>, but returns what was refused.</summary>
    public IReadOnlyList<NetlinkFailure> TryExecute(NetlinkRequest request)
    {
        if (request.Count == 0) return [];
        lock (exchange)
        {
            var first = Send(request.WithAcks());
            var failures = new List<NetlinkFailure>();
            var answered = 0;
            while (answered < request.Count)
            {
                foreach (var message in Receive())
                {
                    var index = message.Header.nlmsg_seq - first;
                    if (message.Type != LibC.NLMSG_ERROR || index >= request.Count) continue;
                    answered++;
                    if (Failure(message, (int)index, request) is { } failure) failures.Add(failure);
                }
            }
            return failures;
        }
    }

    /// <summary>
    /// Sends a batch of nfnetlink: the kernel does all of it or nothing, and has answered when the call returns. It tells of every message
    /// that it refuses; that it has done the others is told by the answer to the one before the batch's end.
    /// </summary>
    /// <exception cref="NetlinkException">Refused: nothing was done.</exception>
    internal void Commit(NetlinkRequest batch)
    {
        lock (exchange)
        {
            var first = Send(batch.WithAck(batch.Count - 2));
            var failures = new List<NetlinkFailure>();
            var acknowledged = false;
            while (Receive(LibC.MSG_DONTWAIT) is { } messages)
            {
                foreach (var message in messages)
                {
                    var index = message.Header.nlmsg_seq - first;
                    if (message.Type != LibC.NLMSG_ERROR || index >= batch.Count) continue;
                    if (Failure(message, (int)index, batch) is { } failure) failures.Add(failure);
                    else acknowledged |= index == batch.Count - 2;
                }
            }
            if (failures.Count > 0) throw new NetlinkException(failures);
            if (!acknowledged) throw new IOException($"{batch.What(1)}: the kernel did not say whether it has carried out the batch");
        }
    }

    /// <summary>Asks one question that has one answer, such as RTM_GETROUTE.</summary>
    /// <exception cref="NetlinkException">The kernel refused it.</exception>
    public NetlinkMessage Get(NetlinkRequest request)
    {
        lock (exchange)
        {
            var first = Send(request);
            while (true)
            {
                foreach (var message in Receive())
                {
                    if (message.Header.nlmsg_seq != first) continue;
                    if (message.Type != LibC.NLMSG_ERROR) return message;
                    if (Failure(message, 0, request) is { } failure) throw new NetlinkException([failure]);
                }
            }
        }
    }

    /// <summary>
    /// Reads a whole table; the request carries NLM_F_DUMP. If the table changed meanwhile (NLM_F_DUMP_INTR) it is read again.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refused it.</exception>
    /// <exception cref="IOException">The table did not hold still.</exception>
    public IReadOnlyList<NetlinkMessage> Dump(NetlinkRequest request)
    {
        lock (exchange)
        {
            for (var attempt = 0; attempt < DumpAttempts; attempt++)
            {
                if (TryDump(request) is { } result) return result;
            }
        }
        throw new IOException($"{request.What(0)}: the table changed during each of {DumpAttempts} attempts to read it");
    }

    private List<NetlinkMessage>? TryDump(NetlinkRequest request)
    {
        var result = new List<NetlinkMessage>();
        return Dump(request, result.Add) ? result : null;
    }

    /// <summary>
    /// Reads a table that is too large to be held, entry by entry; once, also if it changes meanwhile. <paramref name="each"/> may use other
    /// sockets, not this one.
    /// </summary>
    /// <returns>False if the kernel says that it changed (NLM_F_DUMP_INTR).</returns>
    /// <exception cref="NetlinkException">The kernel refused it.</exception>
    internal bool Dump(NetlinkRequest request, Action<NetlinkMessage> each)
    {
        lock (exchange)
        {
            var first = Send(request);
            var interrupted = false;
            while (true)
            {
                foreach (var message in Receive())
                {
                    if (message.Header.nlmsg_seq != first) continue;
                    interrupted |= (message.Header.nlmsg_flags & LibC.NLM_F_DUMP_INTR) != 0;
                    if (message.Type is LibC.NLMSG_ERROR or LibC.NLMSG_DONE)
                    {
                        if (Failure(message, 0, request) is { } failure) throw new NetlinkException([failure]);
                        return !interrupted;
                    }
                    each(message);
                }
            }
        }
    }

    private uint Send(NetlinkRequest request)
    {
        var first = sequence + 1;
        sequence += (uint)request.Count;
        var bytes = request.Finish(first);
        if (bytes.Length > sendLimit) Set(handle, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, sendLimit = bytes.Length);
        LibC.Check((int)LibC.send(Descriptor, in bytes[0], (nuint)bytes.Length, 0), $"send netlink request ({request.What(0)})");
        return first;
    }

    /// <summary>One datagram; the buffer grows to its size, of which the kernel tells beforehand.</summary>
    private IReadOnlyList<NetlinkMessage> Receive() => Receive(0)!;

    /// <returns>Null where nothing is there and MSG_DONTWAIT was asked for.</returns>
    private IReadOnlyList<NetlinkMessage>? Receive(int flags)
    {
        var size = (int)ReceiveInto(LibC.MSG_PEEK | LibC.MSG_TRUNC | flags);
        if (size < 0) return null;
        if (size > received.Length) received = new byte[size];
        return NetlinkMessage.ReadAll(received.AsSpan(0, (int)ReceiveInto(0)));
    }

    private nint ReceiveInto(int flags)
    {
        while (true)
        {
            var size = LibC.recv(Descriptor, ref received[0], (nuint)received.Length, flags);
            if (size >= 0) return size;
            var errno = Marshal.GetLastPInvokeError();
            if (errno == LibC.EAGAIN && (flags & LibC.MSG_DONTWAIT) != 0) return -1;
            if (errno != LibC.EINTR) throw new SystemCallException("receive from netlink", errno);
        }
    }

    /// <summary>An error message is: errno, the header it answers (or the whole message), attributes with the kernel's words.</summary>
    private static NetlinkFailure? Failure(NetlinkMessage message, int index, NetlinkRequest request)
    {
        var errno = -message.Body<int>();
        if (errno <= 0) return null;
        string? text = null;
        if ((message.Header.nlmsg_flags & LibC.NLM_F_ACK_TLVS) != 0)
        {
            var echoed = message.Type == LibC.NLMSG_DONE ? 0
                : (message.Header.nlmsg_flags & LibC.NLM_F_CAPPED) != 0 ? Unsafe.SizeOf<LibC.nlmsghdr>()
                : NetlinkRequest.Align((int)message.Body<(int, LibC.nlmsghdr)>().Item2.nlmsg_len);
            text = message.AttributesAt(sizeof(int) + echoed).Text(LibC.NLMSGERR_ATTR_MSG);
        }
        return new NetlinkFailure(index, request.What(index), errno, text);
    }

    private int Descriptor => (int)handle.DangerousGetHandle();

    internal static SafeFileHandle Open(int protocol)
    {
        var handle = new SafeFileHandle(LibC.Check(
            LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, protocol), "open a netlink socket"), ownsHandle: true);
        try
        {
            LibC.Check(LibC.bind((int)handle.DangerousGetHandle(), new LibC.sockaddr_nl { nl_family = LibC.AF_NETLINK },
                (uint)Unsafe.SizeOf<LibC.sockaddr_nl>()), "bind a netlink socket");
            Set(handle, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, BufferLimit);
            Set(handle, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, BufferLimit);
            Set(handle, LibC.SOL_NETLINK, LibC.NETLINK_EXT_ACK, 1);
            Set(handle, LibC.SOL_NETLINK, LibC.NETLINK_CAP_ACK, 1);
            if (protocol == LibC.NETLINK_ROUTE) Set(handle, LibC.SOL_NETLINK, LibC.NETLINK_GET_STRICT_CHK, 1);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    internal static void Set(SafeFileHandle handle, int level, int option, int value) =>
        LibC.Check(LibC.setsockopt((int)handle.DangerousGetHandle(), level, option, in value, sizeof(int)), $"set netlink socket option {option}");

    public void Dispose()
    {
        if (port is { } own) NetlinkPorts.Closed(own);
        port = null;
        handle.Dispose();
    }
}
