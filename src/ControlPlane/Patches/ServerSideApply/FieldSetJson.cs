using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using KubeApi;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>Field sets in their form on the wire: an object per node, <c>"."</c> for the node itself where it has others below it.</summary>
internal static class FieldSetJson
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Equal values share one instance, so each is read once for as long as any object has it.</summary>
    private static readonly ConditionalWeakTable<FieldsV1, FieldSet> Known = [];

    /// <exception cref="FormatException">The JSON is no set of fields.</exception>
    public static FieldSet Read(FieldsV1 fields)
    {
        if (Known.TryGetValue(fields, out var known)) return known;
        var set = Parse(fields).WithOwned(false);
        Known.AddOrUpdate(fields, set);
        return set;
    }

    private static FieldSet Parse(FieldsV1 fields)
    {
        try { return Node(JsonElement.Parse(fields.Json)); }
        catch (JsonException e) { throw new FormatException(e.Message, e); } // nested too deep
    }

    public static FieldsV1 Write(FieldSet set)
    {
        var json = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(json, Writing)) Write(writer, set);
        var fields = FieldsV1.Of(json.WrittenSpan);
        if (!Known.TryGetValue(fields, out _)) Known.AddOrUpdate(fields, set); // looking needs no lock
        return fields;
    }

    private static FieldSet Node(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new FormatException($"a set of fields is an object, not {json.ValueKind}");
        var below = new Dictionary<string, FieldSet>();
        var owned = false;
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name == ".") { owned = true; continue; }
            var name = PathElement.Parse(property.Name);
            var child = Node(property.Value);
            if (child.IsEmpty) child = FieldSet.Leaf;
            below[name] = below.TryGetValue(name, out var other) ? other.Union(child) : child;
        }
        return FieldSet.Of(owned, below);
    }

    private static void Write(Utf8JsonWriter writer, FieldSet set)
    {
        writer.WriteStartObject();
        if (set is { Owned: true, HasChildren: true })
        {
            writer.WriteStartObject(".");
            writer.WriteEndObject();
        }
        for (var i = 0; i < set.Count; i++)
        {
            var (name, child) = set[i];
            writer.WritePropertyName(name);
            Write(writer, child);
        }
        writer.WriteEndObject();
    }
}
