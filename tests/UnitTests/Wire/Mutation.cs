using System.Text.Json.Nodes;

namespace UnitTests.Wire;

/// <summary>Spoils JSON trees and bytes, at random.</summary>
internal sealed class Mutation(Random random)
{
    private static readonly string[] Nodes =
    [
        "null", "0", "-1", "1e400", "9223372036854775808", "3.5", "true", "\"\"", "\"x\"", "[]", "{}", "[[]]", "[null]", "{\"\":null}", "[{\"name\":\"a\"},{\"name\":\"a\"}]",
        "\"\\u0000\"", "\"\\ud83d\"", "\"../../etc/passwd\"", "\"0x10\"", "\"1Ei\"", "\"-5\"", "\"999999999999999999999999Ei\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999+14:00\"",
    ];

    /// <summary>One to three values somewhere in the tree are others, gone, or twice there.</summary>
    public JsonNode Tree(JsonNode root)
    {
        var result = root.DeepClone();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var containers = Containers(result).ToList();
            if (containers.Count == 0) break;
            Spoil(containers[random.Next(containers.Count)]);
        }
        return result;
    }

    private void Spoil(JsonNode container)
    {
        if (container is JsonObject { Count: > 0 } map)
        {
            var name = map.ElementAt(random.Next(map.Count)).Key;
            if (random.Next(6) == 0) map.Remove(name);
            else if (random.Next(6) == 0) map[name + "x"] = map[name]?.DeepClone();
            else map[name] = Other();
        }
        else if (container is JsonArray { Count: > 0 } list)
        {
            var index = random.Next(list.Count);
            if (random.Next(4) == 0) list.Add(list[index]?.DeepClone());
            else list[index] = Other();
        }
        else if (container is JsonObject empty) empty["spec"] = Other();
        else ((JsonArray)container).Add(Other());
    }

    /// <summary>A value of any type; what JSON trees cannot hold comes as its text.</summary>
    public JsonNode? Other()
    {
        var text = Nodes[random.Next(Nodes.Length)];
        return text.Contains("ud83d") || text.Contains("e400") ? text : JsonNode.Parse(text);
    }

    private static IEnumerable<JsonNode> Containers(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(pair => Containers(pair.Value)).Prepend(map),
        JsonArray list => list.SelectMany(Containers).Prepend(list),
        _ => [],
    };

    /// <summary>Some bytes are others, gone, too many, or the end is missing.</summary>
    public byte[] Bytes(byte[] bytes)
    {
        var result = bytes.ToList();
        for (var i = random.Next(1, 6); i > 0 && result.Count > 1; i--)
        {
            var at = random.Next(result.Count);
            switch (random.Next(5))
            {
                case 0: result[at] = (byte)random.Next(256); break;
                case 1: result[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: result.RemoveAt(at); break;
                case 3: result.InsertRange(at, result.GetRange(at, Math.Min(random.Next(1, 40), result.Count - at))); break;
                default: result.RemoveRange(at, Math.Min(random.Next(1, 60), result.Count - at)); break;
            }
        }
        return [.. result];
    }
}
