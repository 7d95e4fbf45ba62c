using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for a container's environment (core/validation ValidateEnv, ValidateEnvFrom).</summary>
internal static class EnvValidation
{
    private static readonly string[] FieldPaths =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
        "status.podIP", "status.podIPs",
    ];

    private static readonly string[] Resources =
    [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory",
    ];

    public static void Validate(Container container, string path, FieldErrors errors)
    {
        for (var i = 0; i < (container.Env?.Count ?? 0); i++)
        {
            var (env, at) = (container.Env![i], $"{path}.env[{i}]");
            if (env.Name.Length == 0) errors.Required($"{at}.name");
            else errors.Check($"{at}.name", env.Name, Names.EnvVarName(env.Name));
            if (env.ValueFrom is { } source) ValueFrom(source, env.Value, $"{at}.valueFrom", errors);
        }
        for (var i = 0; i < (container.EnvFrom?.Count ?? 0); i++)
        {
            var (source, at) = (container.EnvFrom![i], $"{path}.envFrom[{i}]");
            if (!string.IsNullOrEmpty(source.Prefix)) errors.Check($"{at}.prefix", source.Prefix, Names.EnvVarName(source.Prefix));
            if (source.ConfigMapRef is null && source.SecretRef is null) errors.Invalid(at, "", "must specify one of: `configMapRef` or `secretRef`");
            else if (source.ConfigMapRef is not null && source.SecretRef is not null) errors.Invalid(at, "", "may not have more than one field specified at a time");
            if (source.ConfigMapRef is { Name: null or "" }) errors.Required($"{at}.configMapRef.name");
            if (source.SecretRef is { Name: null or "" }) errors.Required($"{at}.secretRef.name");
        }
    }

    private static void ValueFrom(EnvVarSource source, string? value, string path, FieldErrors errors)
    {
        var sources = new object?[] { source.FieldRef, source.ResourceFieldRef, source.ConfigMapKeyRef, source.SecretKeyRef, source.FileKeyRef }.Count(one => one is not null);
        if (sources == 0)
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        else if (!string.IsNullOrEmpty(value)) errors.Invalid(path, "", "may not be specified when `value` is not empty");
        else if (sources > 1) errors.Invalid(path, "", "may not have more than one field specified at a time");
        if (source.FieldRef is { } field) Field(field.FieldPath, $"{path}.fieldRef.fieldPath", errors);
        if (source.ResourceFieldRef is { } resource)
        {
            if (resource.Resource.Length == 0) errors.Required($"{path}.resourceFieldRef.resource");
            else if (!resource.Resource.Contains("hugepages-")) errors.OneOf($"{path}.resourceFieldRef.resource", resource.Resource, Resources);
        }
        if (source.ConfigMapKeyRef is { } map) Key(map.Name, map.Key, $"{path}.configMapKeyRef", errors);
        if (source.SecretKeyRef is { } secret) Key(secret.Name, secret.Key, $"{path}.secretKeyRef", errors);
    }

    private static void Field(string field, string path, FieldErrors errors)
    {
        if (field.Length == 0) errors.Required(path);
        else if (field.StartsWith("metadata.labels['", StringComparison.Ordinal) || field.StartsWith("metadata.annotations['", StringComparison.Ordinal))
        {
            if (!field.EndsWith("']", StringComparison.Ordinal)) errors.Invalid(path, field, "error converting fieldPath: invalid subscript");
        }
        else errors.OneOf(path, field, FieldPaths);
    }

    private static void Key(string? name, string key, string path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(name)) errors.Required($"{path}.name");
        if (key.Length == 0) errors.Required($"{path}.key");
        else errors.Check($"{path}.key", key, Names.ConfigKey(key));
    }
}
