using System.Text.Json;

namespace ControlPlane.OpenApi;

/// <summary>
/// Turns a version 2 document into protobuf, as kubectl before 1.27 and other Go clients read it: the message
/// <c>openapi.v2.Document</c> of the gnostic project (OpenAPIv2.proto), whose field numbers stand here.
/// </summary>
internal static class ProtobufDocument
{
    public static ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> v2)
    {
        using var json = JsonDocument.Parse(v2);
        var document = json.RootElement;
        var writer = new ProtobufWriter();
        writer.Text(1, Text(document, "swagger"));
        writer.Message(2, info =>
        {
            info.Text(1, Text(document.GetProperty("info"), "title"));
            info.Text(2, Text(document.GetProperty("info"), "version"));
        });
        writer.Message(8, paths => Named(paths, 2, document.GetProperty("paths"), PathItem));
        writer.Message(9, definitions => Named(definitions, 1, document.GetProperty("definitions"), Schema));
        writer.Message(12, demand => Named(demand, 1, document.GetProperty("security")[0], (_, _) => { }));
        writer.Message(13, security => Named(security, 1, document.GetProperty("securityDefinitions"), (item, scheme) => item.Message(2, key => ApiKey(key, scheme))));
        return writer.Written;
    }

    /// <summary>A map as protobuf has it: repeated pairs of 1 name and 2 value.</summary>
    private static void Named(ProtobufWriter writer, int field, JsonElement map, Action<ProtobufWriter, JsonElement> value)
    {
        foreach (var entry in map.EnumerateObject())
            writer.Message(field, pair =>
            {
                pair.Text(1, entry.Name);
                pair.Message(2, inner => value(inner, entry.Value));
            });
    }

    private static void ApiKey(ProtobufWriter writer, JsonElement scheme)
    {
        writer.Text(1, Text(scheme, "type"));
        writer.Text(2, Text(scheme, "name"));
        writer.Text(3, Text(scheme, "in"));
        writer.Text(4, Text(scheme, "description"));
    }

    private static void PathItem(ProtobufWriter writer, JsonElement path)
    {
        foreach (var member in path.EnumerateObject())
        {
            var field = member.Name switch { "get" => 2, "put" => 3, "post" => 4, "delete" => 5, "patch" => 8, _ => 0 };
            if (field > 0) writer.Message(field, operation => Operation(operation, member.Value));
        }
        Parameters(writer, 9, path);
    }

    private static void Operation(ProtobufWriter writer, JsonElement operation)
    {
        Texts(writer, 1, operation, "tags");
        writer.Text(3, Text(operation, "description"));
        writer.Text(5, Text(operation, "operationId"));
        Texts(writer, 6, operation, "produces");
        Texts(writer, 7, operation, "consumes");
        Parameters(writer, 8, operation);
        writer.Message(9, responses => Named(responses, 1, operation.GetProperty("responses"), (value, response) => value.Message(1, inner => Response(inner, response))));
        Texts(writer, 10, operation, "schemes");
        Extensions(writer, 13, operation);
    }

    private static void Response(ProtobufWriter writer, JsonElement response)
    {
        writer.Text(1, Text(response, "description"));
        if (response.TryGetProperty("schema", out var schema)) writer.Message(2, item => item.Message(1, inner => Schema(inner, schema)));
    }

    private static void Parameters(ProtobufWriter writer, int field, JsonElement owner)
    {
        foreach (var parameter in owner.GetProperty("parameters").EnumerateArray())
            writer.Message(field, item => item.Message(1, inner =>
            {
                if (Text(parameter, "in") == "body") inner.Message(1, body => BodyParameter(body, parameter));
                else inner.Message(2, plain => plain.Message(Text(parameter, "in") == "query" ? 3 : 4, value => PlainParameter(value, parameter)));
            }));
    }

    private static void BodyParameter(ProtobufWriter writer, JsonElement parameter)
    {
        writer.Text(2, Text(parameter, "name"));
        writer.Text(3, "body");
        writer.Flag(4, Flag(parameter, "required"));
        writer.Message(5, schema => Schema(schema, parameter.GetProperty("schema")));
    }

    /// <summary>Query and path parameters differ in the places of their type and of uniqueItems.</summary>
    private static void PlainParameter(ProtobufWriter writer, JsonElement parameter)
    {
        var query = Text(parameter, "in") == "query" ? 1 : 0;
        writer.Flag(1, Flag(parameter, "required"));
        writer.Text(2, Text(parameter, "in"));
        writer.Text(3, Text(parameter, "description"));
        writer.Text(4, Text(parameter, "name"));
        writer.Text(5 + query, Text(parameter, "type"));
        writer.Flag(19 + query, Flag(parameter, "uniqueItems"));
    }

    private static void Schema(ProtobufWriter writer, JsonElement schema)
    {
        writer.Text(1, Text(schema, "$ref"));
        writer.Text(2, Text(schema, "format"));
        writer.Text(4, Text(schema, "description"));
        if (schema.TryGetProperty("default", out var assumed)) writer.Message(5, any => any.Text(2, assumed.GetRawText()));
        Texts(writer, 19, schema, "required");
        if (schema.TryGetProperty("additionalProperties", out var values)) writer.Message(21, item => item.Message(1, inner => Schema(inner, values)));
        if (Text(schema, "type") is { } type) writer.Message(22, item => item.Text(1, type));
        if (schema.TryGetProperty("items", out var items)) writer.Message(23, item => item.Message(1, inner => Schema(inner, items)));
        if (schema.TryGetProperty("properties", out var properties)) writer.Message(25, item => Named(item, 1, properties, Schema));
        Extensions(writer, 31, schema);
    }

    /// <summary>Extensions travel as YAML, of which JSON is a part.</summary>
    private static void Extensions(ProtobufWriter writer, int field, JsonElement owner)
    {
        foreach (var member in owner.EnumerateObject().Where(member => member.Name.StartsWith("x-", StringComparison.Ordinal)))
            writer.Message(field, pair =>
            {
                pair.Text(1, member.Name);
                pair.Message(2, any => any.Text(2, member.Value.GetRawText()));
            });
    }

    private static string? Text(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool Flag(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) && value.GetBoolean();

    private static void Texts(ProtobufWriter writer, int field, JsonElement owner, string name)
    {
        if (!owner.TryGetProperty(name, out var values)) return;
        foreach (var value in values.EnumerateArray()) writer.Text(field, value.GetString());
    }
}
