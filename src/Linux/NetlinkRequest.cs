using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Linux;

/// <summary>
/// Builds netlink messages, one or several, for one sendmsg: the kernel runs them in order and answers each. It does not stop at the
/// first that fails. Lengths are filled in at the end; everything is padded to 4 bytes (linux/netlink.h).
/// </summary>
public sealed class NetlinkRequest
{
    private byte[] buffer = new byte[1024];
    private int length;
    private readonly List<(int Start, string What)> messages = [];

    /// <summary>How many messages there are.</summary>
    public int Count => messages.Count;

    /// <summary>Starts the next message: the netlink header, then <paramref name="header"/>, then whatever attributes are added.</summary>
    /// <param name="type">E.g. RTM_NEWLINK.</param>
    /// <param name="flags">Besides NLM_F_REQUEST, which is always set.</param>
    /// <param name="header">The family's own header, e.g. ifinfomsg.</param>
    /// <param name="what">For errors: what this message is about to do, e.g. "add route 10.244.1.0/24".</param>
    public NetlinkRequest Message<T>(ushort type, int flags, in T header, string what) where T : unmanaged
    {
        CloseMessage();
        messages.Add((length, what));
        Put(new LibC.nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)(LibC.NLM_F_REQUEST | flags) });
        Put(header);
        return this;
    }

    public NetlinkRequest Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Put(new LibC.nlattr { nla_len = (ushort)(Unsafe.SizeOf<LibC.nlattr>() + value.Length), nla_type = type });
        value.CopyTo(Take(Align(value.Length)));
        return this;
    }

    public NetlinkRequest Attribute(ushort type, byte value) => Attribute(type, [value]);
    public NetlinkRequest Attribute(ushort type, int value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
    public NetlinkRequest Attribute(ushort type, uint value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));
    public NetlinkRequest Attribute(ushort type, IPAddress value) => Attribute(type, value.GetAddressBytes());

    /// <summary>Text with the closing zero that names in netlink have.</summary>
    public NetlinkRequest Attribute(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value + '\0'));

    /// <summary>An attribute that holds what <paramref name="content"/> adds.</summary>
    public NetlinkRequest Nested(ushort type, Action<NetlinkRequest> content)
    {
        var start = length;
        Put(new LibC.nlattr { nla_type = (ushort)(type | LibC.NLA_F_NESTED) });
        content(this);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(start), checked((ushort)(length - start)));
        return this;
    }

    /// <summary>As <see cref="Nested"/>, for many small ones: what is added until <see cref="End"/> lies within.</summary>
    /// <returns>What End wants to know.</returns>
    internal int Begin(ushort type)
    {
        Put(new LibC.nlattr { nla_type = (ushort)(type | LibC.NLA_F_NESTED) });
        return length - Unsafe.SizeOf<LibC.nlattr>();
    }

    internal void End(int start) => BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(start), checked((ushort)(length - start)));

    /// <summary>Bytes so far.</summary>
    internal int Length => length;

    /// <summary>A bare struct inside a nest, such as the ifinfomsg of a veth's peer.</summary>
    public NetlinkRequest Struct<T>(in T value) where T : unmanaged
    {
        Put(value);
        return this;
    }

    /// <summary>The finished bytes; sequence numbers count up from <paramref name="firstSequence"/>.</summary>
    internal ReadOnlySpan<byte> Finish(uint firstSequence)
    {
        CloseMessage();
        for (var i = 0; i < messages.Count; i++) Header(messages[i].Start).nlmsg_seq = firstSequence + (uint)i;
        return buffer.AsSpan(0, length);
    }

    /// <summary>Asks for an answer to every message.</summary>
    internal NetlinkRequest WithAcks()
    {
        foreach (var (start, _) in messages) Header(start).nlmsg_flags |= LibC.NLM_F_ACK;
        return this;
    }

    /// <summary>Asks for an answer to one message; of the others the kernel tells only if it refuses them.</summary>
    internal NetlinkRequest WithAck(int message)
    {
        Header(messages[message].Start).nlmsg_flags |= LibC.NLM_F_ACK;
        return this;
    }

    internal string What(int message) => messages[message].What;

    private void CloseMessage()
    {
        if (messages.Count > 0) Header(messages[^1].Start).nlmsg_len = (uint)(length - messages[^1].Start);
    }

    private ref LibC.nlmsghdr Header(int start) => ref MemoryMarshal.AsRef<LibC.nlmsghdr>(buffer.AsSpan(start));

    private void Put<T>(in T value) where T : unmanaged =>
        MemoryMarshal.Write(Take(Align(Unsafe.SizeOf<T>())), in value);

    private Span<byte> Take(int size)
    {
        if (length + size > buffer.Length) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + size));
        length += size;
        return buffer.AsSpan(length - size, size);
    }

    internal static int Align(int size) => (size + 3) & ~3;
}
