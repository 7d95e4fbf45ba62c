using System.Buffers;
using System.Text.Json;
using KubeApi.Objects;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>
/// Server-side apply (KEP-555; merge.Updater of structured-merge-diff): merges a configuration into an object, takes out
/// what its manager applied before and now does not, and refuses to change what others manage. Pure functions.
/// </summary>
internal static class ServerSideApply
{
    /// <summary>The object after an apply, not yet defaulted, and who manages it.</summary>
    public sealed record Result(JsonElement Object, IReadOnlyList<ManagedFieldsEntry>? Entries);

    /// <param name="live">An empty object if there is none yet.</param>
    /// <param name="config">A valid value of the type, without the fields that this part of the object does not take.</param>
    /// <param name="force">Take fields from other managers.</param>
    /// <exception cref="ApplyConflictException">Others manage what would change.</exception>
    public static Result Apply(MergeSchema schema, JsonElement live, JsonElement config, IReadOnlyList<ManagedFieldsEntry>? entries, FieldManager manager, bool force, DateTime now)
    {
        var owned = entries is { Count: > 0 } ? FieldOwnership.ReadOrNone(entries) : BeforeFirstApply(schema, live, manager, now);
        var last = owned.Find(entry => entry.Manager.IsSame(manager));
        var applied = TypedValue.Fields(schema, config);
        var others = owned.Where(entry => entry != last).ToList();
        var merged = Parsed(writer => TypedMerge.Write(writer, schema, live, config));
        if (last is not null) merged = Pruned(schema, merged, last.Fields, others.Aggregate(applied, (all, entry) => all.Union(entry.Fields)));
        var comparison = Comparison.Of(schema, live, merged);
        if (!force && Conflicts(others, comparison.Taken) is { Count: > 0 } conflicts) throw new ApplyConflictException(conflicts);
        var lost = comparison.Taken.Union(comparison.Removed);
        owned = others.ConvertAll(entry => entry.With(entry.Fields.Difference(lost)));
        var unchanged = last is not null && comparison.IsSame && last.Fields.SetEquals(applied) && last.Manager == manager;
        owned.Add(unchanged ? last! : new OwnedFields(manager, applied, now));
        return new Result(merged, ManagedFields.Write(owned, entries));
    }

    /// <summary>An object that nobody kept account of belongs to those who wrote before.</summary>
    private static List<OwnedFields> BeforeFirstApply(MergeSchema schema, JsonElement live, FieldManager manager, DateTime now)
    {
        var before = new FieldManager(FieldManager.BeforeFirstApply, false, manager.ApiVersion, manager.Subresource);
        var fields = Comparison.Of(schema, FieldOwnership.NoFields, live).Added;
        return fields.IsEmpty ? [] : [new OwnedFields(before, fields, now)];
    }

    /// <summary>Without what the manager applied before and neither applies now nor anybody else manages.</summary>
    private static JsonElement Pruned(MergeSchema schema, JsonElement merged, FieldSet last, FieldSet managed)
    {
        last = TypedValue.WithNamedFields(schema, last);
        var all = Named(merged);
        // First everything that was applied goes; then what somebody manages comes back, and what was never applied.
        var left = Named(Without(merged, last)).Union(TypedValue.WithNamedFields(schema, managed));
        var pruned = Without(merged, all.Difference(left));
        return Without(merged, all.Difference(Named(pruned)).Intersection(last));

        FieldSet Named(JsonElement value) => TypedValue.WithNamedFields(schema, TypedValue.Fields(schema, value));
        JsonElement Without(JsonElement value, FieldSet fields) => Parsed(writer => TypedRemoval.Write(writer, schema, value, fields));
    }

    private static List<FieldConflict> Conflicts(List<OwnedFields> others, FieldSet taken) => others
        .SelectMany(entry => entry.Fields.Intersection(taken).Paths().Select(path => new FieldConflict(Name(entry), path)))
        .OrderBy(conflict => conflict.Manager, StringComparer.Ordinal).ToList();

    private static string Name(OwnedFields entry) => entry.Manager.ToString();

    private static JsonElement Parsed(Action<Utf8JsonWriter> write)
    {
        var json = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true })) write(writer);
        return JsonElement.Parse(json.WrittenSpan, new JsonDocumentOptions { MaxDepth = KubeApi.KubeJson.Options.MaxDepth });
    }
}
