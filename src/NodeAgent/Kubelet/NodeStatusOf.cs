using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: what a node knows of itself → status of its Node object.</summary>
internal static class NodeStatusOf
{
    private static IEnumerable<NodeCondition> Pressures(NodePressure pressure)
    {
        yield return Condition("MemoryPressure", pressure.Memory, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available", "KubeletHasSufficientMemory", "kubelet has sufficient memory available");
        yield return Condition("DiskPressure", pressure.Disk, "KubeletHasDiskPressure", "kubelet has disk pressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure");
        yield return Condition("PIDPressure", pressure.Pids, "KubeletHasInsufficientPID", "kubelet has insufficient PID available", "KubeletHasSufficientPID", "kubelet has sufficient PID available");
    }

    private static NodeCondition Condition(string type, bool holds, string reason, string message, string otherwise, string otherwiseMessage) => holds
        ? new NodeCondition { Type = type, Status = "True", Reason = reason, Message = message } : new NodeCondition { Type = type, Status = "False", Reason = otherwise, Message = otherwiseMessage };

    /// <param name="problem">Why pods cannot run here; null: they can.</param>
    public static IReadOnlyList<NodeCondition> Conditions(IReadOnlyList<NodeCondition>? before, string? problem, NodePressure pressure, DateTime now)
    {
        var own = Pressures(pressure).Append(problem is null
                ? new NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady", Message = "kubelet is posting ready status" }
                : new NodeCondition { Type = "Ready", Status = "False", Reason = "KubeletNotReady", Message = problem }).ToList();
        return
        [
            .. own.Select(condition => condition with
            {
                LastHeartbeatTime = now,
                LastTransitionTime = before?.FirstOrDefault(old => old.Type == condition.Type) is { } old && old.Status == condition.Status ? old.LastTransitionTime ?? now : now,
            }),
            .. (before ?? []).Where(old => own.All(condition => condition.Type != old.Type)),
        ];
    }

    public static bool IsReady(Node node) => node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Whether the server's idea of the node is not the node's own: it was given up as lost, say, or runs short of memory since.</summary>
    public static bool Differs(Node? known, string? problem, NodePressure pressure)
    {
        if (Pressures(pressure).Any(own => known?.Status?.Conditions?.Any(condition => condition.Type == own.Type && condition.Status == own.Status) != true)) return true;
        var ready = known?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        return ready is null || ready.Status != (problem is null ? "True" : "False") || problem is not null && ready.Message != problem;
    }
}
