using ControlPlane.Admission;
using ControlPlane.Scheduler;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>When NoExecute taints drive a pod off its node.</summary>
internal static class TaintEviction
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(100 * 365);

    /// <summary>After how long the pod goes; zero or less means now, null never.</summary>
    /// <param name="defaults">For not-ready and unreachable nodes, where the pod says nothing about them.</param>
    /// <param name="sufferedFor">For how long the pod has been on the node together with this taint.</param>
    public static TimeSpan? In(Pod pod, Node node, DefaultTolerations defaults, Func<Taint, TimeSpan> sufferedFor)
    {
        TimeSpan? earliest = null;
        foreach (var taint in (node.Spec?.Taints ?? []).Where(taint => taint.Effect == "NoExecute"))
        {
            if (Tolerated(pod, taint, defaults) is not { } tolerated) continue;
            var left = tolerated - sufferedFor(taint);
            if (earliest is null || left < earliest) earliest = left;
        }
        return earliest;
    }

    /// <summary>Null: for ever.</summary>
    private static TimeSpan? Tolerated(Pod pod, Taint taint, DefaultTolerations defaults)
    {
        var matching = (pod.Spec?.Tolerations ?? []).Where(toleration => Tolerations.Tolerates(toleration, taint)).ToList();
        if (matching.Count == 0) return Seconds(defaults.Of(taint.Key) ?? 0);
        // Several may match: the shortest counts; without seconds a toleration holds for ever.
        return matching.Where(toleration => toleration.TolerationSeconds is not null).Select(toleration => toleration.TolerationSeconds).Min() is { } seconds ? Seconds(seconds) : null;
    }

    private static TimeSpan Seconds(long seconds) => seconds <= 0 ? TimeSpan.Zero : seconds > Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);
}
