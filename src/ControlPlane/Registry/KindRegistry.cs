using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// The rules of one kind, one file per kind: what a client may leave out (defaults), what it may not write
/// (preparation), what is wrong (validation), what may be selected, and how a row of <c>kubectl get</c> looks.
/// Everything here is a pure function of its arguments; clusterIPs and nodePorts are allocated by ServiceAddresses.
/// </summary>
internal abstract class KindRegistry(Resource resource)
{
    public Resource Resource => resource;

    /// <summary>The kind has a status that is written through the status subresource only.</summary>
    public virtual bool HasStatus => false;

    /// <summary>The kind has a scale subresource.</summary>
    public virtual bool HasScale => false;

    /// <summary>Fills in what the client left out. Called on create and on every update.</summary>
    public abstract KubeObject Default(KubeObject obj);

    /// <summary>Before a create: drops the status, sets generation 1 where the kind has one.</summary>
    public abstract KubeObject PrepareForCreate(KubeObject obj);

    /// <summary>Before an update of the object itself: keeps the old status; raises the generation if the spec differs.</summary>
    public abstract KubeObject PrepareForUpdate(KubeObject old, KubeObject updated);

    /// <summary>Before an update through the status subresource: keeps everything but the status.</summary>
    public abstract KubeObject PrepareForStatusUpdate(KubeObject old, KubeObject updated);

    public abstract void ValidateCreate(KubeObject obj, FieldErrors errors);

    public abstract void ValidateUpdate(KubeObject old, KubeObject updated, FieldErrors errors);

    /// <summary>Texts for <c>Warning:</c> headers: known fields that were set and have no effect yet.</summary>
    public abstract IEnumerable<string> Warnings(KubeObject obj);

    /// <summary>The value of a field that may be used in a field selector besides metadata.name and metadata.namespace; null if it may not.</summary>
    public abstract string? SelectableField(KubeObject obj, string path);

    /// <summary>Field paths for which <see cref="SelectableField"/> answers.</summary>
    public abstract IReadOnlyList<string> SelectableFields { get; }

    public abstract IReadOnlyList<TableColumnDefinition> Columns { get; }

    /// <summary>The cells of one row, in the order of <see cref="Columns"/>.</summary>
    public abstract IReadOnlyList<object?> Cells(KubeObject obj, DateTime now);

    /// <summary>Conditions of a row, e.g. Completed for a pod that ended.</summary>
    public virtual IReadOnlyList<TableRowCondition>? RowConditions(KubeObject obj) => null;
}
