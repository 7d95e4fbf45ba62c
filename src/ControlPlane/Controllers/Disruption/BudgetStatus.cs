using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Disruption;

/// <summary>What a PodDisruptionBudget allows at a moment (k8s.io/kubernetes pkg/controller/disruption).</summary>
internal static class BudgetStatus
{
    public const string DisruptionAllowed = "DisruptionAllowed";

    /// <summary>How long an accepted eviction counts although its pod shows no sign of going.</summary>
    public static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    /// <summary>The budget is known as a number of pods, without asking what their owners want.</summary>
    public static bool IsAbsolute(PodDisruptionBudget budget) => budget.Spec is { MaxUnavailable: null } spec && spec.MinAvailable is null or { IsNumber: true };

    /// <param name="pods">All pods that the budget selects.</param>
    /// <param name="expected">How many there should be.</param>
    public static PodDisruptionBudgetStatus Of(PodDisruptionBudget budget, IReadOnlyList<Pod> pods, int expected, DateTime now)
    {
        var spec = budget.Spec ?? new PodDisruptionBudgetSpec();
        var desired = spec.MaxUnavailable is { } may ? Math.Max(0, expected - may.Scale(expected, roundUp: true)) : spec.MinAvailable?.Scale(expected, roundUp: true) ?? 0;
        var disrupted = Disrupted(budget, pods, now);
        var healthy = pods.Count(pod => pod.Metadata.DeletionTimestamp is null && !disrupted.ContainsKey(pod.Name) && PodState.IsReady(pod));
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        return WithAllowed((budget.Status ?? new PodDisruptionBudgetStatus()) with
        {
            CurrentHealthy = healthy, DesiredHealthy = desired, ExpectedPods = expected, DisruptedPods = disrupted.Count == 0 ? null : disrupted, ObservedGeneration = budget.Metadata.Generation,
        }, allowed, now);
    }

    /// <summary>Where the number of pods cannot be known nothing is allowed.</summary>
    public static PodDisruptionBudgetStatus Failed(PodDisruptionBudget budget, string why, DateTime now) =>
        WithCondition((budget.Status ?? new PodDisruptionBudgetStatus()) with { DisruptionsAllowed = 0, ObservedGeneration = budget.Metadata.Generation }, "False", "SyncFailed", why, now);

    public static PodDisruptionBudgetStatus WithAllowed(PodDisruptionBudgetStatus status, int allowed, DateTime now) =>
        WithCondition(status with { DisruptionsAllowed = allowed }, allowed > 0 ? "True" : "False", allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now);

    /// <summary>Evictions that were accepted and whose pods the cache still shows alive.</summary>
    private static Dictionary<string, DateTime> Disrupted(PodDisruptionBudget budget, IReadOnlyList<Pod> pods, DateTime now)
    {
        var alive = pods.Where(pod => pod.Metadata.DeletionTimestamp is null).Select(pod => pod.Name).ToHashSet();
        return (budget.Status?.DisruptedPods ?? new Dictionary<string, DateTime>()).Where(entry => alive.Contains(entry.Key) && entry.Value + DeletionTimeout > now).ToDictionary();
    }

    private static PodDisruptionBudgetStatus WithCondition(PodDisruptionBudgetStatus status, string value, string reason, string message, DateTime now)
    {
        var old = status.Conditions?.FirstOrDefault(condition => condition.Type == DisruptionAllowed);
        var condition = new Condition
        {
            Type = DisruptionAllowed, Status = value, Reason = reason, Message = message, ObservedGeneration = status.ObservedGeneration,
            LastTransitionTime = old?.Status == value ? old.LastTransitionTime : now,
        };
        return status with { Conditions = [.. (status.Conditions ?? []).Where(other => other.Type != DisruptionAllowed), condition] };
    }
}
