using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>Says and asks by ARP who has an address on a link (RFC 826, RFC 5227). For one thread at a time.</summary>
public sealed class ArpSocket : IDisposable
{
    /// <summary>An Ethernet header and an ARP message for IPv4.</summary>
    private const int HeaderLength = 14, FrameLength = HeaderLength + 28;

    private const ushort Request = 1, Reply = 2;

    private readonly SafeFileHandle handle;
    private readonly byte[] own;

    private ArpSocket(SafeFileHandle handle, byte[] own) => (this.handle, this.own) = (handle, own);

    /// <exception cref="SystemCallException">The link is gone, or the process has no right to it (CAP_NET_RAW).</exception>
    public static ArpSocket Open(NetworkNamespace inside, int link, PhysicalAddress own)
    {
        var protocol = BinaryPrimitives.ReverseEndianness(LibC.ETH_P_ARP);
        var handle = new SafeFileHandle(inside.Run(() => LibC.Check(LibC.socket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, protocol), "open a packet socket")), ownsHandle: true);
        try
        {
            LibC.Check(LibC.bind((int)handle.DangerousGetHandle(), new LibC.sockaddr_ll { sll_family = LibC.AF_PACKET, sll_protocol = protocol, sll_ifindex = link },
                (uint)Unsafe.SizeOf<LibC.sockaddr_ll>()), "bind a packet socket");
            return new ArpSocket(handle, own.GetAddressBytes());
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Tells everybody on the link that the address is here now: what they remembered of it they forget.</summary>
    public void Announce(IPAddress address) => Send(Frame(address, address));

    /// <summary>Asks who has the addresses, and waits.</summary>
    /// <returns>Those that somebody else answered for.</returns>
    public IReadOnlySet<IPAddress> Probe(IReadOnlyCollection<IPAddress> addresses, TimeSpan wait)
    {
        foreach (var address in addresses) Send(Frame(IPAddress.Any, address));
        var answered = new HashSet<IPAddress>();
        var began = Stopwatch.GetTimestamp();
        Span<byte> frame = stackalloc byte[FrameLength];
        while (answered.Count < addresses.Count && wait - Stopwatch.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            if (!Receive(frame, left)) continue;
            var sender = new IPAddress(frame.Slice(HeaderLength + 14, 4));
            if (BinaryPrimitives.ReadUInt16BigEndian(frame[(HeaderLength + 6)..]) is Request or Reply && addresses.Contains(sender) && !frame.Slice(HeaderLength + 8, 6).SequenceEqual(own))
                answered.Add(sender);
        }
        return answered;
    }

    /// <summary>A broadcast "who has <paramref name="target"/>" of the sender with this address; none in a probe.</summary>
    private byte[] Frame(IPAddress sender, IPAddress target)
    {
        var frame = new byte[FrameLength];
        frame.AsSpan(0, 6).Fill(0xff);
        own.CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), LibC.ETH_P_ARP);
        var message = frame.AsSpan(HeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(message, 1); // Ethernet
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], 0x0800); // IPv4
        (message[4], message[5]) = (6, 4);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], Request);
        own.CopyTo(message[8..]);
        sender.TryWriteBytes(message[14..], out _);
        target.TryWriteBytes(message[24..], out _);
        return frame;
    }

    private void Send(byte[] frame) =>
        LibC.Check((int)LibC.send((int)handle.DangerousGetHandle(), in frame[0], (nuint)frame.Length, 0), "send an ARP message");

    private unsafe bool Receive(Span<byte> frame, TimeSpan wait)
    {
        var microseconds = Math.Max(1, (long)wait.TotalMicroseconds); // zero would be for ever
        var limit = new LibC.timeval { tv_sec = microseconds / 1_000_000, tv_usec = microseconds % 1_000_000 };
        LibC.Check(LibC.setsockopt((int)handle.DangerousGetHandle(), LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, &limit, (uint)sizeof(LibC.timeval)), "set a socket's time limit");
        return LibC.recv((int)handle.DangerousGetHandle(), ref frame[0], (nuint)frame.Length, 0) == frame.Length;
    }

    public void Dispose() => handle.Dispose();
}
