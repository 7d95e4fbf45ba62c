using KubeApi.Objects;

namespace ControlPlane.Registry.Jobs;

/// <summary>What of a job may change: how many pods run at once, limits, and, before it first starts, where its pods go.</summary>
internal static class JobUpdateValidation
{
    /// <param name="same">Whether two values are equal on the wire.</param>
    public static void Validate(Job old, Job updated, Func<object?, object?, bool> same, FieldErrors errors)
    {
        var (before, after) = (old.Spec ?? new JobSpec(), updated.Spec ?? new JobSpec());
        void Immutable(string path, object? was, object? becomes)
        {
            if (!same(was, becomes)) errors.Invalid(path, becomes, "field is immutable");
        }
        Completions(before, after, errors);
        Immutable("spec.selector", before.Selector, after.Selector);
        Immutable("spec.template", IsSuspendedBeforeItsStart(old) ? WithPlacementOf(before.Template, after.Template) : before.Template, after.Template);
        Immutable("spec.completionMode", before.CompletionMode, after.CompletionMode);
        Immutable("spec.podFailurePolicy", before.PodFailurePolicy, after.PodFailurePolicy);
        Immutable("spec.backoffLimitPerIndex", before.BackoffLimitPerIndex, after.BackoffLimitPerIndex);
        Immutable("spec.managedBy", before.ManagedBy, after.ManagedBy);
        Immutable("spec.successPolicy", before.SuccessPolicy, after.SuccessPolicy);
        Ended(old, updated, errors);
    }

    /// <summary>An indexed job may grow and shrink if both numbers do so together.</summary>
    private static void Completions(JobSpec before, JobSpec after, FieldErrors errors)
    {
        if (before.Completions == after.Completions) return;
        if (after.CompletionMode != "Indexed" || before.Completions is null || after.Completions is null) errors.Invalid("spec.completions", after.Completions, "field is immutable");
        else if (after.Completions != after.Parallelism || before.Completions != before.Parallelism)
            errors.Invalid("spec.completions", after.Completions, "can only be modified in tandem with spec.parallelism");
    }

    private static bool IsSuspendedBeforeItsStart(Job job) => job is { Spec.Suspend: true, Status.StartTime: null };

    private static PodTemplateSpec WithPlacementOf(PodTemplateSpec template, PodTemplateSpec other) => template with
    {
        Metadata = template.Metadata is null && other.Metadata is null ? null
            : (template.Metadata ?? new ObjectMeta()) with { Labels = other.Metadata?.Labels, Annotations = other.Metadata?.Annotations },
        Spec = template.Spec is not { } spec ? null : spec with
        {
            NodeSelector = other.Spec?.NodeSelector, Tolerations = other.Spec?.Tolerations, SchedulingGates = other.Spec?.SchedulingGates,
            Affinity = spec.Affinity is null && other.Spec?.Affinity is null ? null
                : (spec.Affinity ?? new Affinity()) with { NodeAffinity = other.Spec?.Affinity?.NodeAffinity },
        },
    };

    /// <summary>A job ends once: who writes its status cannot take that back.</summary>
    private static void Ended(Job old, Job updated, FieldErrors errors)
    {
        foreach (var type in new[] { "Complete", "Failed" })
            if (Has(old, type) && !Has(updated, type)) errors.Invalid("status.conditions", updated.Status?.Conditions ?? [], $"condition type {type} cannot be removed");
        if (Has(updated, "Complete") && Has(updated, "Failed")) errors.Invalid("status.conditions", updated.Status!.Conditions, "cannot set Complete=True and Failed=True conditions");
    }

    private static bool Has(Job job, string type) => job.Status?.Conditions?.Any(condition => condition.Type == type && condition.Status == "True") == true;
}
