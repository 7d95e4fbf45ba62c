using ControlPlane.Registry.Pods;
using KubeApi.Defaults;
using KubeApi.Objects;

namespace ControlPlane.Registry.Jobs;

/// <summary>What a job means where it is silent, and the selector that the server makes for it.</summary>
internal static class JobDefaults
{
    private const int BackoffLimit = 6;

    public static Job Apply(Job job)
    {
        var spec = job.Spec ?? new JobSpec();
        var single = spec.Completions is null && spec.Parallelism is null;
        return job with
        {
            Metadata = job.Metadata.Labels is { Count: > 0 } ? job.Metadata : job.Metadata with { Labels = spec.Template.Metadata?.Labels },
            Spec = spec with
            {
                Completions = single ? 1 : spec.Completions,
                Parallelism = spec.Parallelism ?? 1,
                // Where each index has a limit of its own there is none for all together.
                BackoffLimit = spec.BackoffLimit ?? (spec.BackoffLimitPerIndex is null ? BackoffLimit : int.MaxValue),
                CompletionMode = PodSpecDefaults.Or(spec.CompletionMode, "NonIndexed"),
                Suspend = spec.Suspend ?? false,
                ManualSelector = spec.ManualSelector ?? false,
                PodReplacementPolicy = spec.PodReplacementPolicy ?? (spec.PodFailurePolicy is null ? "TerminatingOrFailed" : "Failed"),
                PodFailurePolicy = spec.PodFailurePolicy is { } policy ? policy with { Rules = policy.Rules.Select(Rule).ToList() } : null,
                Template = PodSpecDefaults.Apply(spec.Template),
            },
        };
    }

    private static PodFailurePolicyRule Rule(PodFailurePolicyRule rule) => rule with
    {
        OnPodConditions = rule.OnPodConditions?.Select(pattern => pattern with { Status = PodSpecDefaults.Or(pattern.Status, "True") }).ToList(),
    };

    /// <summary>What the server writes on a job's pods, under the names of today and of yesterday.</summary>
    public static Dictionary<string, string> PodLabels(Job job) => new()
    {
        ["batch.kubernetes.io/controller-uid"] = job.Metadata.Uid ?? "", ["batch.kubernetes.io/job-name"] = job.Name,
        ["controller-uid"] = job.Metadata.Uid ?? "", ["job-name"] = job.Name,
    };

    /// <summary>
    /// The job's pods carry its uid, so that no two jobs ever share one. Labels that the client wrote stay: those of
    /// another job are then refused by validation. Nothing is made where the client selects by itself.
    /// </summary>
    public static Job WithSelector(Job job)
    {
        if (job.Spec is not { } spec || spec.ManualSelector == true) return job;
        var labels = new Dictionary<string, string>(spec.Template.Metadata?.Labels ?? new Dictionary<string, string>());
        foreach (var (key, value) in PodLabels(job)) labels.TryAdd(key, value);
        var selector = new Dictionary<string, string>(spec.Selector?.MatchLabels ?? new Dictionary<string, string>());
        selector.TryAdd("batch.kubernetes.io/controller-uid", job.Metadata.Uid ?? "");
        return job with
        {
            Spec = spec with
            {
                Selector = (spec.Selector ?? new LabelSelector()) with { MatchLabels = selector },
                Template = spec.Template with { Metadata = (spec.Template.Metadata ?? new ObjectMeta()) with { Labels = labels } },
            },
        };
    }
}
