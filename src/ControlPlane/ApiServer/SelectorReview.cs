using ControlPlane.Registry;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Rules for the selectors of an access review (k8s.io/kubernetes pkg/apis/authorization/validation). Operators that nobody knows are let through.</summary>
internal static class SelectorReview
{
    public static void Validate(FieldSelectorAttributes selector, string path, FieldErrors errors)
    {
        Either(selector.RawSelector, selector.Requirements?.Count ?? 0, path, errors);
        for (var i = 0; i < selector.Requirements?.Count; i++)
        {
            var (requirement, where) = (selector.Requirements[i], $"{path}.requirements[{i}]");
            if (requirement.Key.Length == 0) errors.Required($"{where}.key", "must be specified");
            Values(requirement.Operator, requirement.Values, where, errors);
        }
    }

    public static void Validate(LabelSelectorAttributes selector, string path, FieldErrors errors)
    {
        Either(selector.RawSelector, selector.Requirements?.Count ?? 0, path, errors);
        for (var i = 0; i < selector.Requirements?.Count; i++)
        {
            var (requirement, where) = (selector.Requirements[i], $"{path}.requirements[{i}]");
            Values(requirement.Operator, requirement.Values, where, errors);
            errors.Check($"{where}.key", requirement.Key, Registry.Validation.Names.QualifiedName(requirement.Key));
        }
    }

    private static void Either(string? raw, int requirements, string path, FieldErrors errors)
    {
        if (!string.IsNullOrEmpty(raw) && requirements > 0) errors.Invalid($"{path}.rawSelector", raw, "may not specified at the same time as requirements"); // sic
        if (string.IsNullOrEmpty(raw) && requirements == 0) errors.Required($"{path}.requirements", $"when {path} is specified, requirements or rawSelector is required");
    }

    private static void Values(string op, IReadOnlyList<string>? values, string path, FieldErrors errors)
    {
        if (op is "In" or "NotIn" && values is not { Count: > 0 }) errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
        if (op is "Exists" or "DoesNotExist" && values is { Count: > 0 }) errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    }
}
