using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Linux;

/// <summary>A type of a set's key or data, with the number that nft(8) knows it by (its datatype.h).</summary>
public enum NftablesType
{
    /// <summary>32 bits in host byte order, as expressions such as numgen compute them.</summary>
    Integer = 4,
    Ipv4Address = 7,
    Protocol = 12,

    /// <summary>A port.</summary>
    Service = 13,
}

/// <summary>
/// Up to four fields side by side, as a key or the data of a set's element: each fills a register of 4 bytes, from the left, whatever its
/// size. Packet fields are big-endian, numbers that the kernel computes are in host order.
/// </summary>
public readonly record struct NftablesValue
{
    private const int MaxWords = 4;
    private readonly uint first, second, third, fourth;

    private NftablesValue(ReadOnlySpan<uint> words)
    {
        Count = words.Length;
        first = words[0];
        second = words.Length > 1 ? words[1] : 0;
        third = words.Length > 2 ? words[2] : 0;
        fourth = words.Length > 3 ? words[3] : 0;
    }

    /// <summary>How many fields.</summary>
    public int Count { get; }

    public static NftablesValue Of(uint field) => new([field]);
    public static NftablesValue Of(uint first, uint second) => new([first, second]);
    public static NftablesValue Of(uint first, uint second, uint third) => new([first, second, third]);

    /// <summary>One field more.</summary>
    public NftablesValue With(uint field) => Count switch
    {
        1 => new([first, field]),
        2 => new([first, second, field]),
        3 => new([first, second, third, field]),
        _ => throw new InvalidOperationException($"{Count} fields are the most"),
    };

    /// <summary>The register of a field, from 0.</summary>
    public uint this[int field] => field switch { 0 => first, 1 => second, 2 => third, _ => fourth };

    public static uint Field(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var length) && length == 4 ? MemoryMarshal.Read<uint>(bytes) : throw new ArgumentException($"{address} is no IPv4 address");
    }

    public static IPAddress Address(uint field) => new(field);

    /// <summary>A port, or another 16-bit number of a packet.</summary>
    public static uint Field(ushort port) => (ushort)(BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(port) : port);

    public static int Port(uint field) => BinaryPrimitives.ReverseEndianness((ushort)field);

    /// <summary>Mixed well: addresses and ports in a row would fall together in a plain sum.</summary>
    public override int GetHashCode() => HashCode.Combine(first, second, third, fourth, Count);

    /// <summary>What is in an attribute, padded to whole fields by the kernel.</summary>
    /// <returns>Null for another length than ours have.</returns>
    internal static NftablesValue? Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length is > 0 and <= 4 * MaxWords && bytes.Length % 4 == 0 ? new(MemoryMarshal.Cast<byte, uint>(bytes)) : null;

    internal void Write(Span<byte> into)
    {
        for (var i = 0; i < Count; i++) MemoryMarshal.Write(into[(4 * i)..], this[i]);
    }
}
