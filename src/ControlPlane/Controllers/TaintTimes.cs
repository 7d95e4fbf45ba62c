using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// For how long the pods of one node have been there together with its taints: by a monotonic clock from when both were seen first, so that a machine's
/// clock that jumps neither drives pods away too early nor keeps them. What was before, when another control plane looked, is taken from the objects' times.
/// Not safe for several threads.
/// </summary>
internal sealed class TaintTimes(TimeProvider clock)
{
    private readonly record struct Sight(long Stamp, DateTime At);

    private Dictionary<(string Key, string? Value), Sight> taints = [];
    private Dictionary<string, long> pods = [];

    /// <summary>What is there now; what is gone is forgotten.</summary>
    public void Observe(Node node, IEnumerable<Pod> present)
    {
        var sight = new Sight(clock.GetTimestamp(), clock.GetUtcNow().UtcDateTime);
        taints = (node.Spec?.Taints ?? []).Where(taint => taint.Effect == "NoExecute").Select(Key).Distinct().ToDictionary(key => key, key => taints.TryGetValue(key, out var first) ? first : sight);
        pods = present.DistinctBy(pod => pod.Metadata.Uid).ToDictionary(pod => pod.Metadata.Uid!, pod => pods.TryGetValue(pod.Metadata.Uid!, out var first) ? first : sight.Stamp);
    }

    /// <summary>Both must have been observed.</summary>
    public TimeSpan Of(Pod pod, Taint taint)
    {
        var (taintSeen, podSeen) = (taints[Key(taint)], pods[pod.Metadata.Uid!]);
        if (podSeen > taintSeen.Stamp) return clock.GetElapsedTime(podSeen);
        var together = taint.TimeAdded ?? taintSeen.At;
        if (PodState.Condition(pod, "PodScheduled") is { Status: "True", LastTransitionTime: { } bound } && bound > together) together = bound;
        var before = taintSeen.At > together ? taintSeen.At - together : TimeSpan.Zero;
        return before + clock.GetElapsedTime(taintSeen.Stamp);
    }

    private static (string, string?) Key(Taint taint) => (taint.Key, taint.Value);
}
