using ControlPlane.Scheduler;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>What the control plane says about a node that has stopped talking, and which taints follow from its state.</summary>
internal static class NodeHealth
{
    /// <summary>Conditions of the node that keep new pods away while they hold.</summary>
    private static readonly (string Condition, string Taint)[] Pressures =
    [
        ("MemoryPressure", "node.kubernetes.io/memory-pressure"), ("DiskPressure", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "node.kubernetes.io/pid-pressure"), ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
    ];

    private static readonly string[] Managed = [Tolerations.NotReady, Tolerations.Unreachable, Tolerations.Unschedulable, .. Pressures.Select(pressure => pressure.Taint)];
    private static readonly string[] SelfReported = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    /// <summary>True, False, or Unknown also where the node has not reported yet.</summary>
    public static string Ready(Node node) => node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status ?? "Unknown";

    /// <summary>
    /// The conditions of a node that is silent: all that it used to report is unknown now. The same list if they say so
    /// already.
    /// </summary>
    public static IReadOnlyList<NodeCondition> Silent(Node node, DateTime now)
    {
        var old = node.Status?.Conditions ?? [];
        var unknown = SelfReported.Select(type => (Type: type, Old: old.FirstOrDefault(condition => condition.Type == type))).ToList();
        if (unknown.All(entry => entry.Old?.Status == "Unknown")) return old;
        return
        [
            .. old.Where(condition => !SelfReported.Contains(condition.Type)),
            .. unknown.Select(entry => entry.Old is { Status: "Unknown" } ? entry.Old : new NodeCondition
            {
                Type = entry.Type, Status = "Unknown", LastTransitionTime = now, LastHeartbeatTime = entry.Old?.LastHeartbeatTime ?? node.Metadata.CreationTimestamp,
                Reason = entry.Old is null ? "NodeStatusNeverUpdated" : "NodeStatusUnknown",
                Message = entry.Old is null ? "Kubelet never posted node status." : "Kubelet stopped posting node status.",
            }),
        ];
    }

    /// <summary>It has been marked as silent, and has said nothing since.</summary>
    public static bool IsGivenUp(Node node) => Ready(node) == "Unknown" && ReferenceEquals(Silent(node, default), node.Status?.Conditions);

    /// <summary>
    /// The taints that the node should have: others' as they are, ours by its state. A taint that is there already keeps
    /// its time, from which tolerationSeconds count. The same list if nothing changes.
    /// </summary>
    /// <param name="evict">Whether a node that is not ready may drive its pods away now; see <see cref="ZoneDisruption"/>.</param>
    public static IReadOnlyList<Taint> Taints(Node node, DateTime now, bool evict = true)
    {
        var old = node.Spec?.Taints ?? [];
        var wanted = new List<Taint>();
        if (node.Spec?.Unschedulable == true) wanted.Add(new Taint { Key = Tolerations.Unschedulable, Effect = "NoSchedule" });
        if (Ready(node) is not "True" and var ready)
        {
            var key = ready == "False" ? Tolerations.NotReady : Tolerations.Unreachable;
            wanted.Add(new Taint { Key = key, Effect = "NoSchedule" });
            if (evict) wanted.Add(new Taint { Key = key, Effect = "NoExecute" });
        }
        foreach (var (condition, key) in Pressures)
            if (node.Status?.Conditions?.Any(other => other.Type == condition && other.Status == "True") == true) wanted.Add(new Taint { Key = key, Effect = "NoSchedule" });
        var ours = wanted.Select(taint => old.FirstOrDefault(other => IsSame(other, taint)) ?? taint with { TimeAdded = now }).ToList();
        var present = old.Where(taint => Managed.Contains(taint.Key)).ToList();
        return present.Count == ours.Count && ours.All(present.Contains) ? old : [.. old.Where(taint => !Managed.Contains(taint.Key)), .. ours];
    }

    /// <summary>Its pods are being driven away already.</summary>
    public static bool Evicts(Node node) => node.Spec?.Taints?.Any(taint => taint.Effect == "NoExecute" && taint.Key is Tolerations.NotReady or Tolerations.Unreachable) == true;

    private static bool IsSame(Taint left, Taint right) => left.Key == right.Key && left.Effect == right.Effect;
}
