using System.Text.Json;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>Merges a configuration into an object: what the configuration sets wins, everything else stays.</summary>
internal static class TypedMerge
{
    /// <summary>The place of an entry that the object has more than once: the configured one replaces them all.</summary>
    private const int Twice = -1;

    /// <summary>Writes the merged value.</summary>
    /// <param name="live">May be absent, but not together with <paramref name="config"/>.</param>
    public static void Write(Utf8JsonWriter writer, MergeSchema schema, JsonElement live, JsonElement config)
    {
        if (config.IsAbsent()) live.WriteTo(writer);
        else if (live.IsAbsent()) config.WriteTo(writer);
        else if (schema.Shape is MergeShape.Object or MergeShape.Map && live.HasFields()) Map(writer, schema, live, config);
        else if (schema.Shape is MergeShape.List or MergeShape.Set && live.HasEntries()) List(writer, schema, live, config);
        else config.WriteTo(writer);
    }

    private static void Map(Utf8JsonWriter writer, MergeSchema schema, JsonElement live, JsonElement config)
    {
        var changes = new Dictionary<string, JsonElement>();
        if (config.ValueKind == JsonValueKind.Object)
            foreach (var property in config.EnumerateObject()) changes[property.Name] = property.Value;
        writer.WriteStartObject();
        foreach (var property in live.EnumerateObject())
        {
            writer.WritePropertyName(property.Name);
            changes.Remove(property.Name, out var change);
            Child(writer, schema, property.Name, property.Value, change);
        }
        foreach (var (name, value) in changes)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private static void Child(Utf8JsonWriter writer, MergeSchema schema, string name, JsonElement live, JsonElement config)
    {
        var inner = schema.Shape == MergeShape.Map ? schema.Element : schema.Fields.GetValueOrDefault(name)?.Schema;
        if (inner is not null) Write(writer, inner, live, config);
        else (config.IsAbsent() ? live : config).WriteTo(writer);
    }

    /// <summary>
    /// Entries of both come in the configuration's order; those of the object alone stay where they are relative to
    /// their neighbours, and before what is new.
    /// </summary>
    private static void List(Utf8JsonWriter writer, MergeSchema schema, JsonElement live, JsonElement config)
    {
        var old = TypedValue.Entries(schema, live);
        var wanted = TypedValue.Entries(schema, config);
        var configured = wanted.Select(entry => entry.Name).ToHashSet();
        var places = new Dictionary<string, int>();
        for (var i = 0; i < old.Count; i++)
            if (!places.TryAdd(old[i].Name, i)) places[old[i].Name] = Twice;
        var shared = wanted.Where(entry => places.ContainsKey(entry.Name)).Select(entry => entry.Name).ToList();
        writer.WriteStartArray();
        var (next, nextShared) = (0, 0);
        foreach (var (name, value) in wanted)
        {
            WriteOld(until: nextShared < shared.Count ? shared[nextShared] : null);
            if (nextShared < shared.Count && shared[nextShared] == name) nextShared++;
            if (places.TryGetValue(name, out var place) && place != Twice) Write(writer, schema.Element, old[place].Value, value);
            else value.WriteTo(writer);
        }
        WriteOld(until: null);
        writer.WriteEndArray();

        void WriteOld(string? until)
        {
            for (; next < old.Count && old[next].Name != until; next++)
                if (!configured.Contains(old[next].Name)) old[next].Value.WriteTo(writer);
        }
    }
}
