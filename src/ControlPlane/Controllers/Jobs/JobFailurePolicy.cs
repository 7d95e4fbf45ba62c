using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>What a failed pod means to its job (KEP-3329).</summary>
/// <param name="Action">Count, Ignore, FailIndex or FailJob.</param>
/// <param name="Message">Why the job fails; null unless it does.</param>
internal sealed record JobFailurePolicy(string Action, string? Message)
{
    private static readonly JobFailurePolicy Count = new("Count", null);

    /// <summary>The first rule that matches decides; without one the failure counts.</summary>
    public static JobFailurePolicy Of(Job job, Pod pod)
    {
        var rules = job.Spec?.PodFailurePolicy?.Rules ?? [];
        if (pod.Status?.Phase != "Failed") return Count;
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = rules[i];
            var what = rule.OnExitCodes is { } codes ? Matching(codes, pod) : Matching(rule.OnPodConditions ?? [], pod);
            if (what is not null) return new JobFailurePolicy(rule.Action, rule.Action == "FailJob" ? $"{what} matching {rule.Action} rule at index {i}" : null);
        }
        return Count;
    }

    private static string? Matching(PodFailurePolicyOnExitCodesRequirement codes, Pod pod)
    {
        var ended = (pod.Status!.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? [])
            .Where(status => codes.ContainerName is null || status.Name == codes.ContainerName)
            .Select(status => (status.Name, Code: status.State?.Terminated?.ExitCode)).Where(status => status.Code is not (null or 0));
        foreach (var (name, code) in ended)
            if (codes.Values.Contains(code!.Value) == (codes.Operator == "In")) return $"Container {name} for pod {pod.Namespace}/{pod.Name} failed with exit code {code}";
        return null;
    }

    private static string? Matching(IReadOnlyList<PodFailurePolicyOnPodConditionsPattern> patterns, Pod pod)
    {
        var found = patterns.FirstOrDefault(pattern => PodState.Condition(pod, pattern.Type)?.Status == pattern.Status);
        return found is null ? null : $"Pod {pod.Namespace}/{pod.Name} has condition {found.Type}";
    }
}
