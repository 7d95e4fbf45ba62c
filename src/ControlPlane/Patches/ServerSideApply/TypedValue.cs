using System.Runtime.InteropServices;
using System.Text.Json;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>What the walks over JSON values have in common. An absent value is an undefined <see cref="JsonElement"/>.</summary>
internal static class TypedValue
{
    public static bool IsAbsent(this JsonElement value) => value.ValueKind == JsonValueKind.Undefined;

    public static bool HasFields(this JsonElement value) => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().MoveNext();

    public static bool HasEntries(this JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0;

    /// <summary>Equal byte for byte, which is quick to see, or by meaning.</summary>
    public static bool Same(JsonElement a, JsonElement b) => SameText(a, b) || JsonElement.DeepEquals(a, b);

    public static bool SameText(JsonElement a, JsonElement b) => JsonMarshal.GetRawUtf8Value(a).SequenceEqual(JsonMarshal.GetRawUtf8Value(b));

    /// <summary>The path element of each entry of a list or set, in order.</summary>
    public static List<(string Name, JsonElement Value)> Entries(MergeSchema schema, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array) return [];
        var entries = new List<(string, JsonElement)>(list.GetArrayLength());
        foreach (var entry in list.EnumerateArray())
            entries.Add((schema.Shape == MergeShape.Set ? PathElement.Value(entry) : PathElement.Keys(entry, schema.Keys), entry));
        return entries;
    }

    /// <summary>The schema of what a path element leads to.</summary>
    public static MergeSchema? Below(MergeSchema schema, string element) => schema.Shape switch
    {
        MergeShape.Object => element.StartsWith("f:", StringComparison.Ordinal) ? schema.Fields.GetValueOrDefault(element[2..])?.Schema : null,
        MergeShape.Atomic => null,
        _ => schema.Element,
    };

    /// <summary>All fields that a value sets. Fields that nobody can own are left out.</summary>
    public static FieldSet Fields(MergeSchema schema, JsonElement value) => schema.Shape switch
    {
        MergeShape.Atomic => FieldSet.Leaf,
        MergeShape.Object or MergeShape.Map => value.ValueKind == JsonValueKind.Object ? MapFields(schema, value) : FieldSet.Empty,
        _ => ListFields(schema, value),
    };

    private static FieldSet MapFields(MergeSchema schema, JsonElement map)
    {
        var below = new List<KeyValuePair<string, FieldSet>>();
        foreach (var property in map.EnumerateObject())
        {
            var field = schema.Fields.GetValueOrDefault(property.Name);
            if (field?.Unowned == true) continue;
            var inner = field?.Schema ?? (schema.Shape == MergeShape.Map ? schema.Element : null);
            var child = inner is null ? FieldSet.Leaf : Fields(inner, property.Value);
            var isEmpty = property.Value.ValueKind == JsonValueKind.Null || property.Value.ValueKind == JsonValueKind.Object && !property.Value.HasFields();
            below.Add(new(PathElement.Field(property.Name), child.WithOwned(child.Owned || isEmpty || field is null)));
        }
        return FieldSet.Of(false, below);
    }

    /// <summary>An entry that stands more than once is owned as it is, without what is in it.</summary>
    private static FieldSet ListFields(MergeSchema schema, JsonElement list) => FieldSet.Of(false, Entries(schema, list).GroupBy(entry => entry.Name)
        .Select(group => new KeyValuePair<string, FieldSet>(group.Key, group.Count() > 1 ? FieldSet.Leaf : Fields(schema.Element, group.First().Value).WithOwned(true))).ToList());

    /// <summary>
    /// The set with every named field of an object in it below which the set has something: a field that is made of
    /// nothing but owned fields goes as a whole when these go.
    /// </summary>
    public static FieldSet WithNamedFields(MergeSchema? schema, FieldSet set)
    {
        if (!set.HasChildren || schema is null) return set;
        var below = new List<KeyValuePair<string, FieldSet>>(set.Count);
        for (var i = 0; i < set.Count; i++)
        {
            var (name, child) = set[i];
            var inner = Below(schema, name);
            below.Add(new(name, WithNamedFields(inner, child).WithOwned(child.Owned || schema.Shape == MergeShape.Object && inner is not null)));
        }
        return FieldSet.Of(set.Owned, below);
    }
}
