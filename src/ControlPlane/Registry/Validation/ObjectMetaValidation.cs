using System.Text;
using KubeApi.Objects;

namespace ControlPlane.Registry.Validation;

/// <summary>The rules for metadata that all kinds share (k8s.io/apimachinery api/validation).</summary>
internal static class ObjectMetaValidation
{
    private const int MaxAnnotationBytes = 256 * 1024;

    private static readonly string[] StandardFinalizers = ["kubernetes", "orphan", "foregroundDeletion"];

    /// <param name="nameRule">What a name of the kind must look like; null or the problem.</param>
    public static void Validate(ObjectMeta meta, bool namespaced, Func<string, string?> nameRule, string path, FieldErrors errors)
    {
        if (!string.IsNullOrEmpty(meta.GenerateName)) // five random characters will follow: a trailing dash is fine
            errors.Check($"{path}.generateName", meta.GenerateName, nameRule(meta.GenerateName.TrimEnd('-') is { Length: > 0 } stem ? stem : meta.GenerateName));
        if (string.IsNullOrEmpty(meta.Name)) errors.Required($"{path}.name", "name or generateName is required");
        else errors.Check($"{path}.name", meta.Name, nameRule(meta.Name));

        if (!namespaced && !string.IsNullOrEmpty(meta.Namespace)) errors.Forbidden($"{path}.namespace", "not allowed on this type");
        else if (namespaced && string.IsNullOrEmpty(meta.Namespace)) errors.Required($"{path}.namespace");
        else if (namespaced) errors.Check($"{path}.namespace", meta.Namespace, Names.Dns1123Label(meta.Namespace!));
        if (meta.Generation is { } generation) errors.Check($"{path}.generation", generation, Names.NotNegative(generation));
        ValidateContent(meta, path, errors);
    }

    public static void ValidateChange(ObjectMeta old, ObjectMeta updated, string path, FieldErrors errors)
    {
        if (old.DeletionTimestamp is not null)
        {
            var added = (updated.Finalizers ?? []).Except(old.Finalizers ?? []).ToList();
            if (added.Count > 0) errors.Forbidden($"{path}.finalizers", "no new finalizers can be added if the object is being deleted, found new finalizers "
                + $"[]string{{{string.Join(", ", added.Select(f => $"\"{f}\""))}}}");
        }
        Immutable(old.Name, updated.Name, $"{path}.name", errors);
        Immutable(old.Namespace, updated.Namespace, $"{path}.namespace", errors);
        Immutable(old.Uid, updated.Uid, $"{path}.uid", errors);
        Immutable(old.CreationTimestamp, updated.CreationTimestamp, $"{path}.creationTimestamp", errors);
        Immutable(old.DeletionTimestamp, updated.DeletionTimestamp, $"{path}.deletionTimestamp", errors);
        Immutable(old.DeletionGracePeriodSeconds, updated.DeletionGracePeriodSeconds, $"{path}.deletionGracePeriodSeconds", errors);
        ValidateContent(updated, path, errors);
    }

    private static void Immutable<T>(T old, T updated, string path, FieldErrors errors)
    {
        if (!Equals(old, updated)) errors.Invalid(path, updated, "field is immutable");
    }

    private static void ValidateContent(ObjectMeta meta, string path, FieldErrors errors)
    {
        Labels(meta.Labels, $"{path}.labels", errors);
        Annotations(meta.Annotations, $"{path}.annotations", errors);
        OwnerReferences(meta.OwnerReferences ?? [], $"{path}.ownerReferences", errors);
        Finalizers(meta.Finalizers ?? [], $"{path}.finalizers", errors);
    }

    public static void Labels(IReadOnlyDictionary<string, string>? labels, string path, FieldErrors errors)
    {
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
        {
            errors.Check(path, key, Names.QualifiedName(key));
            errors.Check(path, value, Names.LabelValue(value));
        }
    }

    public static void Annotations(IReadOnlyDictionary<string, string>? annotations, string path, FieldErrors errors)
    {
        var bytes = 0L;
        foreach (var (key, value) in annotations ?? new Dictionary<string, string>())
        {
            errors.Check(path, key, Names.QualifiedName(key.ToLowerInvariant()));
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }
        if (bytes > MaxAnnotationBytes) errors.TooLong(path, MaxAnnotationBytes);
    }

    private static void OwnerReferences(IReadOnlyList<OwnerReference> owners, string path, FieldErrors errors)
    {
        string? controller = null;
        foreach (var owner in owners)
        {
            if (owner.ApiVersion.Split('/')[^1].Length == 0) errors.Invalid($"{path}.apiVersion", owner.ApiVersion, "version must not be empty");
            if (owner.Kind.Length == 0) errors.Invalid($"{path}.kind", owner.Kind, "must not be empty");
            if (owner.Name.Length == 0) errors.Invalid($"{path}.name", owner.Name, "must not be empty");
            if (owner.Uid.Length == 0) errors.Invalid($"{path}.uid", owner.Uid, "must not be empty");
            if (owner is { Kind: "Event", ApiVersion: "v1" }) errors.Invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
            if (owner.Controller != true) continue;
            if (controller is not null)
                errors.Invalid(path, owners, $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {owner.Kind}/{owner.Name}");
            controller ??= $"{owner.Kind}/{owner.Name}";
        }
    }

    private static void Finalizers(IReadOnlyList<string> finalizers, string path, FieldErrors errors)
    {
        for (var i = 0; i < finalizers.Count; i++)
        {
            errors.Check(path, finalizers[i], Names.QualifiedName(finalizers[i]));
            if (!finalizers[i].Contains('/') && !StandardFinalizers.Contains(finalizers[i]))
                errors.Invalid($"{path}[{i}]", finalizers[i], "name is neither a standard finalizer name nor is it fully qualified");
        }
        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
            errors.Invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set");
    }
}
