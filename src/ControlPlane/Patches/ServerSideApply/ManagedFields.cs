using KubeApi.Objects;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>metadata.managedFields as it is stored, and what it says.</summary>
internal static class ManagedFields
{
    private const string FieldsType = "FieldsV1";

    /// <exception cref="FormatException">An entry says nothing that makes sense.</exception>
    public static List<OwnedFields> Read(IReadOnlyList<ManagedFieldsEntry>? entries)
    {
        var read = new List<OwnedFields>(entries?.Count + 1 ?? 1);
        var known = new HashSet<FieldManager>(); // clients send as many entries as a body holds
        foreach (var entry in entries ?? [])
        {
            if (entry.Operation is not (FieldManager.Apply or FieldManager.Update)) throw new FormatException("operation must be `Apply` or `Update`");
            if (string.IsNullOrEmpty(entry.ApiVersion)) throw new FormatException("apiVersion must not be empty");
            if (entry.FieldsType != FieldsType) throw new FormatException($"invalid fieldsType: {entry.FieldsType}");
            var manager = new FieldManager(string.IsNullOrEmpty(entry.Manager) ? "unknown" : entry.Manager, entry.Operation == FieldManager.Apply, entry.ApiVersion, entry.Subresource ?? "");
            var fields = entry.FieldsV1 is null ? FieldSet.Empty : FieldSetJson.Read(entry.FieldsV1);
            if (!known.Add(manager.Applies ? manager with { ApiVersion = "" } : manager)) throw new FormatException($"more than one entry of {manager}");
            read.Add(new OwnedFields(manager, fields, entry.Time, entry));
        }
        return read;
    }

    /// <summary>Null where nobody owns anything; the very list that was read if nothing changed.</summary>
    public static IReadOnlyList<ManagedFieldsEntry>? Write(List<OwnedFields> owned, IReadOnlyList<ManagedFieldsEntry>? read)
    {
        owned.RemoveAll(entry => entry.Fields.IsEmpty);
        if (owned.Count == 0) return null;
        owned.Sort(Order);
        var entries = owned.ConvertAll(Entry);
        return read is not null && entries.SequenceEqual(read, ReferenceEqualityComparer.Instance) ? read : entries;
    }

    /// <summary>Entries of the same managers with the same fields, whenever they were written.</summary>
    public static bool SameButForTimes(IReadOnlyList<ManagedFieldsEntry>? a, IReadOnlyList<ManagedFieldsEntry>? b)
    {
        if (ReferenceEquals(a, b)) return true;
        if ((a?.Count ?? 0) != (b?.Count ?? 0)) return false;
        var others = (b ?? []).Select(entry => entry with { Time = null }).ToHashSet();
        return (a ?? []).All(entry => others.Contains(entry with { Time = null }));
    }

    /// <summary>A client that understands managedFields empties it by a list of one empty entry; one that does not leaves it out or sends an empty list.</summary>
    public static bool IsReset(IReadOnlyList<ManagedFieldsEntry>? entries) => entries is [var only] && only == new ManagedFieldsEntry();

    /// <summary>Appliers first, then by time, name, version and subresource.</summary>
    private static int Order(OwnedFields a, OwnedFields b)
    {
        var (x, y) = (a.Manager, b.Manager);
        if (x.Applies != y.Applies) return x.Applies ? -1 : 1;
        var order = Seconds(a.Time).CompareTo(Seconds(b.Time));
        if (order == 0) order = string.CompareOrdinal(x.Name, y.Name);
        if (order == 0) order = string.CompareOrdinal(x.ApiVersion, y.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(x.Subresource, y.Subresource);
    }

    /// <summary>Times have whole seconds on the wire.</summary>
    public static long Seconds(DateTime? time) => (time?.Ticks ?? 0) / TimeSpan.TicksPerSecond;

    private static ManagedFieldsEntry Entry(OwnedFields owned) => owned.Original ?? new ManagedFieldsEntry
    {
        Manager = owned.Manager.Name, Operation = owned.Manager.Applies ? FieldManager.Apply : FieldManager.Update, ApiVersion = owned.Manager.ApiVersion,
        Subresource = owned.Manager.Subresource is { Length: > 0 } subresource ? subresource : null,
        Time = owned.Time, FieldsType = FieldsType, FieldsV1 = FieldSetJson.Write(owned.Fields),
    };
}
