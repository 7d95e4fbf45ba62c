using System.Text.Json;
using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// The rules of one kind with its type known. Does what all kinds have in common (server-set metadata, general
/// metadata validation, status kept apart from spec, generation) and leaves the rest to small overrides.
/// </summary>
internal abstract class KindRegistry<T>() : KindRegistry(Resource.Of<T>()) where T : KubeObject
{
    /// <summary>What a name of this kind must look like.</summary>
    protected virtual Func<string, string?> NameRule => Names.Dns1123Subdomain;

    /// <summary>The part of the object whose changes raise metadata.generation; null where the kind has no generation.</summary>
    protected virtual object? Generated(T obj) => null;

    protected virtual T Default(T obj) => obj;

    /// <summary>Drops a status that the client sent and puts in its place what a new object starts with.</summary>
    protected virtual T WithInitialStatus(T obj) => obj;

    /// <summary>The object with the status of another version of it.</summary>
    protected virtual T WithStatusOf(T obj, T source) => obj;

    /// <summary>Carries over fields that a client may leave out of an update but that stay what they are.</summary>
    protected virtual T CarryOver(T old, T updated) => updated;

    /// <summary>What is wrong with the object by itself, metadata apart; holds for creates and updates.</summary>
    protected abstract void Validate(T obj, FieldErrors errors);

    /// <summary>What is asked of a new object alone.</summary>
    protected virtual void ValidateNew(T obj, FieldErrors errors) { }

    /// <summary>What is wrong with the change, metadata apart.</summary>
    protected virtual void ValidateChange(T old, T updated, FieldErrors errors) { }

    /// <summary>What is wrong with a status that was written through the status subresource.</summary>
    protected virtual void ValidateStatus(T old, T updated, FieldErrors errors) { }

    protected virtual IEnumerable<string> Warnings(T obj) => [];

    /// <summary>What a client is told of a new object besides <see cref="Warnings(T)"/>.</summary>
    protected virtual IEnumerable<string> CreateWarnings(T obj) => [];

    protected virtual string? SelectableField(T obj, string path) => null;

    protected abstract IReadOnlyList<object?> Cells(T obj, DateTime now);

    protected virtual IReadOnlyList<TableRowCondition>? RowConditions(T obj) => null;

    public override IReadOnlyList<string> SelectableFields => [];

    public sealed override TResult With<TResult>(IKindAction<TResult> action) => action.Run<T>();

    public sealed override KubeObject Default(KubeObject obj) => Default((T)obj);

    public sealed override KubeObject PrepareForCreate(KubeObject obj)
    {
        var created = WithInitialStatus((T)obj);
        return created with
        {
            Metadata = created.Metadata with { SelfLink = null, Generation = Generated(created) is null ? null : 1 },
        };
    }

    public sealed override KubeObject PrepareForUpdate(KubeObject old, KubeObject updated)
    {
        var before = (T)old;
        var after = CarryOver(before, WithStatusOf((T)updated, before));
        var generation = before.Metadata.Generation;
        if (Generated(after) is { } spec && !Same(Generated(before), spec)) generation = (generation ?? 0) + 1;
        return after with { Metadata = KeepServerSet(before.Metadata, after.Metadata, generation) };
    }

    /// <summary>
    /// What the server alone sets survives any update; an absent uid means "the same". A different uid, name or
    /// namespace is left in place for validation to refuse.
    /// </summary>
    private static ObjectMeta KeepServerSet(ObjectMeta old, ObjectMeta updated, long? generation) => updated with
    {
        SelfLink = null,
        Generation = generation,
        Uid = string.IsNullOrEmpty(updated.Uid) ? old.Uid : updated.Uid,
        CreationTimestamp = old.CreationTimestamp,
        DeletionTimestamp = old.DeletionTimestamp,
        DeletionGracePeriodSeconds = old.DeletionGracePeriodSeconds,
    };

    public sealed override KubeObject PrepareForStatusUpdate(KubeObject old, KubeObject updated) =>
        WithStatusOf((T)old, (T)updated) with
        {
            Metadata = old.Metadata with { ResourceVersion = updated.Metadata.ResourceVersion },
        };

    public sealed override void ValidateCreate(KubeObject obj, FieldErrors errors)
    {
        ObjectMetaValidation.Validate(obj.Metadata, Resource.Namespaced, NameRule, "metadata", errors);
        Validate((T)obj, errors);
        ValidateNew((T)obj, errors);
    }

    public sealed override void ValidateUpdate(KubeObject old, KubeObject updated, FieldErrors errors)
    {
        ObjectMetaValidation.ValidateChange(old.Metadata, updated.Metadata, "metadata", errors);
        Validate((T)updated, errors);
        ValidateChange((T)old, (T)updated, errors);
    }

    public sealed override void ValidateStatusUpdate(KubeObject old, KubeObject updated, FieldErrors errors)
    {
        ObjectMetaValidation.ValidateChange(old.Metadata, updated.Metadata, "metadata", errors);
        StatusValidation.Counts(updated, errors);
        ValidateStatus((T)old, (T)updated, errors);
    }

    public sealed override IEnumerable<string> Warnings(KubeObject obj) => Warnings((T)obj);

    public sealed override IEnumerable<string> CreateWarnings(KubeObject obj) => CreateWarnings((T)obj).Concat(Warnings((T)obj));

    public sealed override string? SelectableField(KubeObject obj, string path) => SelectableField((T)obj, path);

    public sealed override IReadOnlyList<object?> Cells(KubeObject obj, DateTime now) => Cells((T)obj, now);

    public sealed override IReadOnlyList<TableRowCondition>? RowConditions(KubeObject obj) => RowConditions((T)obj);

    private static readonly JsonDocumentOptions Parsing = new() { MaxDepth = KubeJson.Options.MaxDepth };

    /// <summary>Equal on the wire: lists in order, maps in any order, absent and empty alike.</summary>
    protected static bool Same(object? a, object? b)
    {
        if (ReferenceEquals(a, b)) return true;
        if (a is null || b is null) return false;
        var (left, right) = (KubeJson.Serialize(a), KubeJson.Serialize(b));
        return left.AsSpan().SequenceEqual(right)
            || JsonElement.DeepEquals(JsonElement.Parse(left, Parsing), JsonElement.Parse(right, Parsing));
    }
}
