using KubeApi.Scheduling;

namespace ControlPlane.Scheduler;

/// <summary>Whether a pod can run on a node, as far as the node alone decides it. The first filter that fails answers.</summary>
internal static class NodeFilters
{
    private static readonly Objection Unschedulable = new(Obstacle.Unschedulable, "node(s) were unschedulable");
    private static readonly Objection Tainted = new(Obstacle.Taints, "node(s) had untolerated taint(s)");
    private static readonly Objection NotSelected = new(Obstacle.NodeAffinity, "node(s) didn't match Pod's node affinity/selector");
    private static readonly Objection PortTaken = new(Obstacle.Ports, "node(s) didn't have free ports for the requested pod ports");

    /// <summary>For nodes that are not looked at, because the pod names those that are.</summary>
    public static readonly Objection NotNamed = new(Obstacle.NodeAffinity, "node(s) didn't satisfy plugin(s) [NodeAffinity]");

    /// <summary>Null: nothing speaks against the node.</summary>
    public static Objection? Check(PodInfo pod, NodeState state)
    {
        if (state.Taints.Count > 0 && Taint(pod, state) is { } taint) return taint;
        if (pod.SelectsNodes && !NodeAffinityTerms.Matches(pod.Spec, state.Node!)) return NotSelected;
        foreach (var port in pod.Requests.HostPorts)
            if (state.HasPort(port)) return PortTaken;
        return Resources(pod.Requests, state);
    }

    private static Objection? Taint(PodInfo pod, NodeState state)
    {
        Objection? objection = null;
        foreach (var taint in state.Taints)
        {
            if (Tolerations.Tolerate(pod.Spec.Tolerations, taint)) continue;
            if (taint.Key == Tolerations.Unschedulable) return Unschedulable;
            objection = Tainted;
        }
        return objection;
    }

    /// <summary>A node that reports no allocatable pods takes none; it has not reported yet.</summary>
    private static Objection? Resources(PodRequests requests, NodeState state)
    {
        var (pods, cpu, memory) = (state.PodCount + 1 > state.AllocatablePods,
            requests.MilliCpu > 0 && state.MilliCpu + requests.MilliCpu > state.AllocatableMilliCpu,
            requests.Memory > 0 && state.Memory + requests.Memory > state.AllocatableMemory);
        if (!pods && !cpu && !memory && requests.Others.Count == 0) return null;
        var reasons = new List<string>();
        if (pods) reasons.Add("Too many pods");
        if (cpu) reasons.Add("Insufficient cpu");
        if (memory) reasons.Add("Insufficient memory");
        reasons.AddRange(requests.Others.Where(other => other.Value > 0 && other.Value > state.Free(other.Key)).Select(other => "Insufficient " + other.Key));
        return reasons.Count == 0 ? null : new Objection(Obstacle.Resources, [.. reasons]);
    }
}
