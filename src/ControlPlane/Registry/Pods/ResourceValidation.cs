using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for requests and limits (core/validation ValidateContainerResourceRequirements).</summary>
internal static class ResourceValidation
{
    public static void Validate(ResourceRequirements? resources, string path, FieldErrors errors)
    {
        var limits = resources?.Limits ?? new Dictionary<string, Quantity>();
        var requests = resources?.Requests ?? new Dictionary<string, Quantity>();
        foreach (var (name, limit) in limits) Amount(name, limit, $"{path}.limits", errors);
        foreach (var (name, request) in requests)
        {
            Amount(name, request, $"{path}.requests", errors);
            if (!limits.TryGetValue(name, out var limit)) continue;
            if (IsExtended(name) && !request.Equals(limit)) errors.Invalid($"{path}.requests", request, $"must be equal to {name} limit of {limit}");
            else if (request.CompareTo(limit) > 0) errors.Invalid($"{path}.requests", request, $"must be less than or equal to {name} limit of {limit}");
        }
    }

    private static void Amount(string name, Quantity amount, string path, FieldErrors errors)
    {
        var at = $"{path}[{name}]";
        if (Names.QualifiedName(name) is { } problem) errors.Invalid(at, name, problem);
        else if (!name.Contains('/') && !IsStandard(name)) errors.Invalid(at, name, "must be a standard resource for containers");
        if (amount.CompareTo(default) < 0) errors.Invalid(at, amount, "must be greater than or equal to 0");
    }

    private static bool IsStandard(string name) =>
        name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal);

    /// <summary>A resource of a device plugin: it cannot be overcommitted.</summary>
    private static bool IsExtended(string name) => name.Contains('/') && !name.StartsWith("kubernetes.io/", StringComparison.Ordinal);
}
