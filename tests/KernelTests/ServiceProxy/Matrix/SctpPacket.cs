using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>
/// The first two packets of an SCTP association (RFC 9260, 3.3.2 and 3.3.3): one INIT or INIT-ACK chunk. The kernel of a test has no SCTP,
/// but its rules and conntrack have. The state cookie of an INIT-ACK, free for the server to choose, holds the server's answer.
/// </summary>
/// <param name="Tag">Of the sender, in the chunk.</param>
internal sealed record SctpPacket(ushort Source, ushort Destination, uint VerificationTag, bool IsAnswer, uint Tag, string Text)
{
    private const int Header = 12, Chunk = 20, Parameter = 4;
    private const byte Init = 1, InitAck = 2;
    private const ushort StateCookie = 7;

    public byte[] ToBytes()
    {
        var text = Encoding.ASCII.GetBytes(Text);
        var length = Chunk + (IsAnswer ? Parameter + text.Length : 0);
        var bytes = new byte[Header + (length + 3) / 4 * 4];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, Source);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), Destination);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), VerificationTag);
        bytes[Header] = IsAnswer ? InitAck : Init;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Header + 2), (ushort)length);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(Header + 4), Tag);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(Header + 8), 65536); // receiver window
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Header + 12), 1); // streams
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Header + 14), 1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(Header + 16), Tag); // first transmission sequence number
        if (IsAnswer)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Header + Chunk), StateCookie);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Header + Chunk + 2), (ushort)(Parameter + text.Length));
            text.CopyTo(bytes, Header + Chunk + Parameter);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Checksum(bytes));
        return bytes;
    }

    /// <returns>Null for anything else, and for a wrong checksum.</returns>
    public static SctpPacket? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Header + Chunk || bytes[Header] is not (Init or InitAck)) return null;
        var unsummed = bytes.ToArray();
        unsummed.AsSpan(8, 4).Clear();
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Checksum(unsummed)) return null;
        var text = "";
        if (bytes[Header] == InitAck && bytes.Length >= Header + Chunk + Parameter)
            text = Encoding.ASCII.GetString(bytes.Slice(Header + Chunk + Parameter, BinaryPrimitives.ReadUInt16BigEndian(bytes[(Header + Chunk + 2)..]) - Parameter));
        return new(BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            bytes[Header] == InitAck, BinaryPrimitives.ReadUInt32BigEndian(bytes[(Header + 4)..]), text);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes) sum = BitOperations.Crc32C(sum, value);
        return ~sum;
    }
}
