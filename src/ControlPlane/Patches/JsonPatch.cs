using System.Globalization;
using System.Text.Json.Nodes;

namespace ControlPlane.Patches;

/// <summary>JSON patch (RFC 6902): add, remove, replace, move, copy, test, on paths by JSON pointer (RFC 6901).</summary>
internal static class JsonPatch
{
    /// <summary>The number of operations that Kubernetes takes in one patch; who reads a patch refuses more.</summary>
    public const int MostOperations = 10_000;

    /// <summary>Few operations can make much: a copy of a copy doubles. Kubernetes has the same limit on bytes.</summary>
    private const int MostCopied = 3 << 20, Deepest = 100;

    /// <summary>The patched object; the arguments stay as they are.</summary>
    /// <exception cref="PatchException">An operation is malformed, its path does not exist, or a test fails.</exception>
    public static JsonObject Apply(JsonObject current, JsonArray patch)
    {
        JsonNode? document = current.DeepClone();
        var copied = 0;
        foreach (var operation in patch) document = Step(document, ref copied, operation as JsonObject ?? throw new PatchException("an operation is not an object"));
        return document as JsonObject ?? throw new PatchException("the patch replaces the object by something that is none");
    }

    private static JsonNode? Step(JsonNode? document, ref int copied, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (Text(operation, "op"))
        {
            case "add": return Add(document, path, Value(operation));
            case "remove": return Remove(document, path);
            case "replace":
                Find(document, path);
                return path.Length == 0 ? Value(operation) : Add(Remove(document, path), path, Value(operation));
            case "copy": return Add(document, path, Copy(document, Pointer(operation, "from"), ref copied));
            case "move":
                var from = Pointer(operation, "from");
                var moved = Copy(document, from, ref copied);
                return Add(Remove(document, from), path, moved);
            case "test":
                if (JsonNode.DeepEquals(Find(document, path), Value(operation))) return document;
                throw new PatchException($"testing path /{string.Join('/', path)} failed");
            case var other: throw new PatchException($"unexpected kind: {other}");
        }
    }

    private static JsonNode? Copy(JsonNode? document, string[] from, ref int copied)
    {
        var node = Find(document, from);
        copied += node?.ToJsonString().Length ?? 0;
        return copied <= MostCopied ? node?.DeepClone() : throw new PatchException($"the patch copies more than {MostCopied} bytes");
    }

    private static int Depth(JsonNode? node) => node switch
    {
        JsonObject map => 1 + map.Select(pair => Depth(pair.Value)).DefaultIfEmpty().Max(),
        JsonArray list => 1 + list.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private static JsonNode? Find(JsonNode? node, ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (node is JsonObject map && map.TryGetPropertyValue(step, out var member)) node = member;
            else if (node is JsonArray list && Index(step) is { } index && index < list.Count) node = list[index];
            else throw new PatchException($"doc is missing path: /{string.Join('/', path!)}");
        }
        return node;
    }

    private static JsonNode? Add(JsonNode? document, string[] path, JsonNode? value)
    {
        if (path.Length + Depth(value) > Deepest) throw new PatchException($"the patch nests deeper than {Deepest} levels");
        if (path.Length == 0) return value;
        switch (Find(document, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject map: map[path[^1]] = value; break;
            case JsonArray list when path[^1] == "-": list.Add(value); break;
            case JsonArray list when Index(path[^1]) is { } index && index <= list.Count: list.Insert(index, value); break;
            default: throw new PatchException($"add operation does not apply: doc is missing path: /{string.Join('/', path)}");
        }
        return document;
    }

    private static JsonNode? Remove(JsonNode? document, string[] path)
    {
        Find(document, path);
        if (path.Length == 0) return null;
        var parent = Find(document, path.AsSpan(0, path.Length - 1));
        if (parent is JsonArray list) list.RemoveAt(Index(path[^1])!.Value);
        else ((JsonObject)parent!).Remove(path[^1]);
        return document;
    }

    private static int? Index(string step) => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private static string[] Pointer(JsonObject operation, string member)
    {
        var text = Text(operation, member);
        if (text.Length == 0) return [];
        if (text[0] != '/') throw new PatchException($"\"{text}\" is not a JSON pointer");
        return text[1..].Split('/').Select(step => step.Replace("~1", "/").Replace("~0", "~")).ToArray();
    }

    private static string Text(JsonObject operation, string member) =>
        operation[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new PatchException($"an operation lacks \"{member}\"");

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value) ? value?.DeepClone() : throw new PatchException("an operation lacks \"value\"");
}
