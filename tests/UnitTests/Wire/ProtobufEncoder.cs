using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Schema;

namespace UnitTests.Wire;

/// <summary>Writes objects as kubectl sends them in protobuf: the other side of the server's decoder.</summary>
internal static class ProtobufEncoder
{
    /// <summary>The envelope with the object in it.</summary>
    public static byte[] Body(JsonObject obj, Type type, string apiVersion, string kind) =>
        [0x6b, 0x38, 0x73, 0, .. Bytes(1, [.. Bytes(1, Utf8(apiVersion)), .. Bytes(2, Utf8(kind))]), .. Bytes(2, Message(JsonNode.Parse(obj.ToJsonString())!.AsObject(), TypeSchema.Of(type))), .. Bytes(3, []), .. Bytes(4, [])];

    private static byte[] Message(JsonObject obj, TypeSchema schema)
    {
        var (own, inlined) = (new List<byte>(), new List<byte>());
        foreach (var (name, value) in obj)
        {
            if (value is null || !schema.Fields.TryGetValue(name, out var field) || field.Rules.Number == 0) continue;
            (field.Rules.Inline ? inlined : own).AddRange(Field(field.Rules.Number, field.Type, value));
        }
        return schema.InlineNumber is { } number && inlined.Count > 0 ? [.. own, .. Bytes(number, [.. inlined])] : [.. own];
    }

    private static byte[] Field(int number, WireType type, JsonNode value) => type.Shape switch
    {
        WireShape.List => value.AsArray().SelectMany(item => Field(number, type.Element!, item!)).ToArray(),
        WireShape.Map => value.AsObject().SelectMany(pair => Bytes(number, [.. Bytes(1, Utf8(pair.Key)), .. type.Element!.Shape == WireShape.List ? Bytes(2, Field(1, type.Element, pair.Value!)) : Field(2, type.Element, pair.Value!)])).ToArray(),
        WireShape.Number => Varint(number, (ulong)value.GetValue<long>()),
        WireShape.Flag => Varint(number, value.GetValue<bool>() ? 1u : 0u),
        WireShape.Text => Bytes(number, Utf8(value.GetValue<string>())),
        WireShape.Bytes => Bytes(number, Convert.FromBase64String(value.GetValue<string>())),
        WireShape.Quantity => Bytes(number, Bytes(1, Utf8(value.GetValue<string>()))),
        WireShape.Time or WireShape.MicroTime => Bytes(number, Time(value.GetValue<string>())),
        WireShape.IntOrString => Bytes(number, value.GetValueKind() == System.Text.Json.JsonValueKind.String
            ? [.. Varint(1, 1), .. Varint(2, 0), .. Bytes(3, Utf8(value.GetValue<string>()))] : [.. Varint(1, 0), .. Varint(2, (ulong)value.GetValue<long>()), .. Bytes(3, [])]),
        WireShape.Object => Bytes(number, Message(value.AsObject(), type.Schema)),
        _ => Bytes(number, Bytes(1, Utf8(value.ToJsonString()))),
    };

    private static byte[] Time(string text)
    {
        var ticks = (DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal) - DateTime.UnixEpoch).Ticks;
        return [.. Varint(1, (ulong)(ticks / TimeSpan.TicksPerSecond)), .. Varint(2, (ulong)(ticks % TimeSpan.TicksPerSecond * 100))];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Bytes(int number, byte[] bytes) => [.. Varint((ulong)(number << 3 | 2)), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Varint(int number, ulong value) => [.. Varint((ulong)(number << 3)), .. Varint(value)];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
