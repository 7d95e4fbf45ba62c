using KubeApi.Objects;
using NodeAgent.Containers;
using NodeAgent.Kubelet;

namespace NodeAgent.Eviction;

/// <summary>Which new pods a node under pressure still takes (kubelet, eviction manager's Admit). Pure.</summary>
internal static class PressureAdmission
{
    private const string MemoryTaint = "node.kubernetes.io/memory-pressure";

    /// <returns>Null: it is taken.</returns>
    public static PodFailure? Refuse(Pod pod, NodePressure pressure)
    {
        if (pressure.Conditions.Count == 0 || EvictionOrder.IsCritical(pod)) return null;
        // Short of memory only: whoever asked for some may have it.
        if (pressure is { Memory: true, Disk: false, Pids: false } && (QosClass.Of(pod) != "BestEffort" || Tolerates(pod))) return null;
        return new PodFailure(EvictionWords.Reason, EvictionWords.OfRefusal(pressure.Conditions), Rejected: true);
    }

    private static bool Tolerates(Pod pod) => (pod.Spec!.Tolerations ?? []).Any(toleration =>
        toleration.Effect is null or "" or "NoSchedule" && (toleration.Key == MemoryTaint || string.IsNullOrEmpty(toleration.Key) && toleration.Operator == "Exists"));
}
