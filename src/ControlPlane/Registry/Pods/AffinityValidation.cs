using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for affinities and spreading (core/validation ValidateAffinity, ValidateTopologySpreadConstraints).</summary>
internal static class AffinityValidation
{
    private static readonly string[] Unsatisfiable = ["DoNotSchedule", "ScheduleAnyway"];
    private static readonly string[] Policies = ["Honor", "Ignore"];
    private static readonly string[] NodeOperators = ["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"];

    public static void Validate(PodSpec spec, string path, FieldErrors errors)
    {
        if (spec.Affinity is { } affinity)
        {
            Node(affinity.NodeAffinity, $"{path}.affinity.nodeAffinity", errors);
            Pods(affinity.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, affinity.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution,
                $"{path}.affinity.podAffinity", errors);
            Pods(affinity.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, affinity.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution,
                $"{path}.affinity.podAntiAffinity", errors);
        }
        Spread(spec.TopologySpreadConstraints ?? [], $"{path}.topologySpreadConstraints", errors);
    }

    private static void Node(NodeAffinity? affinity, string path, FieldErrors errors)
    {
        if (affinity?.RequiredDuringSchedulingIgnoredDuringExecution is { } required)
        {
            var terms = $"{path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
            if (required.NodeSelectorTerms.Count == 0) errors.Required(terms, "must have at least one node selector term");
            for (var i = 0; i < required.NodeSelectorTerms.Count; i++) Term(required.NodeSelectorTerms[i], $"{terms}[{i}]", errors);
        }
        var preferred = affinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];
        for (var i = 0; i < preferred.Count; i++)
        {
            var item = $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{i}]";
            Weight(preferred[i].Weight, item, errors);
            Term(preferred[i].Preference, $"{item}.preference", errors);
        }
    }

    private static void Term(NodeSelectorTerm term, string path, FieldErrors errors)
    {
        var expressions = term.MatchExpressions ?? [];
        for (var i = 0; i < expressions.Count; i++)
        {
            var (item, at, values) = (expressions[i], $"{path}.matchExpressions[{i}]", expressions[i].Values?.Count ?? 0);
            if (!NodeOperators.Contains(item.Operator)) errors.Invalid($"{at}.operator", item.Operator, "not a valid selector operator");
            else if (item.Operator is "In" or "NotIn" && values == 0) errors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
            else if (item.Operator is "Exists" or "DoesNotExist" && values > 0) errors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            else if (item.Operator is "Gt" or "Lt" && values != 1) errors.Required($"{at}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
            errors.Check($"{at}.key", item.Key, Names.QualifiedName(item.Key));
        }
    }

    private static void Pods(IReadOnlyList<PodAffinityTerm>? required, IReadOnlyList<WeightedPodAffinityTerm>? preferred, string path, FieldErrors errors)
    {
        for (var i = 0; i < (required?.Count ?? 0); i++) Term(required![i], $"{path}.requiredDuringSchedulingIgnoredDuringExecution[{i}]", errors);
        for (var i = 0; i < (preferred?.Count ?? 0); i++)
        {
            var item = $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{i}]";
            Weight(preferred![i].Weight, item, errors);
            Term(preferred[i].PodAffinityTerm, $"{item}.podAffinityTerm", errors);
        }
    }

    private static void Term(PodAffinityTerm term, string path, FieldErrors errors)
    {
        LabelSelectorValidation.Validate(term.LabelSelector, $"{path}.labelSelector", errors);
        LabelSelectorValidation.Validate(term.NamespaceSelector, $"{path}.namespaceSelector", errors);
        Keys(term.MatchLabelKeys, term.LabelSelector, $"{path}.matchLabelKeys", errors);
        Keys(term.MismatchLabelKeys, term.LabelSelector, $"{path}.mismatchLabelKeys", errors);
        for (var i = 0; i < (term.MatchLabelKeys?.Count ?? 0); i++)
            if (term.MismatchLabelKeys?.Contains(term.MatchLabelKeys![i]) == true)
                errors.Invalid($"{path}.matchLabelKeys[{i}]", term.MatchLabelKeys[i], "exists in both matchLabelKeys and mismatchLabelKeys");
        for (var i = 0; i < (term.Namespaces?.Count ?? 0); i++) errors.Check($"{path}.namespaces[{i}]", term.Namespaces![i], Names.Dns1123Label(term.Namespaces[i]));
        if (term.TopologyKey.Length == 0) errors.Required($"{path}.topologyKey", "can not be empty");
        else errors.Check($"{path}.topologyKey", term.TopologyKey, Names.QualifiedName(term.TopologyKey));
    }

    private static void Keys(IReadOnlyList<string>? keys, LabelSelector? selector, string path, FieldErrors errors)
    {
        if (keys is not { Count: > 0 }) return;
        if (selector is null) errors.Forbidden(path, "must not be specified when labelSelector is not set");
        for (var i = 0; i < keys.Count; i++) errors.Check($"{path}[{i}]", keys[i], Names.QualifiedName(keys[i]));
    }

    private static void Weight(int weight, string path, FieldErrors errors)
    {
        if (weight is < 1 or > 100) errors.Invalid($"{path}.weight", weight, "must be in the range 1-100");
    }

    private static void Spread(IReadOnlyList<TopologySpreadConstraint> constraints, string path, FieldErrors errors)
    {
        for (var i = 0; i < constraints.Count; i++)
        {
            var (constraint, at) = (constraints[i], $"{path}[{i}]");
            if (constraint.MaxSkew <= 0) errors.Invalid($"{at}.maxSkew", constraint.MaxSkew, "must be greater than zero");
            if (constraint.TopologyKey.Length == 0) errors.Required($"{at}.topologyKey", "can not be empty");
            else errors.Check($"{at}.topologyKey", constraint.TopologyKey, Names.QualifiedName(constraint.TopologyKey));
            errors.OneOf($"{at}.whenUnsatisfiable", constraint.WhenUnsatisfiable, Unsatisfiable);
            if (constraints.Skip(i + 1).Any(other => (other.TopologyKey, other.WhenUnsatisfiable) == (constraint.TopologyKey, constraint.WhenUnsatisfiable)))
                errors.Duplicate($"{at}.{{topologyKey, whenUnsatisfiable}}", $"{{{constraint.TopologyKey}, {constraint.WhenUnsatisfiable}}}");
            MinDomains(constraint, $"{at}.minDomains", errors);
            if (constraint.NodeAffinityPolicy is { } affinity) errors.OneOf($"{at}.nodeAffinityPolicy", affinity, Policies);
            if (constraint.NodeTaintsPolicy is { } taints) errors.OneOf($"{at}.nodeTaintsPolicy", taints, Policies);
            LabelSelectorValidation.Validate(constraint.LabelSelector, $"{at}.labelSelector", errors);
            Keys(constraint.MatchLabelKeys, constraint.LabelSelector, $"{at}.matchLabelKeys", errors);
            for (var k = 0; k < (constraint.MatchLabelKeys?.Count ?? 0); k++)
                if (Selects(constraint.LabelSelector, constraint.MatchLabelKeys![k]))
                    errors.Invalid($"{at}.matchLabelKeys[{k}]", constraint.MatchLabelKeys[k], "exists in both matchLabelKeys and labelSelector");
        }
    }

    private static void MinDomains(TopologySpreadConstraint constraint, string path, FieldErrors errors)
    {
        if (constraint.MinDomains is <= 0) errors.Invalid(path, constraint.MinDomains, "must be greater than zero");
        if (constraint.MinDomains is not null && constraint.WhenUnsatisfiable != "DoNotSchedule")
            errors.Invalid(path, constraint.MinDomains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {constraint.WhenUnsatisfiable}");
    }

    private static bool Selects(LabelSelector? selector, string key) =>
        selector?.MatchLabels?.ContainsKey(key) == true || selector?.MatchExpressions?.Any(expression => expression.Key == key) == true;
}
