using System.Text.Json;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>What differs between two versions of a value, by field (typed.Comparison of structured-merge-diff).</summary>
/// <param name="Added">Set in the new version only.</param>
/// <param name="Modified">Another value in the new version.</param>
/// <param name="Removed">Set in the old version only.</param>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public static readonly Comparison Same = new(FieldSet.Empty, FieldSet.Empty, FieldSet.Empty);

    private static readonly Comparison AddedLeaf = Same with { Added = FieldSet.Leaf };
    private static readonly Comparison ModifiedLeaf = Same with { Modified = FieldSet.Leaf };
    private static readonly Comparison RemovedLeaf = Same with { Removed = FieldSet.Leaf };
    private static readonly JsonElement NoFields = JsonElement.Parse("{}");

    /// <summary>Few fields are looked up one by one, more of them by a dictionary.</summary>
    private const int Few = 12;

    public bool IsSame => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;

    /// <summary>What a writer took: set anew or to another value.</summary>
    public FieldSet Taken => Added.Union(Modified);

    /// <param name="old">May be absent, but not together with <paramref name="updated"/>.</param>
    public static Comparison Of(MergeSchema schema, JsonElement old, JsonElement updated)
    {
        if (!old.IsAbsent() && !updated.IsAbsent() && TypedValue.SameText(old, updated)) return Same;
        switch (schema.Shape)
        {
            case MergeShape.Object or MergeShape.Map when old.HasFields() || updated.HasFields():
                return Map(schema, old, updated);
            case MergeShape.List or MergeShape.Set when old.HasEntries() || updated.HasEntries():
                return List(schema, old, updated);
            default:
                return Whole(old, updated);
        }
    }

    private static Comparison Whole(JsonElement old, JsonElement updated) =>
        old.IsAbsent() ? AddedLeaf : updated.IsAbsent() ? RemovedLeaf : TypedValue.Same(old, updated) ? Same : ModifiedLeaf;

    private static Comparison Map(MergeSchema schema, JsonElement old, JsonElement updated)
    {
        var found = new Parts(old, updated);
        if (old.ValueKind == JsonValueKind.Object)
        {
            var after = new Lookup(updated);
            foreach (var property in old.EnumerateObject())
            {
                var name = property.Name;
                Field(schema, name, property.Value, after.Find(name), ref found);
            }
        }
        if (updated.ValueKind == JsonValueKind.Object)
        {
            var before = new Lookup(old);
            foreach (var property in updated.EnumerateObject())
            {
                var name = property.Name;
                if (before.Find(name).IsAbsent()) Field(schema, name, default, property.Value, ref found);
            }
        }
        return found.Build();
    }

    private static void Field(MergeSchema schema, string name, JsonElement old, JsonElement updated, ref Parts found)
    {
        var field = schema.Fields.GetValueOrDefault(name);
        if (field?.Unowned == true) return;
        var inner = field?.Schema ?? (schema.Shape == MergeShape.Map ? schema.Element : null);
        if (field?.AlwaysThere == true && inner!.Shape is MergeShape.Object or MergeShape.List)
        {
            if (old.IsAbsent() && (updated.HasFields() || updated.HasEntries())) old = NoFields;
            if (updated.IsAbsent() && (old.HasFields() || old.HasEntries())) updated = NoFields;
        }
        found.Add(field?.Element ?? PathElement.Field(name), inner is null ? Whole(old, updated) : Of(inner, old, updated));
    }

    /// <summary>Finds the fields of a map by their names.</summary>
    private readonly struct Lookup
    {
        private readonly JsonElement map;
        private readonly Dictionary<string, JsonElement>? values;

        public Lookup(JsonElement map)
        {
            this.map = map;
            if (map.ValueKind != JsonValueKind.Object || map.GetPropertyCount() <= Few) return;
            values = [];
            foreach (var property in map.EnumerateObject()) values[property.Name] = property.Value;
        }

        public JsonElement Find(string name) => values is not null ? values.GetValueOrDefault(name)
            : map.ValueKind == JsonValueKind.Object && map.TryGetProperty(name, out var value) ? value : default;
    }

    private static Comparison List(MergeSchema schema, JsonElement old, JsonElement updated)
    {
        var found = new Parts(old, updated);
        var before = TypedValue.Entries(schema, old).ToLookup(entry => entry.Name, entry => entry.Value);
        var after = TypedValue.Entries(schema, updated).ToLookup(entry => entry.Name, entry => entry.Value);
        foreach (var entry in before) found.Add(entry.Key, Entry(schema, [.. entry], [.. after[entry.Key]]));
        foreach (var entry in after)
            if (!before.Contains(entry.Key)) found.Add(entry.Key, Entry(schema, [], [.. entry]));
        return found.Build();
    }

    /// <summary>Entries that stand more than once are compared as they are.</summary>
    private static Comparison Entry(MergeSchema schema, JsonElement[] old, JsonElement[] updated)
    {
        if (old.Length <= 1 && updated.Length <= 1) return Of(schema.Element, old.FirstOrDefault(), updated.FirstOrDefault());
        if (old.Length == 0) return AddedLeaf;
        if (updated.Length == 0) return RemovedLeaf;
        return old.Length == updated.Length && old.Zip(updated).All(pair => TypedValue.Same(pair.First, pair.Second)) ? Same : ModifiedLeaf;
    }

    /// <summary>Collects the differences below a value; the value itself counts where one version has none.</summary>
    private struct Parts(JsonElement old, JsonElement updated)
    {
        private List<KeyValuePair<string, FieldSet>>? added, modified, removed;

        public void Add(string element, Comparison part)
        {
            if (!part.Added.IsEmpty) (added ??= []).Add(new(element, part.Added));
            if (!part.Modified.IsEmpty) (modified ??= []).Add(new(element, part.Modified));
            if (!part.Removed.IsEmpty) (removed ??= []).Add(new(element, part.Removed));
        }

        public readonly Comparison Build() => new(FieldSet.Of(old.IsAbsent(), added ?? []), FieldSet.Of(false, modified ?? []), FieldSet.Of(updated.IsAbsent(), removed ?? []));
    }
}
