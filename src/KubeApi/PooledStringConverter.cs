using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApi;

/// <summary>
/// Reads strings so that equal short ones are mostly one string: field values such as <c>IfNotPresent</c>, label keys, image
/// names and node names stand in every pod. A table of fixed size, in which a newer string takes the place of an older one.
/// </summary>
public sealed class PooledStringConverter : JsonConverter<string>
{
    /// <summary>Shorter than a uid, which is never the same twice.</summary>
    private const int Longest = 32;

    private const int Slots = 8192;

    private static readonly string?[] Table = new string?[Slots];

    public override string? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => Read(ref reader);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => Read(ref reader)!;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private static string? Read(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.TokenType == JsonTokenType.Null || reader.ValueSpan.Length > Longest) return reader.GetString();
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) return reader.GetString(); // throws in the reader's words
        var text = reader.ValueSpan;
        if (text.Length == 0) return "";
        var hash = 2166136261; // FNV-1a
        foreach (var letter in text) hash = (hash ^ letter) * 16777619;
        ref var slot = ref Table[(hash ^ hash >> 16) % Slots];
        var pooled = slot; // several threads may write it: each reads a whole string, or none
        if (pooled is not null && Ascii.Equals(text, pooled)) return pooled;
        return slot = reader.GetString();
    }
}
