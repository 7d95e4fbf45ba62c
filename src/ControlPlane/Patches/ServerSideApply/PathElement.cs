using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>
/// One step of a field's path, written as in FieldsV1: <c>f:NAME</c> a field or key of a map, <c>k:{"name":"a"}</c> the
/// list entry with these keys, <c>v:"a"</c> the entry of a set, <c>i:0</c> the entry at an index. Equal steps are equal texts.
/// </summary>
internal static class PathElement
{
    public static string Field(string name) => "f:" + name;

    /// <summary>The entry of a set.</summary>
    public static string Value(JsonElement value) => "v:" + Scalar(value);

    /// <summary>The entry of a list that is identified by keys; an absent key stands for its default, or null without one.</summary>
    /// <param name="keys">In ordinal order.</param>
    public static string Keys(JsonElement entry, IReadOnlyList<ListKey> keys)
    {
        var text = new StringBuilder("k:{");
        foreach (var key in keys)
        {
            if (text.Length > 3) text.Append(',');
            var value = entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(key.Name, out var given) ? Scalar(given)
                : key.Default is { } fallback ? Quoted(fallback) : "null";
            text.Append(Quoted(key.Name)).Append(':').Append(value);
        }
        return text.Append('}').ToString();
    }

    /// <summary>Reads a step as a client may have written it.</summary>
    /// <exception cref="FormatException">It is none of the four forms.</exception>
    public static string Parse(string text)
    {
        if (text.Length < 2 || text[1] != ':') throw new FormatException($"missing colon: {text}");
        try
        {
            return text[0] switch
            {
                'f' => text,
                'i' => $"i:{int.Parse(text.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture)}",
                'v' => Value(JsonElement.Parse(text[2..])),
                'k' => ParsedKeys(JsonElement.Parse(text[2..])),
                _ => throw new FormatException($"unrecognized PathElement type: {text}"),
            };
        }
        catch (Exception e) when (e is JsonException or OverflowException or InvalidOperationException) // no JSON, no int, no Unicode
        {
            throw new FormatException($"{text}: {e.Message}", e);
        }
    }

    /// <summary>As error messages name it: <c>.name</c>, <c>[name="a"]</c>, <c>[="a"]</c>, <c>[0]</c>.</summary>
    public static string ToText(string element) => element[0] switch
    {
        'f' => "." + element[2..],
        'i' => $"[{element[2..]}]",
        'v' => $"[={element[2..]}]",
        _ => $"[{string.Join(',', JsonElement.Parse(element[2..]).EnumerateObject().Select(key => $"{key.Name}={Scalar(key.Value)}"))}]",
    };

    public static string ToText(IEnumerable<string> path) => string.Concat(path.Select(ToText));

    private static string ParsedKeys(JsonElement keys) => keys.ValueKind != JsonValueKind.Object ? throw new FormatException("keys of a list entry are no object")
        : $"k:{{{string.Join(',', keys.EnumerateObject().OrderBy(key => key.Name, StringComparer.Ordinal).Select(key => $"{Quoted(key.Name)}:{Scalar(key.Value)}"))}}}";

    /// <summary>One text for equal values, however they were escaped.</summary>
    private static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Quoted(value.GetString()!),
        JsonValueKind.Number when value.TryGetInt64(out var number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };

    private static string Quoted(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
