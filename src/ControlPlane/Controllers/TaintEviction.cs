using ControlPlane.Scheduler;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>When NoExecute taints drive a pod off its node.</summary>
internal static class TaintEviction
{
    /// <summary>The time at which the pod goes; a time in the past means now, null never.</summary>
    /// <param name="defaultToleration">For not-ready and unreachable nodes, where the pod says nothing about them.</param>
    /// <param name="seenAt">When a taint that does not say when it was added was seen first.</param>
    public static DateTime? At(Pod pod, Node node, TimeSpan defaultToleration, Func<Taint, DateTime>? seenAt = null)
    {
        DateTime? earliest = null;
        foreach (var taint in node.Spec?.Taints ?? [])
        {
            if (taint.Effect != "NoExecute" || At(pod, taint, defaultToleration, Start(pod, taint, seenAt)) is not { } at) continue;
            if (earliest is null || at < earliest) earliest = at;
        }
        return earliest;
    }

    /// <summary>A pod that came to a node with the taint tolerates it from then on.</summary>
    private static DateTime Start(Pod pod, Taint taint, Func<Taint, DateTime>? seenAt)
    {
        var added = taint.TimeAdded ?? seenAt?.Invoke(taint) ?? DateTime.MinValue;
        return PodState.Condition(pod, "PodScheduled") is { Status: "True", LastTransitionTime: { } bound } && bound > added ? bound : added;
    }

    private static DateTime? At(Pod pod, Taint taint, TimeSpan defaultToleration, DateTime added)
    {
        var matching = (pod.Spec?.Tolerations ?? []).Where(toleration => Tolerations.Tolerates(toleration, taint)).ToList();
        if (matching.Count == 0) return taint.Key is Tolerations.NotReady or Tolerations.Unreachable ? Later(added, defaultToleration.TotalSeconds) : DateTime.MinValue;
        // Several may match: the shortest counts; without seconds a toleration holds for ever.
        var seconds = matching.Where(toleration => toleration.TolerationSeconds is not null).Select(toleration => toleration.TolerationSeconds).Min();
        return seconds is null ? null : Later(added, Math.Max(0, seconds.Value));
    }

    private static DateTime Later(DateTime time, double seconds) =>
        seconds > (DateTime.MaxValue - time).TotalSeconds ? DateTime.MaxValue : time.AddSeconds(seconds);
}
