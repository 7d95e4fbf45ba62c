using System.Text;

namespace ControlPlane.ApiServer;

/// <summary>The value of one protobuf field: a number, or bytes that are a text, a message or packed numbers.</summary>
internal readonly ref struct ProtobufValue(ulong number, ReadOnlySpan<byte> bytes, bool isBytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    public ulong Number => isBytes ? throw new FormatException("a number is encoded as bytes") : number;

    public bool IsBytes => isBytes;

    public ReadOnlySpan<byte> Bytes => isBytes ? bytes : throw new FormatException("bytes are encoded as a number");

    public string Text
    {
        get
        {
            try { return Strict.GetString(Bytes); }
            catch (DecoderFallbackException) { throw new FormatException("a text is not UTF-8"); }
        }
    }

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
}

/// <summary>Walks the fields of one protobuf message (protobuf.dev, Encoding). Every broken length ends in a FormatException.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <exception cref="FormatException">The message is cut off or has a wire type that proto2 and 3 do not use.</exception>
    public bool Next(out int number, out ProtobufValue value)
    {
        number = 0;
        value = default;
        if (!NextVarint(out var tag)) return false;
        number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0: value = new ProtobufValue(Varint(), [], false); break;
            case 1: value = new ProtobufValue(BitConverter.ToUInt64(Take(8)), [], false); break;
            case 2: value = new ProtobufValue(0, Take(Varint()), true); break;
            case 5: value = new ProtobufValue(BitConverter.ToUInt32(Take(4)), [], false); break;
            default: throw new FormatException($"proto: illegal wireType {tag & 7}");
        }
        return true;
    }

    /// <summary>False at the end of the message.</summary>
    public bool NextVarint(out ulong number)
    {
        number = 0;
        if (rest.IsEmpty) return false;
        number = Varint();
        return true;
    }

    private ulong Varint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            result |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return result;
        }
        throw new FormatException("proto: integer overflow");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length) throw new FormatException("unexpected EOF");
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }
}
