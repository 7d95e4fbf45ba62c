using System.Text.Json.Nodes;

namespace UnitTests.Patches;

/// <summary>RFC 6902 written down plainly: every step makes a new document out of the old one.</summary>
internal static class JsonPatchReference
{
    /// <exception cref="InvalidOperationException">The operation does not apply.</exception>
    public static JsonNode? Step(JsonNode? document, JsonObject operation)
    {
        var (op, path, from) = ((string)operation["op"]!, Parts(operation, "path"), Parts(operation, "from"));
        return op switch
        {
            "add" => Add(document, path, operation["value"]),
            "remove" => Remove(document, path),
            "replace" => path.Length == 0 ? operation["value"]?.DeepClone() : Add(Remove(document, path), path, operation["value"]),
            "move" => Add(Remove(document, from), path, Get(document, from)),
            "copy" => Add(document, path, Get(document, from)),
            "test" => JsonNode.DeepEquals(Get(document, path), operation["value"]) ? document : throw new InvalidOperationException(),
            _ => throw new InvalidOperationException(),
        };
    }

    private static string[] Parts(JsonObject operation, string name) => (string)operation[name]! is { Length: > 0 } text ? text[1..].Split('/') : [];

    private static JsonNode? Get(JsonNode? node, string[] path) => path.Length == 0 ? node : Get(Child(node, path[0]), path[1..]);

    private static JsonNode? Child(JsonNode? node, string step) => node switch
    {
        JsonObject map when map.ContainsKey(step) => map[step],
        JsonArray list when int.TryParse(step, out var i) && i < list.Count => list[i],
        _ => throw new InvalidOperationException(),
    };

    private static JsonNode? Add(JsonNode? node, string[] path, JsonNode? value) => path switch
    {
        [] => value?.DeepClone(),
        [var last] => Change(node, map => map[last] = value?.DeepClone(),
            list => list.Insert(last == "-" ? list.Count : int.Parse(last) <= list.Count ? int.Parse(last) : throw new InvalidOperationException(), value?.DeepClone())),
        _ => Inside(node, path, child => Add(child, path[1..], value)),
    };

    private static JsonNode? Remove(JsonNode? node, string[] path)
    {
        if (path.Length == 0) return null;
        Child(node, path[0]);
        return path.Length == 1 ? Change(node, map => map.Remove(path[0]), list => list.RemoveAt(int.Parse(path[0]))) : Inside(node, path, child => Remove(child, path[1..]));
    }

    private static JsonNode? Inside(JsonNode? node, string[] path, Func<JsonNode?, JsonNode?> change)
    {
        var child = change(Child(node, path[0])?.DeepClone());
        return Change(node, map => map[path[0]] = child, list => list[int.Parse(path[0])] = child);
    }

    private static JsonNode Change(JsonNode? node, Action<JsonObject> map, Action<JsonArray> list)
    {
        var copy = node?.DeepClone();
        try
        {
            if (copy is JsonObject obj) map(obj);
            else list(copy as JsonArray ?? throw new InvalidOperationException());
        }
        catch (FormatException) { throw new InvalidOperationException(); }
        return copy!;
    }
}
