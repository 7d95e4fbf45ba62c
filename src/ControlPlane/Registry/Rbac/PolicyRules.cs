using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Rbac;

/// <summary>What is wrong with the rules of a role (pkg/apis/rbac/validation).</summary>
internal static class PolicyRules
{
    /// <param name="namespaced">The role is bound to one namespace, where paths that are no resource do not exist.</param>
    public static void Validate(IReadOnlyList<PolicyRule>? rules, bool namespaced, FieldErrors errors)
    {
        for (var i = 0; i < (rules?.Count ?? 0); i++) Validate(rules![i], namespaced, $"rules[{i}]", errors);
    }

    private static void Validate(PolicyRule rule, bool namespaced, string path, FieldErrors errors)
    {
        if (rule.Verbs.Count == 0) errors.Required($"{path}.verbs", "verbs must contain at least one value");
        if (rule.NonResourceURLs is { Count: > 0 } urls)
        {
            if (namespaced) errors.Invalid($"{path}.nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs");
            if (rule.ApiGroups is { Count: > 0 } || rule.Resources is { Count: > 0 } || rule.ResourceNames is { Count: > 0 })
                errors.Invalid($"{path}.nonResourceURLs", urls, "rules cannot apply to both regular resources and non-resource URLs");
            return;
        }
        if (rule.ApiGroups is not { Count: > 0 }) errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
        if (rule.Resources is not { Count: > 0 }) errors.Required($"{path}.resources", "resource rules must supply at least one resource");
    }

    public static void Validate(AggregationRule? aggregation, FieldErrors errors)
    {
        if (aggregation is null) return;
        var selectors = aggregation.ClusterRoleSelectors ?? [];
        if (selectors.Count == 0) errors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
        for (var i = 0; i < selectors.Count; i++) LabelSelectorValidation.Validate(selectors[i], $"aggregationRule.clusterRoleSelectors[{i}]", errors);
    }
}
