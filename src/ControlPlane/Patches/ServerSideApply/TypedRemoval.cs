using System.Text.Json;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>Takes a set of fields out of a value.</summary>
internal static class TypedRemoval
{
    /// <summary>Writes what is left. A map or list that loses everything stays, empty, unless the set has it too.</summary>
    /// <param name="fields">Below the value: the value itself stays.</param>
    public static void Write(Utf8JsonWriter writer, MergeSchema? schema, JsonElement value, FieldSet fields)
    {
        if (!fields.HasChildren || schema is null) value.WriteTo(writer);
        else if (schema.Shape is MergeShape.Object or MergeShape.Map && value.ValueKind == JsonValueKind.Object) Map(writer, schema, value, fields);
        else if (schema.Shape is MergeShape.List or MergeShape.Set && value.ValueKind == JsonValueKind.Array) List(writer, schema, value, fields);
        else value.WriteTo(writer);
    }

    private static void Map(Utf8JsonWriter writer, MergeSchema schema, JsonElement map, FieldSet fields)
    {
        writer.WriteStartObject();
        foreach (var property in map.EnumerateObject())
        {
            var element = PathElement.Field(property.Name);
            var child = fields.Child(element);
            if (child.Owned) continue;
            writer.WritePropertyName(property.Name);
            Write(writer, TypedValue.Below(schema, element), property.Value, child);
        }
        writer.WriteEndObject();
    }

    private static void List(Utf8JsonWriter writer, MergeSchema schema, JsonElement list, FieldSet fields)
    {
        writer.WriteStartArray();
        foreach (var (name, value) in TypedValue.Entries(schema, list))
        {
            var child = fields.Child(name);
            if (!child.Owned) Write(writer, schema.Element, value, child);
        }
        writer.WriteEndArray();
    }
}
