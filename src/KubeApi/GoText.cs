using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApi;

/// <summary>Values as Go prints them: Kubernetes' messages contain them, and clients show or compare those.</summary>
public static class GoText
{
    /// <summary>A string as <c>%q</c> prints it (strconv.Quote).</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var rune in text.EnumerateRunes()) Append(quoted, rune);
        return quoted.Append('"').ToString();
    }

    /// <summary>Decoded JSON as <c>%v</c> prints it: <c>map[a:1 b:[x y]]</c>, keys in order, strings bare.</summary>
    public static string Format(JsonNode? node) => Append(new StringBuilder(), node).ToString();

    private static void Append(StringBuilder quoted, Rune rune)
    {
        switch (rune.Value)
        {
            case '"' or '\\': quoted.Append('\\').Append((char)rune.Value); break;
            case '\a': quoted.Append("\\a"); break;
            case '\b': quoted.Append("\\b"); break;
            case '\f': quoted.Append("\\f"); break;
            case '\n': quoted.Append("\\n"); break;
            case '\r': quoted.Append("\\r"); break;
            case '\t': quoted.Append("\\t"); break;
            case '\v': quoted.Append("\\v"); break;
            case < ' ' or 0x7f: quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"); break;
            case var _ when IsPrintable(rune): quoted.Append(rune.ToString()); break;
            case var code and <= 0xffff: quoted.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}"); break;
            case var code: quoted.Append(CultureInfo.InvariantCulture, $"\\U{code:x8}"); break;
        }
    }

    /// <summary>Letters, marks, numbers, punctuation, symbols, and of the spaces the common one.</summary>
    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static StringBuilder Append(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case null: return text.Append("<nil>");
            case JsonObject map:
                text.Append("map[");
                var first = true;
                foreach (var (name, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    if (!first) text.Append(' ');
                    first = false;
                    Append(text.Append(name).Append(':'), value);
                }
                return text.Append(']');
            case JsonArray list:
                text.Append('[');
                for (var i = 0; i < list.Count; i++) Append(i > 0 ? text.Append(' ') : text, list[i]);
                return text.Append(']');
            default:
                return text.Append(node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString());
        }
    }
}
