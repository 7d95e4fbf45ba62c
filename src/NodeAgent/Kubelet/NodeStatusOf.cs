using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: what a node knows of itself → status of its Node object.</summary>
internal static class NodeStatusOf
{
    private static readonly (string Type, string Reason, string Message)[] Pressures =
    [
        ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ];

    /// <param name="problem">Why pods cannot run here; null: they can.</param>
    public static IReadOnlyList<NodeCondition> Conditions(IReadOnlyList<NodeCondition>? before, string? problem, DateTime now)
    {
        var own = Pressures.Select(pressure => new NodeCondition { Type = pressure.Type, Status = "False", Reason = pressure.Reason, Message = pressure.Message })
            .Append(problem is null
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

    /// <summary>Whether the server's idea of the node's readiness is not the node's own: it was given up as lost, say.</summary>
    public static bool Differs(Node? known, string? problem)
    {
        var ready = known?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        return ready is null || ready.Status != (problem is null ? "True" : "False") || problem is not null && ready.Message != problem;
    }
}
