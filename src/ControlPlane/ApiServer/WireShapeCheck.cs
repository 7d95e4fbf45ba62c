using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Schema;

namespace ControlPlane.ApiServer;

/// <summary>A value of the body has another JSON type than its field; the message is the one of Go's decoder.</summary>
internal sealed class WireShapeException(string message) : Exception(message);

/// <summary>
/// Makes a JSON tree fit a record before it is read into it: checks the type of every known field, and does with
/// <c>null</c> what Go does (a field counts as absent, an element of a list or map as its empty value).
/// </summary>
internal static class WireShapeCheck
{
    /// <exception cref="WireShapeException">A value has the wrong type.</exception>
    public static void Apply(JsonObject root, Type type) => Object(root, TypeSchema.Of(type), TypeName(TypeSchema.Of(type)), "");

    private static void Object(JsonObject obj, TypeSchema schema, string root, string path)
    {
        List<string>? nulls = null;
        foreach (var (name, value) in obj)
        {
            if (!schema.Fields.TryGetValue(name, out var field)) continue;
            if (value is null) (nulls ??= []).Add(name);
            else Value(value, field.Type, TypeName(schema), path.Length == 0 ? name : $"{path}.{name}");
        }
        nulls?.ForEach(name => obj.Remove(name));
    }

    private static void Value(JsonNode value, WireType type, string owner, string path)
    {
        switch (type.Shape)
        {
            case WireShape.Object when value is JsonObject obj: Object(obj, type.Schema, owner, path); return;
            case WireShape.List when value is JsonArray list: List(list, type.Element!, owner, path); return;
            case WireShape.Map when value is JsonObject map: Map(map, type.Element!, owner, path); return;
            case WireShape.Any: return;
            case WireShape.IntOrString: Expect(IsInteger(value) || IsText(value), value, owner, path, "intstr.IntOrString"); return;
            case WireShape.Text: Expect(IsText(value), value, owner, path, "string"); return;
            case WireShape.Flag: Expect(value.GetValueKind() is JsonValueKind.True or JsonValueKind.False, value, owner, path, "bool"); return;
            case WireShape.Number: Expect(IsNumber(value, type.Clr), value, owner, path, GoType(type)); return;
            case WireShape.Bytes: Bytes(value, owner, path); return;
            case WireShape.Time or WireShape.MicroTime: Time(value, owner, path); return;
            case WireShape.Quantity: Amount(value, owner, path); return;
            default: Expect(false, value, owner, path, GoType(type)); return;
        }
    }

    private static void List(JsonArray list, WireType element, string owner, string path)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is { } value) Value(value, element, owner, path);
            else list[i] = Empty(element);
        }
    }

    private static void Map(JsonObject map, WireType element, string owner, string path)
    {
        foreach (var name in map.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList()) map[name] = Empty(element);
        foreach (var (_, value) in map)
            if (value is not null) Value(value, element, owner, path);
    }

    private static JsonNode? Empty(WireType type) => type.Shape switch
    {
        WireShape.Text or WireShape.Bytes => "",
        WireShape.Number => 0,
        WireShape.Flag => false,
        WireShape.Quantity => "0",
        WireShape.Object or WireShape.Map => new JsonObject(),
        WireShape.List => new JsonArray(),
        _ => null,
    };

    private static void Bytes(JsonNode value, string owner, string path)
    {
        Expect(IsText(value), value, owner, path, "[]uint8");
        var text = value.GetValue<string>();
        if (!Convert.TryFromBase64String(text, new byte[text.Length], out _))
            throw new WireShapeException($"illegal base64 data in field {path}");
    }

    private static void Time(JsonNode value, string owner, string path)
    {
        Expect(IsText(value), value, owner, path, "v1.Time");
        var text = value.GetValue<string>();
        if (text.Length < 20 || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
            throw new WireShapeException($"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" in field {path}");
    }

    private static void Amount(JsonNode value, string owner, string path)
    {
        Expect(IsText(value) || value.GetValueKind() == JsonValueKind.Number, value, owner, path, "resource.Quantity");
        try { value.Deserialize<Quantity>(KubeJson.Options); }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new WireShapeException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
    }

    private static void Expect(bool fits, JsonNode value, string owner, string path, string goType)
    {
        if (!fits) throw new WireShapeException($"json: cannot unmarshal {Describe(value)} into Go struct field {owner}.{path} of type {goType}");
    }

    private static string Describe(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => IsInteger(value) ? "number" : $"number {value.ToJsonString()}",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        _ => "object",
    };

    private static bool IsText(JsonNode value) => value.GetValueKind() == JsonValueKind.String;

    private static bool IsInteger(JsonNode value) => IsNumber(value, typeof(int));

    private static bool IsNumber(JsonNode value, Type clr) => value.GetValueKind() == JsonValueKind.Number && value is JsonValue number
        && (clr == typeof(int) ? number.TryGetValue<int>(out _) : number.TryGetValue<long>(out _) || number.TryGetValue<int>(out _));

    private static string GoType(WireType type) => type.Shape switch
    {
        WireShape.Number => type.Clr == typeof(int) ? "int32" : "int64",
        WireShape.Text => "string",
        WireShape.Flag => "bool",
        WireShape.Bytes => "[]uint8",
        WireShape.List => "[]" + GoType(type.Element!),
        WireShape.Map => "map[string]" + GoType(type.Element!),
        WireShape.Object => "v1." + TypeName(type.Schema),
        WireShape.Quantity => "resource.Quantity",
        WireShape.IntOrString => "intstr.IntOrString",
        _ => "v1.Time",
    };

    /// <summary><c>PodSpec</c> of <c>io.k8s.api.core.v1.PodSpec</c>.</summary>
    private static string TypeName(TypeSchema schema) => schema.ApiType?.Name.Split('.')[^1] ?? schema.Type.Name;
}
