using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Jobs;

/// <summary>Rules for a job's spec (k8s.io/kubernetes pkg/apis/batch/validation).</summary>
internal static class JobValidation
{
    private const int MostCompletionsTracked = 100_000, MostParallelIndexed = 100_000, MostParallelOfMany = 10_000;

    public static void Validate(JobSpec spec, FieldErrors errors)
    {
        WorkloadValidation.NotNegative("spec.parallelism", spec.Parallelism, errors);
        WorkloadValidation.NotNegative("spec.completions", spec.Completions, errors);
        WorkloadValidation.NotNegative("spec.backoffLimit", spec.BackoffLimit, errors);
        WorkloadValidation.NotNegative("spec.ttlSecondsAfterFinished", spec.TtlSecondsAfterFinished, errors);
        WorkloadValidation.NotNegative("spec.backoffLimitPerIndex", spec.BackoffLimitPerIndex, errors);
        WorkloadValidation.NotNegative("spec.maxFailedIndexes", spec.MaxFailedIndexes, errors);
        if (spec.ActiveDeadlineSeconds is < 0) errors.Invalid("spec.activeDeadlineSeconds", spec.ActiveDeadlineSeconds, "must be greater than or equal to 0");
        if (spec.BackoffLimitPerIndex is { } perIndex && spec.CompletionMode != "Indexed") errors.Invalid("spec.backoffLimitPerIndex", perIndex, "requires indexed completion mode");
        if (spec.MaxFailedIndexes is not null && spec.BackoffLimitPerIndex is null) errors.Required("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified");
        errors.OneOf("spec.completionMode", spec.CompletionMode, "Indexed", "NonIndexed");
        if (spec.CompletionMode == "Indexed") Indexed(spec, errors);
        if (spec.ManagedBy is { } manager) errors.Check("spec.managedBy", manager, manager.Contains('/') ? Names.QualifiedName(manager) : "must be a domain-prefixed path (such as \"acme.io/foo\")");
        JobPolicyValidation.Failure(spec, errors);
        JobPolicyValidation.Success(spec, errors);
        if (spec.PodReplacementPolicy is { } replacement)
            errors.OneOf("spec.podReplacementPolicy", replacement, spec.PodFailurePolicy is null ? ["Failed", "TerminatingOrFailed"] : ["Failed"]);
        Template(spec, errors);
    }

    private static void Indexed(JobSpec spec, FieldErrors errors)
    {
        if (spec.Completions is not { } completions)
        {
            errors.Required("spec.completions", "when completion mode is Indexed");
            return;
        }
        if (spec.Parallelism > MostParallelIndexed)
            errors.Invalid("spec.parallelism", spec.Parallelism, $"must be less than or equal to {MostParallelIndexed} when completion mode is Indexed");
        if (spec.MaxFailedIndexes > completions) errors.Invalid("spec.maxFailedIndexes", spec.MaxFailedIndexes, "must be less than or equal to completions");
        if (spec.MaxFailedIndexes > MostCompletionsTracked) errors.Invalid("spec.maxFailedIndexes", spec.MaxFailedIndexes, $"must be less than or equal to {MostCompletionsTracked}");
        if (completions <= MostCompletionsTracked || spec.BackoffLimitPerIndex is null) return;
        if (spec.MaxFailedIndexes is null) errors.Required("spec.maxFailedIndexes", $"must be specified when completions is above {MostCompletionsTracked}");
        if (spec.Parallelism > MostParallelOfMany)
            errors.Invalid("spec.parallelism", spec.Parallelism, $"must be less than or equal to {MostParallelOfMany} when completions are above {MostCompletionsTracked} and used with backoff limit per index");
    }

    private static void Template(JobSpec spec, FieldErrors errors)
    {
        var before = errors.Causes.Count;
        if (spec.Selector is null) errors.Required("spec.selector");
        else LabelSelectorValidation.Validate(spec.Selector, "spec.selector", errors);
        var labels = spec.Template.Metadata?.Labels;
        if (errors.Causes.Count == before && !KubeApi.Selector.Of(spec.Selector!).Matches(labels))
            errors.Invalid("spec.template.metadata.labels", labels ?? new Dictionary<string, string>(), "`selector` does not match template `labels`");
        WorkloadValidation.PodTemplate(spec.Template, "spec.template", errors);
        const string path = "spec.template.spec.restartPolicy";
        switch (spec.Template.Spec?.RestartPolicy)
        {
            case null or "" or "Always": errors.Required(path, "valid values: \"OnFailure\", \"Never\""); break;
            case "OnFailure" or "Never": break;
            case var other: errors.NotSupported(path, other, ["OnFailure", "Never"]); break;
        }
    }
}
