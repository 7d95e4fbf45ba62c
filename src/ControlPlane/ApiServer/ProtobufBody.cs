using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Schema;

namespace ControlPlane.ApiServer;

/// <summary>
/// Reads request bodies in Kubernetes' protobuf form into JSON, by the field numbers of the schema. The envelope is
/// the four bytes "k8s\0" and a <c>runtime.Unknown</c> (1 typeMeta {1 apiVersion, 2 kind}, 2 raw). Encoders write
/// every field that is not a pointer, also an empty one, so what is empty is left out. Answers are always JSON.
/// </summary>
internal static class ProtobufBody
{
    private static readonly byte[] Magic = [0x6b, 0x38, 0x73, 0x00];

    /// <summary>
    /// Fields that are no pointers in Kubernetes' own types: their zero says nothing. That of all others does
    /// (<c>replicas: 0</c>, <c>runAsUser: 0</c>).
    /// </summary>
    private static readonly HashSet<string> ZeroMeansAbsent =
    [
        "nodePort", "hostPort", "healthCheckNodePort", "minReadySeconds", "observedGeneration", "generation", "initialDelaySeconds",
        "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold", "hostNetwork", "hostPID", "hostIPC", "stdin",
        "stdinOnce", "tty", "publishNotReadyAddresses", "readOnly", "unschedulable", "paused",
    ];

    /// <param name="record">The type that the request's path takes.</param>
    /// <returns>UTF-8 JSON with apiVersion and kind as the envelope gives them.</returns>
    /// <exception cref="FormatException">It is not such a body, or broken.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> body, Type record)
    {
        if (!body.StartsWith(Magic)) throw new FormatException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = [];
        var envelope = new ProtobufReader(body[Magic.Length..]);
        while (envelope.Next(out var number, out var value))
        {
            if (number == 1) (apiVersion, kind) = TypeMeta(value);
            else if (number == 2) raw = value.Bytes;
        }
        var json = Message(raw, TypeSchema.Of(record), inline: false);
        if (apiVersion.Length > 0) json["apiVersion"] = apiVersion;
        if (kind.Length > 0) json["kind"] = kind;
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static (string ApiVersion, string Kind) TypeMeta(ProtobufValue message)
    {
        string apiVersion = "", kind = "";
        var reader = new ProtobufReader(message.Bytes);
        while (reader.Next(out var number, out var value))
        {
            if (number == 1) apiVersion = value.Text;
            else if (number == 2) kind = value.Text;
        }
        return (apiVersion, kind);
    }

    /// <param name="inline">Read the fields that stand in a message of their own (see <see cref="ProtobufInlineAttribute"/>).</param>
    private static JsonObject Message(ReadOnlySpan<byte> bytes, TypeSchema schema, bool inline)
    {
        var json = new JsonObject();
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var number, out var value))
        {
            if (!inline && number == schema.InlineNumber)
            {
                foreach (var (name, node) in Message(value.Bytes, schema, inline: true).ToList()) json[name] = node?.DeepClone();
                continue;
            }
            // A field that this version does not know is pruned, as an unknown field of JSON is.
            if (schema.Fields.Values.FirstOrDefault(field => field.Rules.Number == number && field.Rules.Inline == inline) is { } field)
                Put(json, field, value);
        }
        return json;
    }

    private static void Put(JsonObject json, FieldSchema field, ProtobufValue value)
    {
        switch (field.Type.Shape)
        {
            case WireShape.List:
                if (json[field.Name] is not JsonArray list) json[field.Name] = list = [];
                AddTo(list, field.Type.Element!, value);
                break;
            case WireShape.Map:
                if (json[field.Name] is not JsonObject map) json[field.Name] = map = [];
                var (key, entry) = Entry(value, field.Type.Element!);
                map[key] = entry;
                break;
            default:
                if (Single(field.Type, value) is { } node && !IsEmpty(node, field)) json[field.Name] = node;
                break;
        }
    }

    private static void AddTo(JsonArray list, WireType element, ProtobufValue value)
    {
        // Numbers of a list may come one by one or packed into one value.
        if (element.Shape != WireShape.Number || !value.IsBytes) list.Add(Single(element, value));
        else
        {
            var packed = new ProtobufReader(value.Bytes);
            while (packed.NextVarint(out var number)) list.Add((long)number);
        }
    }

    private static (string Key, JsonNode? Value) Entry(ProtobufValue pair, WireType element)
    {
        var key = "";
        JsonNode? node = null;
        var reader = new ProtobufReader(pair.Bytes);
        while (reader.Next(out var number, out var value))
        {
            if (number == 1) key = value.Text;
            else if (number == 2) node = Single(element, value);
        }
        return (key, node ?? (element.Shape is WireShape.Text or WireShape.Bytes ? "" : new JsonObject()));
    }

    private static JsonNode? Single(WireType type, ProtobufValue value) => type.Shape switch
    {
        WireShape.Text => value.Text,
        WireShape.Number => (long)value.Number,
        WireShape.Flag => value.Number != 0,
        WireShape.Bytes => Convert.ToBase64String(value.Bytes),
        WireShape.Time => Time(value.Bytes, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        WireShape.MicroTime => Time(value.Bytes, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        WireShape.Quantity => First(value.Bytes) is { } amount ? amount.Text : null,
        WireShape.IntOrString => IntOrString(value.Bytes),
        WireShape.Object => Message(value.Bytes, type.Schema, inline: false),
        WireShape.List => Items(value.Bytes, type.Element!),
        WireShape.Any => First(value.Bytes) is { Bytes.Length: > 0 } raw ? Json(raw.Bytes) : null,
        _ => throw new FormatException($"a {type.Shape} cannot stand here"),
    };

    /// <summary>A list as the value of a map is a message whose field 1 repeats (authentication.k8s.io ExtraValue).</summary>
    private static JsonArray Items(ReadOnlySpan<byte> message, WireType element)
    {
        var list = new JsonArray();
        var reader = new ProtobufReader(message);
        while (reader.Next(out var number, out var value))
            if (number == 1) AddTo(list, element, value);
        return list;
    }

    /// <summary>A null Time is an empty message.</summary>
    private static JsonNode? Time(ReadOnlySpan<byte> message, string format)
    {
        long seconds = 0, nanoseconds = 0;
        var any = false;
        var reader = new ProtobufReader(message);
        while (reader.Next(out var number, out var value))
        {
            any = true;
            if (number == 1) seconds = (long)value.Number;
            else if (number == 2) nanoseconds = (int)value.Number;
        }
        if (!any) return null;
        try { return DateTime.UnixEpoch.AddSeconds(seconds).AddTicks(nanoseconds / 100).ToString(format, CultureInfo.InvariantCulture); }
        catch (ArgumentOutOfRangeException) { throw new FormatException("a time is out of range"); }
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> message)
    {
        ulong isText = 0, number = 0;
        var text = "";
        var reader = new ProtobufReader(message);
        while (reader.Next(out var field, out var value))
        {
            if (field == 1) isText = value.Number;
            else if (field == 2) number = value.Number;
            else if (field == 3) text = value.Text;
        }
        return isText != 0 ? text : (int)number;
    }

    /// <summary>FieldsV1 and RawExtension carry JSON as bytes.</summary>
    private static JsonNode? Json(byte[] bytes)
    {
        try { return JsonTree.Parse(bytes); }
        catch (System.Text.Json.JsonException e) { throw new FormatException(e.Message); }
    }

    private static ProtobufField? First(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next(out var number, out var value))
            if (number == 1) return new ProtobufField(value.Bytes.ToArray());
        return null;
    }

    private sealed record ProtobufField(byte[] Bytes)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);
    }

    /// <summary>What an encoder writes for a field that was never set. An empty message may be meant (<c>emptyDir: {}</c>).</summary>
    private static bool IsEmpty(JsonNode node, FieldSchema field) => field.Type.Shape switch
    {
        WireShape.Text or WireShape.Bytes => node.GetValue<string>().Length == 0,
        WireShape.Number => node.GetValue<long>() == 0 && ZeroMeansAbsent.Contains(field.Name),
        WireShape.Flag => !node.GetValue<bool>() && ZeroMeansAbsent.Contains(field.Name),
        _ => false,
    };
}
