using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>Reads bodies, and turns them into objects; refuses what is no object of the expected kind in Kubernetes' words.</summary>
internal static class RequestBody
{
    /// <summary>Bytes; the limit of Kubernetes' API server.</summary>
    public const int Limit = 3 * 1024 * 1024;

    /// <exception cref="StatusException">413: longer than <see cref="Limit"/>.</exception>
    public static async Task<byte[]> Read(HttpRequest request, CancellationToken cancel)
    {
        if (request.ContentLength > Limit) throw StatusException.TooLarge(Limit);
        var body = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4096) + 1);
        int read;
        while ((read = await request.Body.ReadAsync(body.GetMemory(4096), cancel)) > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > Limit) throw StatusException.TooLarge(Limit);
        }
        return body.WrittenSpan.ToArray();
    }

    /// <summary>The object that a create or update carries: JSON, YAML or protobuf.</summary>
    /// <exception cref="StatusException">400, 413 or 415.</exception>
    public static async Task<T> ReadObject<T>(ApiRequest request, Type type) where T : KubeType
    {
        var body = await Read(request.Http.Request, request.Aborted);
        return (T)Decode(request, ToJson(request.Http.Request, body, type, out var repeated), type, repeated);
    }

    /// <summary>A body in any of the accepted forms as JSON.</summary>
    /// <param name="repeated">The keys that a YAML body gives twice.</param>
    /// <exception cref="StatusException">400 or 415.</exception>
    public static byte[] ToJson(HttpRequest request, byte[] body, Type type, out IReadOnlyList<string> repeated)
    {
        repeated = [];
        switch (MediaType.OfBody(request))
        {
            case MediaType.Json: return body;
            case MediaType.Yaml or "application/x-yaml" or "text/yaml": return FromYaml(body, type, out repeated);
            case MediaType.Protobuf:
                try { return ProtobufBody.ToJson(body, type); }
                catch (FormatException e) { throw StatusException.BadRequest($"the object provided is unrecognized (must be of type {TypeName(type)}): {e.Message} ({Summary(body)})"); }
            default: throw StatusException.UnsupportedMediaType(MediaType.Json, MediaType.Yaml, MediaType.Protobuf);
        }
    }

    /// <summary>What to do about fields that the record does not have: Strict, Warn or Ignore.</summary>
    /// <exception cref="StatusException">400: another value.</exception>
    public static string FieldValidation(ApiRequest request) => request.Query("fieldValidation") switch
    {
        null => "Warn",
        "Strict" or "Warn" or "Ignore" => request.Query("fieldValidation")!,
        var mode => throw StatusException.BadRequest($"fieldValidation: Unsupported value: \"{mode}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
    };

    /// <summary>Reads JSON into the record, applies the request's fieldValidation.</summary>
    /// <param name="repeated">What <see cref="ToJson"/> found.</param>
    /// <exception cref="StatusException">400.</exception>
    public static KubeType Decode(ApiRequest request, ReadOnlyMemory<byte> json, Type type, IReadOnlyList<string> repeated)
    {
        var resource = Resource.Of(type);
        var root = ParseObject(json.Span, resource.Kind);
        CheckIdentity(root, resource);
        CheckFields(request, json.Span, resource, type, repeated);
        return Bind(root, resource, type);
    }

    /// <summary>Options in a body, which need not name their kind. Fields that they do not have are skipped.</summary>
    /// <exception cref="StatusException">400 or 415.</exception>
    public static T DecodeOptions<T>(ApiRequest request, byte[] body) where T : KubeType
    {
        var root = ParseObject(ToJson(request.Http.Request, body, typeof(T), out _), typeof(T).Name);
        var kind = Text(root, "kind");
        if (kind.Length > 0 && kind != typeof(T).Name) throw StatusException.BadRequest($"the object provided is unrecognized (must be of type {typeof(T).Name}): kind is {kind} ({Summary(body)})");
        try
        {
            WireShapeCheck.Apply(root, typeof(T));
            return root.Deserialize<T>(KubeJson.Options)!;
        }
        catch (Exception e) when (e is WireShapeException or JsonException or FormatException)
        {
            throw StatusException.BadRequest($"{typeof(T).Name} in version \"v1\" cannot be handled as a {typeof(T).Name}: {Words(e)}");
        }
    }

    /// <exception cref="StatusException">A value has the wrong type.</exception>
    public static KubeType Bind(JsonObject root, Resource resource, Type type)
    {
        try
        {
            WireShapeCheck.Apply(root, type);
            return (KubeType)root.Deserialize(type, KubeJson.Options)! with { Kind = resource.Kind, ApiVersion = resource.ApiVersion };
        }
        catch (Exception e) when (e is WireShapeException or JsonException or FormatException)
        {
            throw CannotHandle(resource, Words(e));
        }
    }

    /// <summary>Without the names of our own types, which a JsonException is full of.</summary>
    private static string Words(Exception e) => e is JsonException json ? $"json: cannot unmarshal the value of {json.Path?.TrimStart('$', '.')}" : e.Message;

    /// <summary><c>Pod in version "v1" cannot be handled as a Pod: …</c></summary>
    public static StatusException CannotHandle(Resource resource, string why, string? kind = null) =>
        StatusException.BadRequest($"{kind ?? resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {why}");

    private static JsonObject ParseObject(ReadOnlySpan<byte> json, string type)
    {
        try
        {
            return JsonTree.Parse(json) switch
            {
                JsonObject root => root,
                var node => throw Unrecognized(type, $"couldn't get version/kind; json parse error: json: cannot unmarshal {Describe(node)} into Go value of type struct {{ APIVersion string; Kind string }}", json),
            };
        }
        catch (JsonException e)
        {
            throw Unrecognized(type, $"couldn't get version/kind; json parse error: {GoMessage(e, json)}", json);
        }
    }

    public static string Describe(JsonNode? node) => node switch { null => "null", JsonArray => "array", _ => node.GetValueKind().ToString().ToLowerInvariant() };

    public static string GoMessage(JsonException e, ReadOnlySpan<byte> json)
    {
        var trimmed = json.TrimStart(" \t\r\n"u8);
        if (IsCutOff(trimmed)) return "unexpected end of JSON input";
        return trimmed[0] is (byte)'{' or (byte)'[' or (byte)'"' ? $"invalid character at line {e.LineNumber + 1}, byte {e.BytePositionInLine}"
            : $"invalid character '{(char)trimmed[0]}' looking for beginning of value";
    }

    /// <summary>More text could make it JSON.</summary>
    private static bool IsCutOff(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = Limit }));
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static StatusException Unrecognized(string type, string why, ReadOnlySpan<byte> body) =>
        StatusException.BadRequest($"the object provided is unrecognized (must be of type {type}): {why} ({Summary(body)})");

    /// <summary>The first 30 bytes, as text where it looks like JSON, else in hex.</summary>
    public static string Summary(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return "<empty>";
        var start = body[..Math.Min(30, body.Length)];
        return (body[0] == '{' ? Encoding.UTF8.GetString(start) : Convert.ToHexStringLower(start)) + (body.Length > 30 ? " ..." : "");
    }

    private static void CheckIdentity(JsonObject root, Resource resource)
    {
        var kind = Text(root, "kind");
        var apiVersion = Text(root, "apiVersion");
        if (kind.Length > 0 && kind != resource.Kind)
            throw CannotHandle(resource, $"no kind \"{kind}\" is registered for {resource.Plural} in version \"{resource.ApiVersion}\"", kind);
        if (apiVersion.Length > 0 && apiVersion != resource.ApiVersion)
            throw StatusException.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({resource.ApiVersion})");
    }

    private static string Text(JsonObject root, string name) =>
        root[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static void CheckFields(ApiRequest request, ReadOnlySpan<byte> json, Resource resource, Type type, IReadOnlyList<string> repeated)
    {
        var mode = FieldValidation(request);
        if (mode == "Ignore") return;
        var found = FieldCheck.Find(json, type);
        if (found.Count + repeated.Count == 0) return;
        if (mode == "Strict") throw CannotHandle(resource, $"strict decoding error: {string.Join(", ", repeated.Count > 0 ? found.Prepend(YamlBody.Refusal(repeated)) : found)}");
        foreach (var text in repeated.Concat(found)) request.Warn(text);
    }

    private static string TypeName(Type type) => typeof(KubeObject).IsAssignableFrom(type) ? Resource.Of(type).Kind : type.Name;

    private static byte[] FromYaml(byte[] body, Type type, out IReadOnlyList<string> repeated)
    {
        var node = YamlBody.Parse(Encoding.UTF8.GetString(body), out repeated);
        return node is JsonObject ? JsonSerializer.SerializeToUtf8Bytes(node, KubeJson.Options)
            : throw StatusException.BadRequest($"the object provided is unrecognized (must be of type {TypeName(type)}): the body is not a YAML mapping ({Summary(body)})");
    }
}
