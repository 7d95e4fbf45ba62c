using System.Text.Json;

namespace KubeApi.Schema;

/// <summary>
/// Finds what a body says that its type does not know, and what it says twice: the reader skips both, so that a
/// client would not notice a misspelt field (KEP-2885, field validation).
/// </summary>
public static class FieldCheck
{
    /// <summary>
    /// One text for each unknown or duplicate field, with its path, as Kubernetes words it:
    /// <c>unknown field "spec.contaners"</c>, <c>duplicate field "spec.replicas"</c>.
    /// </summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static IReadOnlyList<string> Find(ReadOnlySpan<byte> json, Type type)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = KubeJson.Options.MaxDepth });
        var found = new List<string>();
        reader.Read();
        Value(ref reader, new WireType(WireShape.Object, type), "", found);
        return found;
    }

    private static void Value(ref Utf8JsonReader reader, WireType? type, string path, List<string> found)
    {
        if (reader.TokenType == JsonTokenType.StartObject) Object(ref reader, type, path, found);
        else if (reader.TokenType == JsonTokenType.StartArray)
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
                Value(ref reader, type?.Shape == WireShape.List ? type.Element : null, $"{path}[{i}]", found);
    }

    private static void Object(ref Utf8JsonReader reader, WireType? type, string path, List<string> found)
    {
        var fields = type?.Shape == WireShape.Object ? type.Schema.Fields : null;
        var element = type?.Shape == WireShape.Map ? type.Element : null;
        var seen = new HashSet<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (!seen.Add(name)) found.Add($"duplicate field \"{inner}\"");
            var field = fields?.GetValueOrDefault(name);
            if (fields is not null && field is null) found.Add($"unknown field \"{inner}\"");
            reader.Read();
            Value(ref reader, field?.Type ?? element, inner, found);
        }
    }
}
