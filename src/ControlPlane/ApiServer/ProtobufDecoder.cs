using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Schema;

namespace ControlPlane.ApiServer;

/// <summary>
/// Turns a protobuf body into JSON, by the field numbers of the schema. Body: four bytes "k8s\0", then the message
/// runtime.Unknown {1 typeMeta {1 apiVersion, 2 kind}, 2 raw} (k8s.io/apimachinery/pkg/runtime/generated.proto).
/// Encoders write every non-pointer field, even an empty one, so empty texts, numbers of nought and empty messages are
/// left out of the JSON where they cannot mean anything.
/// </summary>
internal static class ProtobufDecoder
{
    /// <summary>Numbers that Go keeps without a pointer, so that nought stands for absent.</summary>
    private static readonly HashSet<string> PlainNumbers =
    [
        "generation", "observedGeneration", "nodePort", "healthCheckNodePort", "hostPort", "port", "targetPort", "minReadySeconds", "count",
        "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
    ];

    private static readonly ConcurrentDictionary<Type, Dictionary<int, FieldSchema>> Numbers = new(), InlineNumbers = new();

    /// <exception cref="StatusException">400: not such a body.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> body, Type type)
    {
        try
        {
            if (!body.StartsWith("k8s\0"u8)) throw new FormatException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
            var unknown = new ProtobufReader(body[4..]);
            var (apiVersion, kind) = ("", "");
            ReadOnlySpan<byte> raw = default;
            while (unknown.Next())
            {
                if (unknown.Field == 1) (apiVersion, kind) = TypeMeta(unknown.Bytes());
                else if (unknown.Field == 2) raw = unknown.Bytes();
                else unknown.Skip();
            }
            var json = new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion };
            Message(raw, type, json, 0);
            return JsonSerializer.SerializeToUtf8Bytes(json);
        }
        catch (FormatException e)
        {
            throw StatusException.BadRequest($"the object provided is unrecognized (must be of type {Resource.Of(type).Kind}): {e.Message}");
        }
    }

    private static (string ApiVersion, string Kind) TypeMeta(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        var (apiVersion, kind) = ("", "");
        while (reader.Next())
        {
            if (reader.Field == 1) apiVersion = Encoding.UTF8.GetString(reader.Bytes());
            else if (reader.Field == 2) kind = Encoding.UTF8.GetString(reader.Bytes());
            else reader.Skip();
        }
        return (apiVersion, kind);
    }

    private static void Message(ReadOnlySpan<byte> message, Type type, JsonObject into, int depth, bool inline = false)
    {
        if (depth > KubeJson.Options.MaxDepth) throw new FormatException("proto: message nested too deeply");
        var schema = TypeSchema.Of(type);
        var fields = (inline ? InlineNumbers : Numbers).GetOrAdd(type, _ => ByNumber(schema, inline));
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (!inline && schema.InlineNumber == reader.Field) Message(reader.Bytes(), type, into, depth + 1, inline: true);
            else if (fields.TryGetValue(reader.Field, out var field)) Field(ref reader, field, into, depth);
            else reader.Skip();
        }
    }

    private static Dictionary<int, FieldSchema> ByNumber(TypeSchema schema, bool inline) =>
        schema.Fields.Values.Where(field => field.Rules.Number > 0 && field.Rules.Inline == inline).ToDictionary(field => field.Rules.Number);

    private static void Field(ref ProtobufReader reader, FieldSchema field, JsonObject into, int depth)
    {
        switch (field.Type.Shape)
        {
            case WireShape.List:
                if (into[field.Name] is not JsonArray list) into[field.Name] = list = [];
                list.Add(Value(ref reader, field.Type.Element!, depth) ?? "");
                return;
            case WireShape.Map:
                if (into[field.Name] is not JsonObject map) into[field.Name] = map = [];
                MapEntry(reader.Bytes(), field.Type.Element!, map, depth);
                return;
        }
        var value = Value(ref reader, field.Type, depth);
        if (value is null || IsEmpty(value, field)) return;
        into[field.Name] = value;
    }

    /// <summary>
    /// Empty messages stay: emptiness may mean something (emptyDir: {}). Whether a nought does, the schema does not
    /// tell, as its optional numbers are all nullable; hence the names.
    /// </summary>
    private static bool IsEmpty(JsonNode value, FieldSchema field) => field.Type.Shape switch
    {
        WireShape.Text => value.GetValue<string>().Length == 0,
        WireShape.Number or WireShape.IntOrString => PlainNumbers.Contains(field.Name) && value.ToJsonString() == "0",
        _ => false,
    };

    private static void MapEntry(ReadOnlySpan<byte> entry, WireType element, JsonObject map, int depth)
    {
        var reader = new ProtobufReader(entry);
        var key = "";
        JsonNode? value = null;
        while (reader.Next())
        {
            if (reader.Field == 1) key = Encoding.UTF8.GetString(reader.Bytes());
            else if (reader.Field == 2) value = Value(ref reader, element, depth);
            else reader.Skip();
        }
        map[key] = value ?? (element.Shape is WireShape.Text or WireShape.Bytes ? "" : element.Shape == WireShape.Quantity ? "0" : new JsonObject());
    }

    private static JsonNode? Value(ref ProtobufReader reader, WireType type, int depth)
    {
        switch (type.Shape)
        {
            case WireShape.Text: return Encoding.UTF8.GetString(reader.Bytes());
            case WireShape.Bytes: return Convert.ToBase64String(reader.Bytes());
            case WireShape.Number: return type.Clr == typeof(int) ? (int)reader.Varint() : (long)reader.Varint();
            case WireShape.Flag: return reader.Varint() != 0;
            case WireShape.Time: return Time(reader.Bytes(), "yyyy-MM-dd'T'HH:mm:ss'Z'");
            case WireShape.MicroTime: return Time(reader.Bytes(), "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
            case WireShape.Quantity: return Encoding.UTF8.GetString(First(reader.Bytes()));
            case WireShape.IntOrString: return IntOrText(reader.Bytes());
            case WireShape.Any: return JsonNode.Parse(First(reader.Bytes()) is { Length: > 0 } raw ? raw : "{}"u8);
            default:
                var obj = new JsonObject();
                Message(reader.Bytes(), type.Clr, obj, depth + 1);
                return obj;
        }
    }

    /// <summary>The bytes of field 1: Quantity, RawExtension and FieldsV1 have no other.</summary>
    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) return reader.Bytes();
            reader.Skip();
        }
        return default;
    }

    private static JsonNode? Time(ReadOnlySpan<byte> message, string format)
    {
        var (seconds, nanos) = (0L, 0L);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) seconds = (long)reader.Varint();
            else if (reader.Field == 2) nanos = (int)reader.Varint();
            else reader.Skip();
        }
        if (message.IsEmpty || Math.Abs(seconds) > 62_135_596_800) return null; // an empty message is Go's zero time
        return DateTime.UnixEpoch.AddSeconds(seconds).AddTicks(nanos / 100).ToString(format, CultureInfo.InvariantCulture);
    }

    private static JsonNode IntOrText(ReadOnlySpan<byte> message)
    {
        var (isText, number, text) = (false, 0, "");
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) isText = reader.Varint() == 1;
            else if (reader.Field == 2) number = (int)reader.Varint();
            else if (reader.Field == 3) text = Encoding.UTF8.GetString(reader.Bytes());
            else reader.Skip();
        }
        return isText ? text : number;
    }
}

/// <summary>Walks over the fields of one protobuf message (protobuf.dev/programming-guides/encoding).</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;
    private int wireType;

    public int Field { get; private set; }

    public bool Next()
    {
        if (rest.IsEmpty) return false;
        var tag = Number();
        (Field, wireType) = ((int)(tag >> 3), (int)(tag & 7));
        return Field > 0 ? true : throw new FormatException("proto: illegal tag 0");
    }

    public ulong Varint() => wireType == 0 ? Number() : throw new FormatException($"proto: wrong wireType = {wireType} for field {Field}");

    public ReadOnlySpan<byte> Bytes()
    {
        if (wireType != 2) throw new FormatException($"proto: wrong wireType = {wireType} for field {Field}");
        return Take(Number());
    }

    public void Skip()
    {
        switch (wireType)
        {
            case 0: Number(); break;
            case 1: Take(8); break;
            case 2: Take(Number()); break;
            case 5: Take(4); break;
            default: throw new FormatException($"proto: illegal wireType {wireType}");
        }
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length) throw new FormatException("unexpected EOF");
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        throw new FormatException("proto: integer overflow");
    }
}
