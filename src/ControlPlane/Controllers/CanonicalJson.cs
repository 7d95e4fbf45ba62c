using System.Text;
using System.Text.Json;
using KubeApi;

namespace ControlPlane.Controllers;

/// <summary>An object's JSON with the keys of all objects sorted: equal texts mean equal contents, whatever the order of maps.</summary>
internal static class CanonicalJson
{
    public static string Of(object value)
    {
        using var document = JsonDocument.Parse(KubeJson.Serialize(value), new JsonDocumentOptions { MaxDepth = KubeJson.Options.MaxDepth });
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) Write(document.RootElement, writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    public static bool Same(object? left, object? right) =>
        left is null || right is null ? left is null && right is null : Of(left) == Of(right);

    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (var property in element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(property.Name);
                Write(property.Value, writer);
            }
            writer.WriteEndObject();
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var item in element.EnumerateArray()) Write(item, writer);
            writer.WriteEndArray();
        }
        else element.WriteTo(writer);
    }
}
