using System.Buffers;
using System.Text;

namespace ControlPlane.OpenApi;

/// <summary>Writes one protobuf message (protobuf.dev, Encoding); what is empty or false is left out, as proto3 does.</summary>
internal sealed class ProtobufWriter
{
    private const uint LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> buffer = new();

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public void Text(int field, string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        var length = Encoding.UTF8.GetByteCount(text);
        Varint((uint)field << 3 | LengthDelimited);
        Varint((uint)length);
        Encoding.UTF8.GetBytes(text, buffer.GetSpan(length));
        buffer.Advance(length);
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
        var inner = new ProtobufWriter();
        write(inner);
        Varint((uint)field << 3 | LengthDelimited);
        Varint((uint)inner.buffer.WrittenCount);
        buffer.Write(inner.Written);
    }

    private void Varint(uint value)
    {
        Span<byte> bytes = stackalloc byte[5];
        var length = 0;
        for (; value >= 0x80; value >>= 7) bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
        buffer.Write(bytes[..length]);
    }
}
