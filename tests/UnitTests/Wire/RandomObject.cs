using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Schema;

namespace UnitTests.Wire;

/// <summary>
/// Objects made at random from the records' schema: every value has the shape of its field, and hardly any of them
/// makes sense. Nothing is empty or zero, as some forms cannot tell that from absent.
/// </summary>
internal sealed class RandomObject(Random random)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789 -._/:#'\"\\{}[]\n\täß漢🙂%&*!|>@`~";

    private const int Deepest = 7;

    /// <summary>The names of all kinds of the API that have a path.</summary>
    public static IReadOnlyList<Type> Kinds { get; } = typeof(Resource).Assembly.GetTypes()
        .Where(type => type.GetCustomAttributes(typeof(KindAttribute), false).Length > 0).OrderBy(type => type.Name, StringComparer.Ordinal).ToList();

    public JsonObject Of(Type type, int depth = 0)
    {
        var result = new JsonObject();
        foreach (var field in TypeSchema.Of(type).Fields.Values)
        {
            if (field.Rules.Number == 0) continue; // kind and apiVersion travel outside the message
            if (!field.Rules.Required && random.NextDouble() > (depth < 2 ? 0.7 : 0.3)) continue;
            if (depth >= Deepest && field.Type.Shape is WireShape.Object or WireShape.List or WireShape.Map) continue;
            result[field.Name] = Value(field.Type, depth);
        }
        return result;
    }

    public JsonNode Value(WireType type, int depth) => type.Shape switch
    {
        WireShape.Text => Text(),
        WireShape.Number => type.Clr == typeof(int) ? random.Next(1, int.MaxValue) : random.NextInt64(1, long.MaxValue),
        WireShape.Flag => true,
        WireShape.Bytes => Convert.ToBase64String(Bytes()),
        WireShape.Time => Time().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        WireShape.MicroTime => Time().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        WireShape.Quantity => $"{random.Next(1, 999)}{random.GetItems(["", "m", "k", "Ki", "Mi", "Gi"], 1)[0]}",
        WireShape.IntOrString => random.Next(2) == 0 ? random.Next(1, 65536) : Text(),
        WireShape.Object => Of(type.Clr, depth + 1),
        WireShape.List => new JsonArray(Enumerable.Range(0, random.Next(1, 4)).Select(JsonNode? (_) => Value(type.Element!, depth + 1)).ToArray()),
        WireShape.Map => new JsonObject(Enumerable.Range(0, random.Next(1, 4)).Select(i => KeyValuePair.Create($"k{i}{Text()}", (JsonNode?)Value(type.Element!, depth + 1)))),
        _ => new JsonObject { ["f:a"] = new JsonObject(), ["n"] = random.Next() },
    };

    public string Text()
    {
        var runes = Letters.EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(1, 20)];
        random.NextBytes(bytes);
        return bytes;
    }

    private DateTime Time() => DateTime.UnixEpoch.AddSeconds(random.NextInt64(1, 4_000_000_000)).AddTicks(random.NextInt64(1, 999_999) * 10);
}
