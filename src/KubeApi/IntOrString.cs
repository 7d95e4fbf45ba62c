using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApi;

/// <summary>A field that takes a number or a text: a port by number or name, a count or a percentage.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct IntOrString
{
    /// <summary>Null where the value is a number.</summary>
    public string? Text { get; private init; }

    /// <summary>Zero where the value is a text.</summary>
    public int Number { get; private init; }

    public bool IsNumber => Text is null;

    public static implicit operator IntOrString(int number) => new() { Number = number };

    public static implicit operator IntOrString(string text) => new() { Text = text };

    /// <summary>
    /// The number itself, or the percentage of <paramref name="total"/> rounded up or down (Deployment surge and
    /// unavailability, PodDisruptionBudget).
    /// </summary>
    /// <exception cref="FormatException">The text is not a percentage.</exception>
    public int Scale(int total, bool roundUp)
    {
        if (Text is null) return Number;
        if (!Text.EndsWith('%') || !int.TryParse(Text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
            throw new FormatException($"\"{Text}\" is neither a number nor a percentage");
        var scaled = (long)total * percent;
        return (int)(roundUp ? (scaled + 99) / 100 : scaled / 100);
    }

    public override string ToString() => Text ?? Number.ToString(CultureInfo.InvariantCulture);

    private sealed class Converter : JsonConverter<IntOrString>
    {
        public override IntOrString Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? reader.GetString()! : reader.GetInt32();

        public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
        {
            if (value.Text is { } text) writer.WriteStringValue(text);
            else writer.WriteNumberValue(value.Number);
        }
    }
}
