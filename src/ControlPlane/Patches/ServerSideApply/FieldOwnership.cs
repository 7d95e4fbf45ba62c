using System.Text.Json;
using KubeApi.Objects;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>
/// Who manages which field after a write that is no apply: the writer takes what it set or changed, from all others, and
/// what it removed belongs to nobody (KEP-555; merge.Updater of structured-merge-diff).
/// </summary>
internal static class FieldOwnership
{
    /// <summary>Entries of updates that are kept apart; older ones are merged.</summary>
    private const int MostUpdates = 10;

    /// <summary>The entries of a new object.</summary>
    /// <param name="created">What the client sent, with its defaults and without what the server alone sets.</param>
    public static IReadOnlyList<ManagedFieldsEntry>? OfCreated(MergeSchema schema, JsonElement created, FieldManager manager, DateTime now)
    {
        var fields = Comparison.Of(schema, NoFields, created).Added;
        return ManagedFields.Write([new OwnedFields(manager, fields, now)], null);
    }

    /// <summary>The entries of an object after an update; the same list if nothing changed.</summary>
    /// <param name="entries">Those that hold before; with none at all nobody keeps account of this object.</param>
    public static IReadOnlyList<ManagedFieldsEntry>? AfterUpdate(MergeSchema schema, JsonElement old, JsonElement updated,
        IReadOnlyList<ManagedFieldsEntry>? entries, FieldManager manager, DateTime now)
    {
        if (entries is null or { Count: 0 }) return null;
        var comparison = Comparison.Of(schema, old, updated);
        if (comparison.IsSame) return entries;
        var owned = ReadOrNone(entries);
        Take(owned, comparison, manager, now);
        Cap(owned);
        return ManagedFields.Write(owned, entries);
    }

    /// <summary>What an object that this server stored says; an account that cannot be read counts as none.</summary>
    public static List<OwnedFields> ReadOrNone(IReadOnlyList<ManagedFieldsEntry>? entries)
    {
        try { return ManagedFields.Read(entries); }
        catch (FormatException) { return []; }
    }

    /// <summary>
    /// Which entries a write starts from: the client's if it sent some that make sense, none if it resets them, and else
    /// those that are stored, so that nobody loses them by not knowing of them.
    /// </summary>
    public static IReadOnlyList<ManagedFieldsEntry>? Sent(IReadOnlyList<ManagedFieldsEntry>? sent, IReadOnlyList<ManagedFieldsEntry>? stored)
    {
        if (sent is null or { Count: 0 } || ReferenceEquals(sent, stored)) return stored;
        if (ManagedFields.IsReset(sent)) return null;
        try
        {
            // Written anew, in our own form and order.
            var written = ManagedFields.Write(ManagedFields.Read(sent).ConvertAll(entry => entry with { Original = null }), null);
            return written is null || stored is not null && written.SequenceEqual(stored) ? stored : written;
        }
        catch (FormatException)
        {
            return stored;
        }
    }

    private static void Take(List<OwnedFields> owned, Comparison comparison, FieldManager manager, DateTime now)
    {
        var taken = comparison.Taken;
        for (var i = 0; i < owned.Count; i++)
        {
            var lost = owned[i].Manager.IsSame(manager) ? comparison.Removed : comparison.Removed.Union(taken);
            owned[i] = owned[i].With(owned[i].Fields.Difference(lost));
        }
        if (taken.IsEmpty) return;
        var own = owned.FindIndex(entry => entry.Manager.IsSame(manager));
        if (own < 0) owned.Add(new OwnedFields(manager, taken, now));
        else owned[own] = owned[own].With(owned[own].Fields.Union(taken)).At(now);
    }

    /// <summary>Merges the oldest updates of a version into one entry until there are few enough.</summary>
    private static void Cap(List<OwnedFields> owned)
    {
        owned.RemoveAll(entry => entry.Fields.IsEmpty);
        var updates = owned.Where(entry => !entry.Manager.Applies).OrderBy(entry => ManagedFields.Seconds(entry.Time)).ThenBy(entry => entry.Manager.Name, StringComparer.Ordinal).ToList();
        var count = updates.Count;
        var ancient = new Dictionary<string, OwnedFields>();
        foreach (var entry in updates)
        {
            if (count <= MostUpdates) return;
            var version = entry.Manager.ApiVersion;
            if (!ancient.TryGetValue(version, out var before))
            {
                ancient[version] = entry;
                continue;
            }
            owned.RemoveAll(other => ReferenceEquals(other, entry) || ReferenceEquals(other, before));
            ancient[version] = new OwnedFields(new FieldManager(FieldManager.AncientChanges, false, version, ""), before.Fields.Union(entry.Fields), entry.Time);
            owned.Add(ancient[version]);
            count--;
        }
    }

    public static readonly JsonElement NoFields = JsonElement.Parse("{}");
}
