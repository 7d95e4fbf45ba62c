using System.Text;

namespace ControlPlane.OpenApi;

/// <summary>Writes one protobuf message (protobuf.dev, Encoding); what is empty or false is left out, as proto3 does.</summary>
internal sealed class ProtobufWriter
{
    private const uint LengthDelimited = 2;

    private byte[] buffer = new byte[1 << 16];
    private int end;

    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, end);

    public void Text(int field, string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        Varint((uint)field << 3 | LengthDelimited);
        var length = Encoding.UTF8.GetByteCount(text);
        Varint((uint)length);
        end += Encoding.UTF8.GetBytes(text, Room(length));
    }

    public void Flag(int field, bool value)
    {
        if (!value) return;
        Varint((uint)field << 3);
        Varint(1);
    }

    /// <summary>A message within this one; also where it is empty.</summary>
    public void Message(int field, Action<ProtobufWriter> write)
    {
        Varint((uint)field << 3 | LengthDelimited);
        Varint(0); // the length, once it is known; of longer messages it takes more than this byte
        var start = end;
        write(this);
        var length = end - start;
        var more = Size((uint)length) - 1;
        Room(more);
        buffer.AsSpan(start, length).CopyTo(buffer.AsSpan(start + more));
        end = start - 1;
        Varint((uint)length);
        end += length;
    }

    private void Varint(uint value)
    {
        var bytes = Room(5);
        for (; value >= 0x80; value >>= 7, bytes = bytes[1..], end++) bytes[0] = (byte)(value | 0x80);
        bytes[0] = (byte)value;
        end++;
    }

    private static int Size(uint value)
    {
        var size = 1;
        for (; value >= 0x80; value >>= 7) size++;
        return size;
    }

    /// <summary>Space for so many bytes at the end.</summary>
    private Span<byte> Room(int length)
    {
        if (buffer.Length - end < length) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, end + length));
        return buffer.AsSpan(end);
    }
}
