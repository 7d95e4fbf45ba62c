using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApi;

/// <summary>
/// The fields that one manager owns, as the JSON of metadata.managedFields (metav1.FieldsV1): <c>{"f:data":{"f:a":{}}}</c>.
/// Thousands of pods of one template say the same here, so equal values are kept once.
/// </summary>
[JsonConverter(typeof(FieldsV1Converter))]
public sealed class FieldsV1 : IEquatable<FieldsV1>
{
    /// <summary>Values seen lately; a slot holds the last one with its hash, so that this stays of one size.</summary>
    private static readonly FieldsV1?[] Recent = new FieldsV1?[4096];

    private readonly byte[] json;
    private readonly int hash;

    private FieldsV1(byte[] json, int hash) => (this.json, this.hash) = (json, hash);

    /// <summary>UTF-8, as it was received or made.</summary>
    public ReadOnlySpan<byte> Json => json;

    /// <param name="json">One JSON value without white space around it.</param>
    public static FieldsV1 Of(ReadOnlySpan<byte> json)
    {
        var hasher = new HashCode();
        hasher.AddBytes(json);
        var hash = hasher.ToHashCode();
        ref var slot = ref Recent[(uint)hash % (uint)Recent.Length];
        if (slot is { } known && known.hash == hash && known.Json.SequenceEqual(json)) return known;
        return slot = new FieldsV1(json.ToArray(), hash);
    }

    public bool Equals(FieldsV1? other) => ReferenceEquals(this, other) || other is not null && hash == other.hash && Json.SequenceEqual(other.Json);

    public override bool Equals(object? obj) => Equals(obj as FieldsV1);

    public override int GetHashCode() => hash;

    public override string ToString() => System.Text.Encoding.UTF8.GetString(json);
}

/// <summary>Reads and writes the JSON as it is.</summary>
public sealed class FieldsV1Converter : JsonConverter<FieldsV1>
{
    public override FieldsV1 Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return FieldsV1.Of(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value.RootElement));
    }

    public override void Write(Utf8JsonWriter writer, FieldsV1 value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json, skipInputValidation: true);
}

/// <summary>Text of which few different values exist, such as names of field managers: equal ones are kept once.</summary>
public sealed class SharedTextConverter : JsonConverter<string>
{
    private static readonly string?[] Recent = new string?[1024];

    public override string? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.GetString() is not { Length: < 64 } text) return reader.GetString();
        ref var slot = ref Recent[(uint)text.GetHashCode() % (uint)Recent.Length];
        return slot == text ? slot : slot = text;
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
