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

/// <summary>Attributes by type; unknown ones are skipped, as netlink wants it.</summary>
public readonly struct NetlinkAttributes
{
    private readonly Dictionary<ushort, ReadOnlyMemory<byte>> values = [];

    internal NetlinkAttributes(ReadOnlyMemory<byte> bytes)
    {
        var headerSize = Unsafe.SizeOf<LibC.nlattr>();
        while (bytes.Length >= headerSize)
        {
            var header = MemoryMarshal.Read<LibC.nlattr>(bytes.Span);
            if (header.nla_len < headerSize || header.nla_len > bytes.Length) return;
            values[(ushort)(header.nla_type & ~(LibC.NLA_F_NESTED | LibC.NLA_F_NET_BYTEORDER))] = bytes[headerSize..header.nla_len];
            bytes = bytes[Math.Min(NetlinkRequest.Align(header.nla_len), bytes.Length)..];
        }
    }

    public bool Has(ushort type) => values.ContainsKey(type);
    public byte[]? Bytes(ushort type) => values.TryGetValue(type, out var value) ? value.ToArray() : null;
    public byte? Byte(ushort type) => values.TryGetValue(type, out var value) ? value.Span[0] : null;
    public int? Int(ushort type) => values.TryGetValue(type, out var value) ? BinaryPrimitives.ReadInt32LittleEndian(value.Span) : null;
    public uint? UInt(ushort type) => (uint?)Int(type);
    public IPAddress? Address(ushort type) => values.TryGetValue(type, out var value) ? new IPAddress(value.Span) : null;
    public string? Text(ushort type) => values.TryGetValue(type, out var value) ? Encoding.UTF8.GetString(value.Span).TrimEnd('\0') : null;
    public NetlinkAttributes? Nested(ushort type) => values.TryGetValue(type, out var value) ? new NetlinkAttributes(value) : null;
}
