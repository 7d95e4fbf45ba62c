using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Jobs;

/// <summary>Rules for a job's podFailurePolicy and successPolicy.</summary>
internal static class JobPolicyValidation
{
    private const int MostRules = 20, MostExitCodes = 255, MostPatterns = 20, LongestIndexes = 64 * 1024;

    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];

    public static void Failure(JobSpec spec, FieldErrors errors)
    {
        if (spec.PodFailurePolicy is not { } policy) return;
        const string path = "spec.podFailurePolicy.rules";
        if (spec.Template.Spec?.RestartPolicy != "Never")
            errors.Invalid("spec.template.spec.restartPolicy", spec.Template.Spec?.RestartPolicy ?? "", "only \"Never\" is supported when podFailurePolicy is specified");
        if (policy.Rules.Count > MostRules) errors.TooMany(path, policy.Rules.Count, MostRules);
        var containers = (spec.Template.Spec?.Containers ?? []).Concat(spec.Template.Spec?.InitContainers ?? []).Select(container => container.Name).ToHashSet();
        for (var i = 0; i < policy.Rules.Count; i++) Rule(policy.Rules[i], $"{path}[{i}]", spec, containers, errors);
    }

    private static void Rule(PodFailurePolicyRule rule, string path, JobSpec spec, HashSet<string> containers, FieldErrors errors)
    {
        errors.OneOf($"{path}.action", rule.Action, Actions);
        if (rule.Action == "FailIndex" && spec.BackoffLimitPerIndex is null) errors.Invalid($"{path}.action", rule.Action, "requires the backoffLimitPerIndex to be set");
        if (rule is { OnExitCodes: not null, OnPodConditions: { Count: > 0 } })
            errors.Add("FieldValueInvalid", path, "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported");
        else if (rule is { OnExitCodes: null, OnPodConditions: null or { Count: 0 } })
            errors.Add("FieldValueInvalid", path, "Invalid value: specifying one of OnExitCodes and OnPodConditions is required");
        if (rule.OnExitCodes is { } codes) ExitCodes(codes, $"{path}.onExitCodes", containers, errors);
        var patterns = rule.OnPodConditions ?? [];
        if (patterns.Count > MostPatterns) errors.TooMany($"{path}.onPodConditions", patterns.Count, MostPatterns);
        for (var i = 0; i < patterns.Count; i++)
        {
            errors.Check($"{path}.onPodConditions[{i}].type", patterns[i].Type, Names.QualifiedName(patterns[i].Type));
            errors.OneOf($"{path}.onPodConditions[{i}].status", patterns[i].Status, "False", "True", "Unknown");
        }
    }

    private static void ExitCodes(PodFailurePolicyOnExitCodesRequirement codes, string path, HashSet<string> containers, FieldErrors errors)
    {
        errors.OneOf($"{path}.operator", codes.Operator, "In", "NotIn");
        if (codes.ContainerName is { } name && !containers.Contains(name))
            errors.Invalid($"{path}.containerName", name, "must be one of the container or initContainer names in the pod template");
        if (codes.Values.Count == 0) errors.Invalid($"{path}.values", codes.Values, "at least one value is required");
        else if (codes.Values.Count > MostExitCodes) errors.TooMany($"{path}.values", codes.Values.Count, MostExitCodes);
        if (!codes.Values.SequenceEqual(codes.Values.Order())) errors.Invalid($"{path}.values", codes.Values, "must be ordered");
        var seen = new HashSet<int>();
        for (var i = 0; i < codes.Values.Count; i++)
        {
            if (codes is { Operator: "In" } && codes.Values[i] == 0) errors.Invalid($"{path}.values[{i}]", 0, "must not be 0 for the In operator");
            if (!seen.Add(codes.Values[i])) errors.Duplicate($"{path}.values[{i}]", codes.Values[i]);
        }
    }

    public static void Success(JobSpec spec, FieldErrors errors)
    {
        if (spec.SuccessPolicy is not { } policy) return;
        const string path = "spec.successPolicy";
        if (spec.CompletionMode != "Indexed")
        {
            errors.Invalid(path, policy, "requires indexed completion mode");
            return;
        }
        if (policy.Rules.Count == 0) errors.Required($"{path}.rules", "at least one rules must be specified when the successPolicy is specified");
        if (policy.Rules.Count > MostRules) errors.TooMany($"{path}.rules", policy.Rules.Count, MostRules);
        for (var i = 0; i < policy.Rules.Count; i++) Rule(policy.Rules[i], $"{path}.rules[{i}]", spec.Completions ?? 0, errors);
    }

    private static void Rule(SuccessPolicyRule rule, string path, int completions, FieldErrors errors)
    {
        if (rule is { SucceededCount: null, SucceededIndexes: null })
        {
            errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
            return;
        }
        var most = completions;
        if (rule.SucceededIndexes is { } indexes)
        {
            if (indexes.Length > LongestIndexes) errors.TooLong($"{path}.succeededIndexes", LongestIndexes);
            else try { most = IndexSet.Parse(indexes, completions).Count; }
            catch (FormatException e) { errors.Invalid($"{path}.succeededIndexes", indexes, $"error parsing succeededIndexes: {e.Message}"); }
        }
        if (rule.SucceededCount is not { } count) return;
        WorkloadValidation.NotNegative($"{path}.succeededCount", count, errors);
        if (count > completions) errors.Invalid($"{path}.succeededCount", count, $"must be less than or equal to {completions} (the number of specified completions)");
        else if (count > most) errors.Invalid($"{path}.succeededCount", count, $"must be less than or equal to {most} (the number of indexes in the specified succeededIndexes field)");
    }
}
