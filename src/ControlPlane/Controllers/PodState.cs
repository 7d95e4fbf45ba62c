using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Questions about a pod that several controllers ask.</summary>
internal static class PodState
{
    /// <summary>It runs or will run: neither ended nor being deleted.</summary>
    public static bool IsActive(Pod pod) => !IsFinished(pod) && pod.Metadata.DeletionTimestamp is null;

    public static bool IsFinished(Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    public static bool IsReady(Pod pod) => Condition(pod, "Ready")?.Status == "True";

    /// <summary>Ready for at least so long (minReadySeconds).</summary>
    public static bool IsAvailable(Pod pod, int minReadySeconds, DateTime now) => AvailableAt(pod, minReadySeconds) <= now;

    /// <summary>When the pod counts as available if it stays ready; null while it is not ready.</summary>
    public static DateTime? AvailableAt(Pod pod, int minReadySeconds)
    {
        if (Condition(pod, "Ready") is not { Status: "True" } ready) return null;
        return minReadySeconds == 0 ? DateTime.MinValue : (ready.LastTransitionTime ?? DateTime.MinValue).AddSeconds(minReadySeconds);
    }

    public static PodCondition? Condition(Pod pod, string type) => pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    /// <summary>The conditions with one of them replaced or added; its transition time moves only when its status does.</summary>
    public static IReadOnlyList<PodCondition> WithCondition(Pod pod, PodCondition condition, DateTime now)
    {
        var old = Condition(pod, condition.Type);
        condition = condition with { LastTransitionTime = old?.Status == condition.Status ? old.LastTransitionTime : now };
        return [.. (pod.Status?.Conditions ?? []).Where(other => other.Type != condition.Type), condition];
    }
}
