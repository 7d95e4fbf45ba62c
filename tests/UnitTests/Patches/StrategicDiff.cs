using System.Text.Json.Nodes;
using KubeApi.Schema;

namespace UnitTests.Patches;

/// <summary>The strategic merge patch that leads from one version to another, as kubectl computes it (strategicpatch.CreateTwoWayMergePatch).</summary>
internal static class StrategicDiff
{
    public static JsonObject Between(JsonObject before, JsonObject after, WireType? type)
    {
        var patch = new JsonObject();
        foreach (var name in before.Select(pair => pair.Key).Union(after.Select(pair => pair.Key)))
        {
            var (old, now) = (before[name], after[name]);
            if (JsonNode.DeepEquals(old, now)) continue;
            var field = type?.Shape == WireShape.Object ? type.Schema.Fields.GetValueOrDefault(name) : null;
            if (now is null) patch[name] = null;
            else if (old is JsonObject oldMap && now is JsonObject nowMap) patch[name] = Between(oldMap, nowMap, field?.Type);
            else if (old is JsonArray oldList && now is JsonArray nowList && field?.Rules.Patch.HasFlag(PatchStrategy.Merge) == true) Lists(patch, name, oldList, nowList, field);
            else patch[name] = now.DeepClone();
        }
        return patch;
    }

    private static void Lists(JsonObject patch, string name, JsonArray before, JsonArray after, FieldSchema field)
    {
        if (field.Rules.MergeKey is not { } key)
        {
            patch[$"$setElementOrder/{name}"] = after.DeepClone();
            var gone = before.Where(item => !after.Any(other => JsonNode.DeepEquals(item, other))).ToList();
            var added = after.Where(item => !before.Any(other => JsonNode.DeepEquals(item, other))).ToList();
            if (gone.Count > 0) patch[$"$deleteFromPrimitiveList/{name}"] = new JsonArray(gone.Select(item => item?.DeepClone()).ToArray());
            if (added.Count > 0) patch[name] = new JsonArray(added.Select(item => item?.DeepClone()).ToArray());
            return;
        }
        patch[$"$setElementOrder/{name}"] = new JsonArray(after.Select(JsonNode? (item) => new JsonObject { [key] = item![key]!.DeepClone() }).ToArray());
        var changes = new JsonArray();
        foreach (var item in after.Select(item => item!.AsObject()))
        {
            var old = before.FirstOrDefault(other => JsonNode.DeepEquals(other![key], item[key]))?.AsObject();
            var change = old is null ? item.DeepClone().AsObject() : Between(old, item, field.Type.Element);
            if (change.Count == 0) continue;
            change[key] = item[key]!.DeepClone();
            changes.Add((JsonNode)change);
        }
        foreach (var item in before.Where(item => !after.Any(other => JsonNode.DeepEquals(other![key], item![key]))))
            changes.Add((JsonNode)new JsonObject { [key] = item![key]!.DeepClone(), ["$patch"] = "delete" });
        if (changes.Count > 0) patch[name] = changes;
    }
}
