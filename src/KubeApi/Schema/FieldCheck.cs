using System.Text.Json;

namespace KubeApi.Schema;

/// <summary>
/// Finds what a body says that its type does not know, and what it says twice: the reader skips both, so that a
/// client would not notice a misspelt field (KEP-2885, field validation).
/// </summary>
public static class FieldCheck
{
    /// <summary>An answer is not to be many times as long as what was sent: the faults after these are not told (as in sigs.k8s.io/json).</summary>
    private const int Most = 100;

    /// <summary>
    /// One text for each unknown or duplicate field, with its path, as Kubernetes words it:
    /// <c>unknown field "spec.contaners"</c>, <c>duplicate field "spec.replicas"</c>.
    /// </summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static IReadOnlyList<string> Find(ReadOnlySpan<byte> json, Type type) => Find(json, new WireType(WireShape.Object, type));

    /// <summary>The same for a body of any type; without a type only what is said twice is found.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static IReadOnlyList<string> Find(ReadOnlySpan<byte> json, WireType? type)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = KubeJson.Options.MaxDepth });
        var found = new List<string>();
        reader.Read();
        Value(ref reader, type, "", found);
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
            if (!seen.Add(name)) Add(found, "duplicate", inner);
            var field = fields?.GetValueOrDefault(name);
            if (fields is not null && field is null) Add(found, "unknown", inner);
            reader.Read();
            Value(ref reader, field?.Type ?? element, inner, found);
        }
    }

    private static void Add(List<string> found, string what, string path)
    {
        if (found.Count < Most) found.Add($"{what} field \"{path}\"");
    }
}
