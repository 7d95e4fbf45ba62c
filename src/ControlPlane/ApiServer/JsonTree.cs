using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;

namespace ControlPlane.ApiServer;

/// <summary>
/// Reads JSON into a tree as Go's decoder does: of a name given twice the last one counts. (System.Text.Json's own
/// tree breaks on such a name, and on a malformed string, only when it is looked at.)
/// </summary>
internal static class JsonTree
{
    /// <exception cref="JsonException">Not JSON, nested too deep, or with a string that is no Unicode.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = KubeJson.Options.MaxDepth });
        try
        {
            reader.Read();
            var node = Value(ref reader);
            reader.Read(); // throws where something follows
            return node;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("a string is not valid Unicode");
        }
    }

    private static JsonNode? Value(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => Object(ref reader),
        JsonTokenType.StartArray => Array(ref reader),
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.Null => null,
        _ => JsonValue.Create(JsonElement.ParseValue(ref reader)),
    };

    private static JsonObject Object(ref Utf8JsonReader reader)
    {
        var result = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            result[name] = Value(ref reader);
        }
        return result;
    }

    private static JsonArray Array(ref Utf8JsonReader reader)
    {
        var result = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) result.Add(Value(ref reader));
        return result;
    }
}
