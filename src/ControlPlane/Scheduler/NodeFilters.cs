using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>Which nodes a pod can run on at all, and in Kubernetes' words why not.</summary>
internal static class NodeFilters
{
    /// <summary>What speaks against this node; empty if nothing does. The first filter that fails answers.</summary>
    public static IReadOnlyList<string> Objections(PodSpec spec, PodRequests requests, NodeState state)
    {
        var node = state.Node!;
        if (Taint(spec, node) is { } taint) return [taint];
        if (!NodeAffinityTerms.Matches(spec, node)) return ["node(s) didn't match Pod's node affinity/selector"];
        if (requests.HostPorts.Any(state.HasPort)) return ["node(s) didn't have free ports for the requested pod ports"];
        return Resources(requests, state).ToList();
    }

    private static string? Taint(PodSpec spec, Node node)
    {
        var taint = Tolerations.EffectiveTaints(node)
            .FirstOrDefault(taint => taint.Effect is "NoSchedule" or "NoExecute" && !Tolerations.Tolerate(spec.Tolerations, taint));
        if (taint is null) return null;
        return taint.Key == Tolerations.Unschedulable ? "node(s) were unschedulable" : $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}";
    }

    /// <summary>A node that reports no allocatable pods takes none; it has not reported yet.</summary>
    private static IEnumerable<string> Resources(PodRequests requests, NodeState state)
    {
        if (state.PodCount + 1 > state.Allocatable("pods", quantity => quantity.Value)) yield return "Too many pods";
        if (requests.MilliCpu > 0 && state.MilliCpu + requests.MilliCpu > state.Allocatable("cpu", quantity => quantity.MilliValue)) yield return "Insufficient cpu";
        if (requests.Memory > 0 && state.Memory + requests.Memory > state.Allocatable("memory", quantity => quantity.Value)) yield return "Insufficient memory";
    }

    /// <summary><c>0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.</c></summary>
    public static string Message(IReadOnlyCollection<IReadOnlyList<string>> objectionsByNode)
    {
        if (objectionsByNode.Count == 0) return "no nodes available to schedule pods";
        var reasons = objectionsByNode.SelectMany(objections => objections).GroupBy(reason => reason)
            .Select(group => $"{group.Count()} {group.Key}").Order(StringComparer.Ordinal);
        return $"0/{objectionsByNode.Count} nodes are available: {string.Join(", ", reasons)}.";
    }
}
