using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>A kept template: its data never changes, its number does when it becomes the present one again.</summary>
internal sealed class ControllerRevisionRegistry : KindRegistry<ControllerRevision>
{
    protected override void Validate(ControllerRevision revision, FieldErrors errors)
    {
        if (revision.Revision < 0) errors.Invalid("revision", revision.Revision, "must be greater than or equal to 0");
        if (revision.Data is null or { ValueKind: System.Text.Json.JsonValueKind.Null }) errors.Required("data", "data is mandatory");
    }

    protected override void ValidateChange(ControllerRevision old, ControllerRevision updated, FieldErrors errors)
    {
        if (!Same(old.Data, updated.Data)) errors.Invalid("data", updated.Data, "field is immutable");
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
        [Column.Name, Column.Text("Controller", "Whose template it is."), Column.Number("Revision", "The number of the template, counted up."), Column.Age];

    protected override IReadOnlyList<object?> Cells(ControllerRevision revision, DateTime now)
    {
        var owner = revision.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        return [revision.Name, owner is null ? Cell.None : $"{QualifiedKind(owner)}/{owner.Name}", revision.Revision, Cell.Age(revision, now)];
    }

    /// <summary><c>daemonset.apps</c></summary>
    private static string QualifiedKind(OwnerReference owner)
    {
        var slash = owner.ApiVersion.IndexOf('/');
        return (slash < 0 ? owner.Kind : $"{owner.Kind}.{owner.ApiVersion[..slash]}").ToLowerInvariant();
    }
}
