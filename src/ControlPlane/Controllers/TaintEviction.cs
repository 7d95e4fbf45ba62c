using ControlPlane.Scheduler;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>When NoExecute taints drive a pod off its node.</summary>
internal static class TaintEviction
{
    /// <summary>The time at which the pod goes; a time in the past means now, null never.</summary>
    /// <param name="defaultToleration">For not-ready and unreachable nodes, where the pod says nothing about them.</param>
    public static DateTime? At(Pod pod, Node node, TimeSpan defaultToleration)
    {
        DateTime? earliest = null;
        foreach (var taint in node.Spec?.Taints ?? [])
        {
            if (taint.Effect != "NoExecute" || At(pod, taint, defaultToleration) is not { } at) continue;
            if (earliest is null || at < earliest) earliest = at;
        }
        return earliest;
    }

    private static DateTime? At(Pod pod, Taint taint, TimeSpan defaultToleration)
    {
        var added = taint.TimeAdded ?? DateTime.MinValue;
        var matching = (pod.Spec?.Tolerations ?? []).Where(toleration => Tolerations.Tolerates(toleration, taint)).ToList();
        if (matching.Count == 0) return taint.Key is Tolerations.NotReady or Tolerations.Unreachable ? Later(added, defaultToleration.TotalSeconds) : DateTime.MinValue;
        // Several may match: the shortest counts; without seconds a toleration holds for ever.
        var seconds = matching.Where(toleration => toleration.TolerationSeconds is not null).Select(toleration => toleration.TolerationSeconds).Min();
        return seconds is null ? null : Later(added, Math.Max(0, seconds.Value));
    }

    private static DateTime Later(DateTime time, double seconds) =>
        seconds > (DateTime.MaxValue - time).TotalSeconds ? DateTime.MaxValue : time.AddSeconds(seconds);
}
