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
    private static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private IReadOnlyList<Subresource>? subresources;

    public Resource Resource => resource;

    /// <summary>What can be done with the kind's objects.</summary>
    public virtual IReadOnlyList<string> Verbs => AllVerbs;

    /// <summary>The kind is answered and never stored (see VirtualKindRegistry).</summary>
    public virtual bool IsVirtual => false;

    /// <summary>Objects are kept under the kind's own name; false where they are only answered, or are a view of another kind's.</summary>
    public virtual bool IsStored => true;

    /// <summary>The kind whose objects these are: itself, or the one that it is another view of.</summary>
    public virtual KindRegistry Stored => this;

    /// <summary>The object in the form that is stored.</summary>
    public virtual KubeObject ToStored(KubeObject obj) => obj;

    /// <summary>A stored object in the form of this kind.</summary>
    public virtual KubeObject FromStored(KubeObject obj) => obj;

    /// <summary>The <c>Warning:</c> that every request for a kind of yesterday earns; null for the others.</summary>
    public virtual string? Deprecation => null;

    /// <summary>The stored kind's name for a field that can be selected.</summary>
    public virtual string StoredField(string path) => path;

    /// <summary>What is wrong with a new object besides the stored kind's rules. Of views only.</summary>
    public virtual void ValidateViewCreate(KubeObject obj, FieldErrors errors) { }

    /// <summary>What is wrong with a change besides the stored kind's rules. Of views only.</summary>
    public virtual void ValidateViewUpdate(KubeObject old, KubeObject updated, FieldErrors errors) { }

    /// <summary>Subresources besides status and scale.</summary>
    protected virtual IReadOnlyList<Subresource> NamedSubresources => [];

    /// <summary>Everything that the kind serves below its objects.</summary>
    public IReadOnlyList<Subresource> Subresources => subresources ??=
        [.. HasStatus ? [Subresource.Status(resource)] : Array.Empty<Subresource>(), .. HasScale ? [Subresource.Scale] : Array.Empty<Subresource>(), .. NamedSubresources];

    /// <summary>The subresource of this name; null if the kind has none such.</summary>
    public Subresource? Find(string subresource) => Subresources.FirstOrDefault(declared => declared.Name == subresource);

    /// <summary>Runs an action with the type of this kind's objects.</summary>
    public abstract TResult With<TResult>(IKindAction<TResult> action);

    /// <summary>The kind has a status that is written through the status subresource only.</summary>
    public virtual bool HasStatus => false;

    /// <summary>The kind has a scale subresource.</summary>
    public virtual bool HasScale => false;

    /// <summary>The replicas of an object whose kind has a scale.</summary>
    public virtual ReplicaScale ScaleOf(KubeObject obj) => throw new NotSupportedException($"{resource.Kind} cannot be scaled");

    /// <summary>The object with another wanted number of replicas.</summary>
    public virtual KubeObject WithReplicas(KubeObject obj, int replicas) => throw new NotSupportedException($"{resource.Kind} cannot be scaled");

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

    public abstract void ValidateStatusUpdate(KubeObject old, KubeObject updated, FieldErrors errors);

    /// <summary>A PUT of an object that is not there makes it (rest.RESTUpdateStrategy AllowCreateOnUpdate).</summary>
    public virtual bool CreatesOnUpdate => false;

    /// <summary>A PUT must say which revision it replaces (rest.RESTUpdateStrategy AllowUnconditionalUpdate).</summary>
    public virtual bool InsistsOnRevision => false;

    /// <summary>Texts for <c>Warning:</c> headers: known fields that were set and have no effect yet.</summary>
    public abstract IEnumerable<string> Warnings(KubeObject obj);

    /// <summary>What a client is told of a new object that was taken.</summary>
    public abstract IEnumerable<string> CreateWarnings(KubeObject obj);

    /// <summary>The value of a field that may be used in a field selector besides metadata.name and metadata.namespace; null if it may not.</summary>
    public abstract string? SelectableField(KubeObject obj, string path);

    /// <summary>Whether a cluster has so many of them that the store keeps their JSON only, and makes the record when it is asked for.</summary>
    public virtual bool IsNumerous => false;

    /// <summary>Field paths for which <see cref="SelectableField"/> answers.</summary>
    public abstract IReadOnlyList<string> SelectableFields { get; }

    public abstract IReadOnlyList<TableColumnDefinition> Columns { get; }

    /// <summary>The cells of one row, in the order of <see cref="Columns"/>.</summary>
    public abstract IReadOnlyList<object?> Cells(KubeObject obj, DateTime now);

    /// <summary>Conditions of a row, e.g. Completed for a pod that ended.</summary>
    public virtual IReadOnlyList<TableRowCondition>? RowConditions(KubeObject obj) => null;
}

/// <summary>What a scale subresource shows: the wanted and the present number of replicas, and the selector of their pods as text.</summary>
internal readonly record struct ReplicaScale(int? Replicas, int? Current, string? Selector);
