using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Linux;

/// <summary>One message from the kernel: its type, flags and what follows the netlink header.</summary>
public sealed class NetlinkMessage
{
    private readonly byte[] payload;

    private NetlinkMessage(LibC.nlmsghdr header, byte[] payload)
    {
        Header = header;
        this.payload = payload;
    }

    public LibC.nlmsghdr Header { get; }
    public ushort Type => Header.nlmsg_type;

    /// <summary>The family's header, e.g. ifinfomsg.</summary>
    public T Body<T>() where T : unmanaged => MemoryMarshal.Read<T>(payload);

    /// <summary>The attributes after a header of type <typeparamref name="T"/>.</summary>
    public NetlinkAttributes Attributes<T>() where T : unmanaged => AttributesAt(NetlinkRequest.Align(Unsafe.SizeOf<T>()));

    internal NetlinkAttributes AttributesAt(int offset) => new(payload.AsMemory(Math.Min(offset, payload.Length)));

    /// <summary>The messages in one received datagram.</summary>
    /// <exception cref="InvalidDataException">A length runs past the end.</exception>
    public static IReadOnlyList<NetlinkMessage> ReadAll(ReadOnlySpan<byte> datagram)
    {
        var result = new List<NetlinkMessage>();
        var headerSize = Unsafe.SizeOf<LibC.nlmsghdr>();
        while (datagram.Length >= headerSize)
        {
            var header = MemoryMarshal.Read<LibC.nlmsghdr>(datagram);
            if (header.nlmsg_len < headerSize || header.nlmsg_len > datagram.Length)
                throw new InvalidDataException($"a netlink message of {header.nlmsg_len} bytes in {datagram.Length}");
            result.Add(new NetlinkMessage(header, datagram[headerSize..(int)header.nlmsg_len].ToArray()));
            datagram = datagram[Math.Min(NetlinkRequest.Align((int)header.nlmsg_len), datagram.Length)..];
        }
        return result;
    }
}

/// <summary>The attributes of a message or nest, found by going through them: there are few, and most are never asked for.</summary>
public readonly struct NetlinkAttributes
{
    private readonly ReadOnlyMemory<byte> bytes;

    internal NetlinkAttributes(ReadOnlyMemory<byte> bytes) => this.bytes = bytes;

    public bool Has(ushort type) => Find(type) is not null;
    public byte[]? Bytes(ushort type) => Find(type)?.ToArray();
    public byte? Byte(ushort type) => Find(type) is { Length: >= 1 } value ? value.Span[0] : null;
    public int? Int(ushort type) => Find(type) is { Length: >= 4 } value ? BinaryPrimitives.ReadInt32LittleEndian(value.Span) : null;
    public uint? UInt(ushort type) => (uint?)Int(type);
    public IPAddress? Address(ushort type) => Find(type) is { Length: 4 or 16 } value ? new IPAddress(value.Span) : null;
    public string? Text(ushort type) => Find(type) is { } value ? Encoding.UTF8.GetString(value.Span).TrimEnd('\0') : null;
    public NetlinkAttributes? Nested(ushort type) => Find(type) is { } value ? new NetlinkAttributes(value) : null;

    /// <summary>A number of nf_tables.</summary>
    public uint? BigEndian(ushort type) => Find(type) is { Length: >= 4 } value ? BinaryPrimitives.ReadUInt32BigEndian(value.Span) : null;

    /// <summary>A longer one.</summary>
    public ulong? BigEndianLong(ushort type) => Find(type) is { Length: >= 8 } value ? BinaryPrimitives.ReadUInt64BigEndian(value.Span) : null;

    internal ReadOnlyMemory<byte>? Memory(ushort type) => Find(type);

    /// <summary>One after the other, with their types: the elements of a list have all the same.</summary>
    internal IEnumerable<(ushort Type, ReadOnlyMemory<byte> Value)> All()
    {
        for (var at = 0; at + 4 <= bytes.Length;)
        {
            var (size, type) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[at..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[(at + 2)..]));
            if (size < 4 || size > bytes.Length - at) yield break;
            yield return ((ushort)(type & ~(LibC.NLA_F_NESTED | LibC.NLA_F_NET_BYTEORDER)), bytes.Slice(at + 4, size - 4));
            at += NetlinkRequest.Align(size);
        }
    }

    /// <summary>Ends at the first one whose length is impossible. Compiled at once: a dump of some hundred links calls it thousands of times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadOnlyMemory<byte>? Find(ushort type)
    {
        var span = bytes.Span;
        for (var at = 0; at + 4 <= span.Length;)
        {
            var size = BinaryPrimitives.ReadUInt16LittleEndian(span[at..]);
            if (size < 4 || size > span.Length - at) return null;
            var found = BinaryPrimitives.ReadUInt16LittleEndian(span[(at + 2)..]) & ~(LibC.NLA_F_NESTED | LibC.NLA_F_NET_BYTEORDER);
            if (found == type) return bytes.Slice(at + 4, size - 4);
            at += NetlinkRequest.Align(size);
        }
        return null;
    }
}
