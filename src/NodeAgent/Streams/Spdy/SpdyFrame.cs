using System.Buffers.Binary;

namespace NodeAgent.Streams.Spdy;

/// <summary>Control frames by their number (SPDY/3, 2.6).</summary>
internal enum SpdyControl : ushort { SynStream = 1, SynReply = 2, RstStream = 3, Settings = 4, Ping = 6, GoAway = 7, Headers = 8, WindowUpdate = 9 }

/// <summary>
/// The eight bytes before every frame's body (SPDY/3, 2.2), all big-endian. Control: 1 | version (15) | type (16) | flags (8) |
/// length (24). Data: 0 | stream (31) | flags (8) | length (24).
/// </summary>
internal readonly record struct SpdyFrame(bool IsControl, SpdyControl Type, int Stream, byte Flags, int Length)
{
    public const int Size = 8;

    /// <summary>The sender's half of the stream ends with this frame.</summary>
    public const byte Fin = 1;

    public const ushort Version = 3;

    public bool IsLast => (Flags & Fin) != 0;

    /// <exception cref="SpdyException">A control frame of another version.</exception>
    public static SpdyFrame Read(ReadOnlySpan<byte> head)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(head);
        var second = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        var (flags, length) = ((byte)(second >> 24), (int)(second & 0xffffff));
        if (first >> 31 == 0) return new SpdyFrame(false, default, (int)first, flags, length);
        if ((first >> 16 & 0x7fff) != Version) throw new SpdyException($"a frame of SPDY/{first >> 16 & 0x7fff}");
        return new SpdyFrame(true, (SpdyControl)(first & 0xffff), 0, flags, length);
    }

    public void Write(Span<byte> head)
    {
        BinaryPrimitives.WriteUInt32BigEndian(head, IsControl ? 0x8000_0000u | (uint)Version << 16 | (uint)Type : (uint)Stream);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], (uint)Flags << 24 | (uint)Length);
    }
}

/// <summary>The other side does not speak SPDY/3.1, or asks for too much: the connection ends.</summary>
internal sealed class SpdyException(string message) : IOException(message);
