using System.Text.Json.Nodes;
using KubeApi.Schema;

namespace ControlPlane.ApiServer;

/// <summary>
/// Strategic merge patch: as a merge patch, but lists whose schema names a merge key are merged entry by entry, and
/// directives say what cannot be said otherwise: <c>$patch: delete|replace|merge</c>, <c>$retainKeys</c>,
/// <c>$setElementOrder/FIELD</c>, <c>$deleteFromPrimitiveList/FIELD</c>
/// (kubernetes/community, contributors/devel/sig-api-machinery/strategic-merge-patch.md).
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch", RetainKeys = "$retainKeys", Order = "$setElementOrder/", Remove = "$deleteFromPrimitiveList/";

    /// <param name="type">The record that <paramref name="target"/> is the JSON of.</param>
    /// <exception cref="StatusException">400: a directive is malformed, or an entry lacks its merge key.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, Type type) => Object(target, patch, new WireType(WireShape.Object, type));

    private static JsonObject Object(JsonObject target, JsonObject patch, WireType? type)
    {
        switch (Text(patch, Directive))
        {
            case "replace": return Plain(patch);
            case "delete": return [];
            case null or "merge": break;
            case var unknown: throw Malformed($"Unknown patch type: {unknown}");
        }
        Retain(target, patch);
        var schema = type?.Shape == WireShape.Object ? type.Schema : null;
        foreach (var (name, change) in patch.Where(pair => !IsDirective(pair.Key)))
        {
            var field = schema?.Fields.GetValueOrDefault(name);
            var fieldType = field?.Type ?? (type?.Shape == WireShape.Map ? type.Element : null);
            Field(target, patch, name, change, fieldType, field?.Rules);
        }
        Leftovers(target, patch, schema);
        return target;
    }

    private static void Field(JsonObject target, JsonObject patch, string name, JsonNode? change, WireType? type, FieldAttribute? rules)
    {
        switch (change)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject changes when target[name] is JsonObject current:
                if (Text(changes, Directive) == "delete") target.Remove(name);
                else Set(target, name, Object(current, changes, type));
                break;
            case JsonObject changes:
                if (Text(changes, Directive) != "delete") target[name] = Object([], changes, type);
                break;
            case JsonArray changes when rules is not null && rules.Patch.HasFlag(PatchStrategy.Merge):
                var list = target[name] as JsonArray ?? [];
                var order = patch[Order + name] as JsonArray;
                Set(target, name, rules.MergeKey is { } key ? Entries(list, changes, key, order, type!.Element) : Values(list, changes, patch[Remove + name] as JsonArray, order));
                break;
            default:
                target[name] = change.DeepClone();
                break;
        }
    }

    /// <summary>Orders and removals of lists that the patch does not change otherwise.</summary>
    private static void Leftovers(JsonObject target, JsonObject patch, TypeSchema? schema)
    {
        foreach (var (directive, value) in patch)
        {
            var name = directive.StartsWith(Order, StringComparison.Ordinal) ? directive[Order.Length..]
                : directive.StartsWith(Remove, StringComparison.Ordinal) ? directive[Remove.Length..] : null;
            if (name is null || patch.ContainsKey(name) || target[name] is not JsonArray list) continue;
            if (value is not JsonArray) throw Malformed($"{directive} must be a list");
            var order = patch[Order + name] as JsonArray;
            if (schema?.Fields.GetValueOrDefault(name)?.Rules.MergeKey is { } key) Set(target, name, Entries(list, [], key, order, null));
            else Set(target, name, Values(list, [], patch[Remove + name] as JsonArray, order));
        }
    }

    /// <summary>Lists of objects, paired by the value of their merge key.</summary>
    private static JsonArray Entries(JsonArray current, JsonArray changes, string key, JsonArray? order, WireType? element)
    {
        var entries = current.Select(entry => entry!.DeepClone().AsObject()).ToList();
        var patches = changes.Select(change => change as JsonObject ?? throw Malformed($"an entry of a list with merge key {key} is not an object")).ToList();
        if (patches.Any(patch => Text(patch, Directive) == "replace" && patch.Count == 1))
            entries.Clear(); // {"$patch":"replace"} alone: the other entries are the whole list
        foreach (var patch in patches.Where(patch => !(Text(patch, Directive) == "replace" && patch.Count == 1)))
        {
            var id = Id(patch, key) ?? throw Malformed($"map: {patch.ToJsonString()} does not contain declared merge key: {key}");
            var at = entries.FindIndex(entry => Id(entry, key) == id);
            if (Text(patch, Directive) == "delete") entries.RemoveAll(entry => Id(entry, key) == id);
            else if (at >= 0) entries[at] = Object(entries[at], patch, element);
            else entries.Add(Object([], patch, element));
        }
        return Ordered(entries, entry => Id(entry, key)!, order?.Select(entry => entry is JsonObject obj ? Id(obj, key) : null));
    }

    /// <summary>Lists of texts or numbers, as sets.</summary>
    private static JsonArray Values(JsonArray current, JsonArray additions, JsonArray? removals, JsonArray? order)
    {
        var values = current.Concat(additions).Select(value => value!.DeepClone()).DistinctBy(value => value.ToJsonString())
            .Where(value => removals?.Any(removal => JsonNode.DeepEquals(removal, value)) != true).ToList();
        return Ordered(values, value => value.ToJsonString(), order?.Select(value => value?.ToJsonString()));
    }

    /// <summary>
    /// Entries that the order names stand in that order; the others keep their place after the named entry that they
    /// followed before.
    /// </summary>
    private static JsonArray Ordered<T>(List<T> entries, Func<T, string> id, IEnumerable<string?>? order) where T : JsonNode
    {
        if (order is null) return new JsonArray(entries.ToArray<JsonNode?>());
        var rank = order.Select((name, i) => (name, i)).Where(pair => pair.name is not null).DistinctBy(pair => pair.name).ToDictionary(pair => pair.name!, pair => pair.i);
        var last = -1;
        var ranked = entries.Select(entry => (Entry: entry, Rank: last = rank.TryGetValue(id(entry), out var own) ? own : last)).ToList();
        // OrderBy is stable; a named entry comes before those that merely follow it.
        return new JsonArray(ranked.OrderBy(pair => pair.Rank).ThenBy(pair => rank.ContainsKey(id(pair.Entry)) ? 0 : 1).Select(pair => (JsonNode?)pair.Entry).ToArray());
    }

    /// <summary>Of a union (volume source, strategy) only the members named stay.</summary>
    private static void Retain(JsonObject target, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var value)) return;
        if (value is not JsonArray keys) throw Malformed($"{RetainKeys} must be a list");
        var retained = keys.Select(key => key is JsonValue text && text.TryGetValue<string>(out var name) ? name : throw Malformed($"{RetainKeys} must hold texts")).ToHashSet();
        foreach (var name in target.Select(pair => pair.Key).Where(name => !retained.Contains(name)).ToList()) target.Remove(name);
    }

    private static JsonObject Plain(JsonObject patch)
    {
        var plain = patch.DeepClone().AsObject();
        foreach (var name in plain.Select(pair => pair.Key).Where(IsDirective).ToList()) plain.Remove(name);
        return plain;
    }

    private static void Set(JsonObject target, string name, JsonNode value)
    {
        if (!ReferenceEquals(target[name], value)) target[name] = value;
    }

    private static string? Id(JsonObject entry, string key) => entry[key]?.ToJsonString();

    private static string? Text(JsonObject obj, string name) => obj[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool IsDirective(string name) => name.StartsWith('$');

    private static StatusException Malformed(string why) => StatusException.BadRequest(why);
}
