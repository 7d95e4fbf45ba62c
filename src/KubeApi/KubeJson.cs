using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KubeApi;

/// <summary>
/// Kubernetes' JSON: camel-case names, absent instead of null, empty optional lists and maps left out, times in
/// RFC 3339 with seconds, bytes as base64. Unknown fields are skipped here; <see cref="Schema.FieldCheck"/> reports them.
/// </summary>
public static class KubeJson
{
    public static JsonSerializerOptions Options { get; } = Create(indented: false);

    /// <summary>For people: curl, <c>?pretty=true</c>.</summary>
    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    public static byte[] Serialize(object value) => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Options);

    /// <exception cref="JsonException">The text is not JSON or a value has the wrong type; the message names the path.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize<T>(utf8, Options) ?? throw new JsonException("null is not an object");

    private static JsonSerializerOptions Create(bool indented) => new()
    {
        PropertyNamingPolicy = new LowerFirst(),
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = indented,
        MaxDepth = 128,
        Converters = { new TimeConverter(), new PooledStringConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutEmptyCollections } },
    };

    private static void LeaveOutEmptyCollections(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            var required = (property.AttributeProvider?.GetCustomAttributes(typeof(Schema.FieldAttribute), true)
                .FirstOrDefault() as Schema.FieldAttribute)?.Required ?? true;
            if (!required && property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
                property.ShouldSerialize = (_, value) => value is IEnumerable items && items.GetEnumerator().MoveNext();
        }
    }

    /// <summary>API names differ from C# names in the first letter only (<c>podIPs</c>, <c>PodIPs</c>).</summary>
    private sealed class LowerFirst : JsonNamingPolicy
    {
        public override string ConvertName(string name) => char.ToLowerInvariant(name[0]) + name[1..];
    }
}

/// <summary>metav1.Time: RFC 3339 in UTC with whole seconds; reads any fraction and offset.</summary>
public sealed class TimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().UtcDateTime;

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
}

/// <summary>metav1.MicroTime: exactly six digits of fraction; clients refuse any other number of them.</summary>
public sealed class MicroTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().UtcDateTime;

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"));
}
