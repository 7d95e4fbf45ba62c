using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ControlPlane.ApiServer;

/// <summary>JSON as block-style YAML, for clients that accept application/yaml. Texts are plain where no reader could take them for anything else.</summary>
internal static partial class YamlAnswer
{
    private static readonly JsonSerializerOptions Quoting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Of(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        var text = new StringBuilder(json.Length);
        Write(text, document.RootElement, 0);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonElement node, int indent)
    {
        if (node.ValueKind == JsonValueKind.Object)
            foreach (var member in node.EnumerateObject()) Entry(text, Scalar(member.Name) + ":", member.Value, indent);
        else
            foreach (var item in node.EnumerateArray()) Entry(text, "-", item, indent);
    }

    private static void Entry(StringBuilder text, string head, JsonElement value, int indent)
    {
        text.Append(' ', indent).Append(head);
        if (IsBlock(value))
        {
            text.Append('\n');
            Write(text, value, indent + 2);
        }
        else text.Append(' ').Append(value.ValueKind switch
        {
            JsonValueKind.String => Scalar(value.GetString()!),
            JsonValueKind.Object => "{}",
            JsonValueKind.Array => "[]",
            _ => value.GetRawText(),
        }).Append('\n');
    }

    private static bool IsBlock(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.GetPropertyCount() > 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    private static string Scalar(string text) => Plain().IsMatch(text) && !Word().IsMatch(text) ? text : JsonSerializer.Serialize(text, Quoting);

    [GeneratedRegex(@"\A[A-Za-z][-A-Za-z0-9_./]*\z")] private static partial Regex Plain();

    /// <summary>What YAML 1.1 or 1.2 reads as something else than a text.</summary>
    [GeneratedRegex(@"\A(y|n|yes|no|on|off|true|false|null)\z", RegexOptions.IgnoreCase)] private static partial Regex Word();
}
