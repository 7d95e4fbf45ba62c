using KubeApi.Objects;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>Who writes: two writes with equal ones share an entry in metadata.managedFields.</summary>
/// <param name="Applies">By server-side apply; all other verbs are updates.</param>
/// <param name="ApiVersion">Of the fields. Part of the identity of updates only.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal sealed record FieldManager(string Name, bool Applies, string ApiVersion, string Subresource)
{
    public const string Apply = "Apply", Update = "Update";

    /// <summary>Stands for all who wrote before server-side apply was first used on an object that nobody kept account of.</summary>
    public const string BeforeFirstApply = "before-first-apply";

    /// <summary>The entry into which the oldest updates go when there are too many.</summary>
    public const string AncientChanges = "ancient-changes";

    /// <summary>The same entry, whatever the version in which it was applied last.</summary>
    public bool IsSame(FieldManager other) => Name == other.Name && Applies == other.Applies && Subresource == other.Subresource && (Applies || ApiVersion == other.ApiVersion);

    /// <summary>As conflicts name it.</summary>
    public override string ToString() => $"\"{Name}\"{(Subresource.Length > 0 ? $" with subresource \"{Subresource}\"" : "")}{(Applies ? "" : $" using {ApiVersion}")}";
}

/// <summary>One entry of metadata.managedFields with its fields read.</summary>
/// <param name="Original">The entry that says the same; null if the fields or the time are others.</param>
internal sealed record OwnedFields(FieldManager Manager, FieldSet Fields, DateTime? Time, ManagedFieldsEntry? Original = null)
{
    public OwnedFields With(FieldSet fields) => ReferenceEquals(fields, Fields) ? this : this with { Fields = fields, Original = null };

    public OwnedFields At(DateTime time) => this with { Time = time, Original = null };
}
