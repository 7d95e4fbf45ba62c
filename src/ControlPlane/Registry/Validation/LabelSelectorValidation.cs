using KubeApi.Objects;

namespace ControlPlane.Registry.Validation;

/// <summary>Rules for metav1.LabelSelector (k8s.io/apimachinery apis/meta/v1/validation).</summary>
internal static class LabelSelectorValidation
{
    public static void Validate(LabelSelector? selector, string path, FieldErrors errors)
    {
        ObjectMetaValidation.Labels(selector?.MatchLabels, $"{path}.matchLabels", errors);
        var expressions = selector?.MatchExpressions ?? [];
        for (var i = 0; i < expressions.Count; i++) Requirement(expressions[i], $"{path}.matchExpressions[{i}]", errors);
    }

    private static void Requirement(LabelSelectorRequirement requirement, string path, FieldErrors errors)
    {
        var values = requirement.Values ?? [];
        switch (requirement.Operator)
        {
            case "In" or "NotIn" when values.Count == 0:
                errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                break;
            default:
                errors.Invalid($"{path}.operator", requirement.Operator, "not a valid selector operator");
                break;
        }
        errors.Check($"{path}.key", requirement.Key, Names.QualifiedName(requirement.Key));
        for (var i = 0; i < values.Count; i++) errors.Check($"{path}.values[{i}]", values[i], Names.LabelValue(values[i]));
    }

    /// <summary>
    /// A workload's own selector: there, not empty, and selecting the pods of its template. Says whether the
    /// template's labels match, so that a broken selector is not reported twice.
    /// </summary>
    public static void ValidateForTemplate(LabelSelector? selector, PodTemplateSpec? template, string kind, FieldErrors errors)
    {
        var before = errors.Causes.Count;
        if (selector is null || selector is { MatchLabels: null, MatchExpressions: null }) errors.Required("spec.selector");
        else
        {
            Validate(selector, "spec.selector", errors);
            if (selector is { MatchLabels: not { Count: > 0 }, MatchExpressions: not { Count: > 0 } })
                errors.Invalid("spec.selector", selector, $"empty selector is invalid for {kind}");
        }
        if (errors.Causes.Count > before || template is null) return;
        var labels = template.Metadata?.Labels;
        if (!KubeApi.Selector.Of(selector!).Matches(labels))
            errors.Invalid("spec.template.metadata.labels", labels ?? new Dictionary<string, string>(), "`selector` does not match template `labels`");
    }
}
