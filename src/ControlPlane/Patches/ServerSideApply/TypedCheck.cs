using System.Text.Json;
using KubeApi.Schema;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>What is wrong with a configuration as a value of its type, in the words of structured-merge-diff.</summary>
internal static class TypedCheck
{
    /// <summary>One text per fault, with its path: <c>.spec.foo: field not declared in schema</c>.</summary>
    public static IReadOnlyList<string> Find(Type kind, JsonElement config)
    {
        var faults = new List<string>();
        Object(TypeSchema.Of(kind), config, "", faults);
        return faults;
    }

    private static void Value(WireType type, FieldAttribute? rules, JsonElement value, string path, List<string> faults)
    {
        if (value.ValueKind == JsonValueKind.Null || type.Shape == WireShape.Any) return;
        switch (type.Shape)
        {
            case WireShape.Object when Expect(value, JsonValueKind.Object, "map", path, faults):
                Object(type.Schema, value, path, faults);
                return;
            case WireShape.Map when Expect(value, JsonValueKind.Object, "map", path, faults):
                foreach (var property in value.EnumerateObject()) Value(type.Element!, null, property.Value, $"{path}.{property.Name}", faults);
                return;
            case WireShape.List when Expect(value, JsonValueKind.Array, "list", path, faults):
                List(type, rules, value, path, faults);
                return;
            case WireShape.Number when value.ValueKind != JsonValueKind.Number:
                faults.Add($"{path}: expected numeric (int or float), got {Describe(value)}");
                return;
            case WireShape.Flag when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                faults.Add($"{path}: expected boolean, got {Describe(value)}");
                return;
            case WireShape.Text or WireShape.Bytes or WireShape.Time or WireShape.MicroTime:
                Expect(value, JsonValueKind.String, "string", path, faults);
                return;
        }
    }

    private static void Object(TypeSchema schema, JsonElement map, string path, List<string> faults)
    {
        foreach (var property in map.EnumerateObject())
        {
            if (schema.Fields.TryGetValue(property.Name, out var field)) Value(field.Type, field.Rules, property.Value, $"{path}.{property.Name}", faults);
            else faults.Add($"{path}.{property.Name}: field not declared in schema");
        }
    }

    private static void List(WireType type, FieldAttribute? rules, JsonElement list, string path, List<string> faults)
    {
        var merge = MergeSchema.Of(type, rules ?? new FieldAttribute(0));
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var entry in list.EnumerateArray())
        {
            var name = PathElement.ToText($"i:{index}");
            if (merge.Shape == MergeShape.List && merge.Keys.FirstOrDefault(key => key.Default is null && !Has(entry, key.Name)) is { } missing)
                faults.Add($"{path}: element {index}: associative list with keys has an element that omits key field \"{missing.Name}\" (and doesn't have default value)");
            else if (merge.Shape is MergeShape.List or MergeShape.Set)
            {
                var element = merge.Shape == MergeShape.Set ? PathElement.Value(entry) : PathElement.Keys(entry, merge.Keys);
                name = PathElement.ToText(element);
                if (!seen.Add(element)) faults.Add($"{path}: duplicate entries for key {name}");
            }
            Value(type.Element!, null, entry, path + name, faults);
            index++;
        }
    }

    private static bool Has(JsonElement entry, string key) => entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    private static bool Expect(JsonElement value, JsonValueKind kind, string name, string path, List<string> faults)
    {
        if (value.ValueKind == kind) return true;
        faults.Add($"{path}: expected {name}, got {Describe(value)}");
        return false;
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "map",
        JsonValueKind.Array => "list",
        _ => value.GetRawText() is { Length: > 60 } text ? text[..60] + "…" : value.GetRawText(),
    };
}
