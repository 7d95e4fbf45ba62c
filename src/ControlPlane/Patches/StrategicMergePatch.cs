using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Schema;

namespace ControlPlane.Patches;

/// <summary>
/// Strategic merge patch: a merge patch that knows from the schema how lists merge (k8s.io/apimachinery
/// strategicpatch). Maps merge and null removes; lists of objects merge by their merge key, lists of scalars as sets,
/// where the schema says so, and are replaced otherwise. Directives: <c>$patch</c> (delete, replace, merge) in a map or
/// list entry, <c>$retainKeys</c>, <c>$setElementOrder/F</c>, <c>$deleteFromPrimitiveList/F</c>. None of them is stored.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch", Retain = "$retainKeys", Order = "$setElementOrder/", DeleteScalars = "$deleteFromPrimitiveList/";

    /// <summary>The patched object; the arguments stay as they are.</summary>
    /// <param name="record">The type whose schema holds for the object.</param>
    /// <exception cref="PatchException">The patch is malformed.</exception>
    public static JsonObject Apply(JsonObject current, JsonObject patch, Type record) =>
        Map(current, patch, new WireType(WireShape.Object, record));

    private static JsonObject Map(JsonObject? current, JsonObject patch, WireType? type)
    {
        switch (DirectiveOf(patch))
        {
            case "replace": return Clean(patch);
            case "delete": return [];
            case "merge" or null: break;
            case var other: throw new PatchException($"unknown patch type: {other}");
        }
        var result = (JsonObject?)current?.DeepClone() ?? [];
        if (patch[Retain] is JsonArray kept) RetainKeys(result, patch, kept);
        foreach (var (name, change) in patch)
        {
            if (name.StartsWith('$')) continue;
            var field = type?.Shape == WireShape.Object ? type.Schema.Fields.GetValueOrDefault(name) : null;
            var inner = field?.Type ?? (type?.Shape == WireShape.Map ? type.Element : null);
            if (change is null) result.Remove(name);
            else if (change is JsonObject whole && field?.Rules.Patch.HasFlag(PatchStrategy.Replace) == true) result[name] = Clean(whole);
            else if (change is JsonObject map) result[name] = Map(result[name] as JsonObject, map, inner);
            else if (change is JsonArray list) result[name] = List(result[name] as JsonArray, list, field, patch[Order + name] as JsonArray);
            else result[name] = change.DeepClone();
        }
        foreach (var (name, value) in patch) ApplyListDirective(result, name, value, patch, type);
        return result;
    }

    /// <summary>Directives that concern a list which the patch itself may leave out.</summary>
    private static void ApplyListDirective(JsonObject result, string name, JsonNode? value, JsonObject patch, WireType? type)
    {
        if (name.StartsWith(DeleteScalars, StringComparison.Ordinal) && value is JsonArray unwanted && result[name[DeleteScalars.Length..]] is JsonArray scalars)
        {
            var gone = unwanted.Select(Text).ToHashSet();
            result[name[DeleteScalars.Length..]] = new JsonArray(scalars.Where(scalar => !gone.Contains(Text(scalar))).Select(scalar => scalar?.DeepClone()).ToArray());
        }
        else if (name.StartsWith(Order, StringComparison.Ordinal) && value is JsonArray order && name[Order.Length..] is var list && result[list] is JsonArray items
            && !patch.ContainsKey(list) && type?.Shape == WireShape.Object)
        {
            result[list] = Sort(items, order, type.Schema.Fields.GetValueOrDefault(list)?.Rules.MergeKey, new HashSet<string>());
        }
    }

    private static void RetainKeys(JsonObject result, JsonObject patch, JsonArray kept)
    {
        var names = kept.Select(name => name?.GetValue<string>() ?? "").ToHashSet();
        if (patch.FirstOrDefault(pair => pair.Value is not null && !pair.Key.StartsWith('$') && !names.Contains(pair.Key)).Key is { } stray)
            throw new PatchException($"$retainKeys lacks \"{stray}\", which the patch sets");
        foreach (var name in result.Select(pair => pair.Key).Where(name => !names.Contains(name)).ToList()) result.Remove(name);
    }

    private static JsonArray List(JsonArray? current, JsonArray patch, FieldSchema? field, JsonArray? order)
    {
        if (field is null || !field.Rules.Patch.HasFlag(PatchStrategy.Merge)) return (JsonArray)CleanNode(patch)!;
        if (order is not null) RequireOrder(patch, order, field.Rules.MergeKey);
        if (field.Rules.MergeKey is { } key) return MergeByKey(current, patch, field, key, order);
        var union = (JsonArray?)current?.DeepClone() ?? [];
        var before = union.Select(Text).ToHashSet();
        var known = before.ToHashSet();
        foreach (var scalar in patch.Where(scalar => known.Add(Text(scalar)))) union.Add(scalar?.DeepClone());
        return order is null ? union : Sort(union, order, null, before);
    }

    /// <summary>A client that gives an order knows its whole list: what it changes stands in the order, and in that order.</summary>
    private static void RequireOrder(JsonArray patch, JsonArray order, string? key)
    {
        if (order.Count == 0) return;
        string Identity(JsonNode? entry) => Text(key is null ? entry : (entry as JsonObject)?[key]);
        var next = 0;
        foreach (var entry in patch)
        {
            if (entry is JsonObject map && (map.ContainsKey(Directive) || key is not null && !map.ContainsKey(key))) continue;
            while (next < order.Count && Identity(order[next]) != Identity(entry)) next++;
            if (next++ == order.Count)
                throw new PatchException($"The order in patch list:\n{GoText.Format(patch)}\n doesn't match $setElementOrder list:\n{GoText.Format(order)}\n");
        }
    }

    private static JsonArray MergeByKey(JsonArray? current, JsonArray patch, FieldSchema field, string key, JsonArray? order)
    {
        var changes = patch.Select(entry => entry as JsonObject ?? throw new PatchException($"an entry of {field.Name} is not an object")).ToList();
        // A whole list is replaced by an entry that says only that.
        if (changes.Any(change => change.Count == 1 && DirectiveOf(change) == "replace"))
            return (JsonArray)CleanNode(new JsonArray(changes.Where(change => change[Directive] is null).Select(JsonNode? (change) => change.DeepClone()).ToArray()))!;
        var entries = (current ?? []).Select(entry => entry?.DeepClone()).ToList();
        var places = new Dictionary<string, int>(); // a patch may name very many entries
        for (var i = 0; i < entries.Count; i++) places.TryAdd(Text(entries[i]?[key]), i);
        var (before, gone) = (places.Keys.ToHashSet(), new HashSet<int>());
        foreach (var change in changes)
        {
            var name = Text(change[key] ?? throw new PatchException($"map: {change.ToJsonString()} does not contain declared merge key: {key}"));
            if (DirectiveOf(change) == "delete")
            {
                if (places.Remove(name, out var last)) gone.Add(last);
            }
            else if (places.TryGetValue(name, out var index)) entries[index] = Map(entries[index] as JsonObject, change, field.Type.Element);
            else
            {
                places[name] = entries.Count;
                entries.Add(Map(null, change, field.Type.Element));
            }
        }
        var result = new JsonArray(entries.Where((_, i) => !gone.Contains(i)).ToArray());
        return order is null ? result : Sort(result, order, key, before);
    }

    /// <summary>
    /// Entries named in <paramref name="order"/> stand in that order. Those that are not (set by others, unknown to the
    /// client) stay behind the entry that they stood behind.
    /// </summary>
    private static JsonArray Sort(JsonArray list, JsonArray order, string? key, IReadOnlySet<string> before)
    {
        string Identity(JsonNode? entry) => Text(key is null ? entry : entry?[key]);
        var rank = order.Select((entry, index) => (Id: Identity(entry), index)).DistinctBy(pair => pair.Id).ToDictionary(pair => pair.Id, pair => pair.index);
        var entries = list.Select(entry => (Id: Identity(entry), Node: entry?.DeepClone())).ToList();
        var sorted = new LinkedList<JsonNode?>();
        var places = new Dictionary<string, LinkedListNode<JsonNode?>>();
        foreach (var (id, node) in entries.Where(entry => rank.ContainsKey(entry.Id)).OrderBy(entry => rank[entry.Id])) places.TryAdd(id, sorted.AddLast(node));
        string? behind = null;
        foreach (var (id, node) in entries)
        {
            if (!rank.ContainsKey(id)) places.TryAdd(id, behind is not null && places.TryGetValue(behind, out var place) ? sorted.AddAfter(place, node) : sorted.AddFirst(node));
            if (before.Count == 0 || before.Contains(id)) behind = id;
        }
        return new JsonArray(sorted.ToArray());
    }

    private static string? DirectiveOf(JsonObject patch) => patch[Directive] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        var other => throw new PatchException($"unknown patch type: {other.ToJsonString()}"),
    };

    private static JsonObject Clean(JsonObject patch) => (JsonObject)CleanNode(patch)!;

    /// <summary>A copy without directives and without nulls: what the patch says where there is nothing to merge with.</summary>
    private static JsonNode? CleanNode(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(pair => !pair.Key.StartsWith('$') && pair.Value is not null)
            .Select(pair => KeyValuePair.Create(pair.Key, CleanNode(pair.Value)))),
        JsonArray list => new JsonArray(list.Select(CleanNode).ToArray()),
        _ => node?.DeepClone(),
    };

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "null";
}
