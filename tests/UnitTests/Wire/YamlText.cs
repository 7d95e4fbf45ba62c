using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace UnitTests.Wire;

/// <summary>Writes a JSON tree as block-style YAML, with every text in double quotes.</summary>
internal static class YamlText
{
    public static string Of(JsonNode node)
    {
        var text = new StringBuilder();
        Write(text, node, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int indent)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                foreach (var (name, value) in map) Entry(text, $"{Quoted(name)}:", value, indent);
                break;
            case JsonArray { Count: > 0 } list:
                foreach (var item in list) Entry(text, "-", item, indent);
                break;
            default:
                text.Append(' ', indent).Append(node?.ToJsonString() ?? "null").Append('\n');
                break;
        }
    }

    private static void Entry(StringBuilder text, string head, JsonNode? value, int indent)
    {
        text.Append(' ', indent).Append(head);
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            text.Append('\n');
            Write(text, value, indent + 2);
        }
        else text.Append(' ').Append(value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String ? Quoted(scalar.GetValue<string>()) : value?.ToJsonString() ?? "null").Append('\n');
    }

    /// <summary>YAML's double-quoted form takes JSON's escapes.</summary>
    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
