using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: the conditions that the node itself sets (kubelet, pkg/kubelet/status/generate.go).</summary>
internal static class PodConditions
{
    private static readonly string[] Own = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    /// <summary>Conditions of others, such as those for readiness gates, stay as they are.</summary>
    public static List<PodCondition> Of(Pod pod, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> regular, bool hasSandbox, PodCondition? further, DateTime now)
    {
        var generation = pod.Metadata.Generation;
        var containersReady = ContainersReady(pod, phase, init, regular);
        List<PodCondition> own =
        [
            new() { Type = "PodReadyToStartContainers", Status = Text(hasSandbox) }, Initialized(pod, phase, init, regular),
            Ready(pod, containersReady), containersReady, new() { Type = "PodScheduled", Status = "True" },
        ];
        if (further is not null) own.Add(further);
        var before = pod.Status?.Conditions ?? [];
        return
        [
            .. own.Select(condition => WithTransition(condition with { ObservedGeneration = generation }, before.FirstOrDefault(old => old.Type == condition.Type), now)),
            .. before.Where(condition => !Own.Contains(condition.Type) && condition.Type != further?.Type),
        ];
    }

    /// <summary>
    /// The node's own conditions, with their transition times, from what it computed last and the server may not have
    /// yet; everything else from the server.
    /// </summary>
    public static IReadOnlyList<PodCondition> Newest(IReadOnlyList<PodCondition>? server, IReadOnlyList<PodCondition>? computed) =>
    [
        .. (computed ?? []).Where(condition => Own.Contains(condition.Type)), .. (server ?? []).Where(condition => !Own.Contains(condition.Type)),
    ];

    private static PodCondition Initialized(Pod pod, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> regular)
    {
        if (phase == "Succeeded") return new() { Type = "Initialized", Status = "True", Reason = "PodCompleted" };
        var incomplete = PodContainer.Init(pod).Zip(init).Where(entry => entry.First.Kind == ContainerKind.Sidecar ? entry.Second.Started != true : !entry.Second.Ready)
            .Select(entry => entry.First.Name).ToList();
        if (incomplete.Count == 0 || regular.Any(PodPhase.HasRun)) return new() { Type = "Initialized", Status = "True" };
        return new() { Type = "Initialized", Status = "False", Reason = "ContainersNotInitialized", Message = $"containers with incomplete status: [{string.Join(' ', incomplete)}]" };
    }

    private static PodCondition ContainersReady(Pod pod, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> regular)
    {
        var condition = new PodCondition { Type = "ContainersReady", Status = "False" };
        if (phase == "Succeeded") return condition with { Reason = "PodCompleted" };
        if (phase == "Failed") return condition with { Reason = "PodFailed" };
        var sidecars = PodContainer.Init(pod).Zip(init).Where(entry => entry.First.Kind == ContainerKind.Sidecar).Select(entry => entry.Second);
        var unready = sidecars.Concat(regular).Where(status => !status.Ready).Select(status => status.Name).ToList();
        return unready.Count == 0 ? condition with { Status = "True" }
            : condition with { Reason = "ContainersNotReady", Message = $"containers with unready status: [{string.Join(' ', unready)}]" };
    }

    private static PodCondition Ready(Pod pod, PodCondition containersReady)
    {
        var ready = containersReady with { Type = "Ready" };
        if (containersReady.Status != "True") return ready;
        var messages = (pod.Spec!.ReadinessGates ?? []).Select(gate => Unmet(gate, pod.Status?.Conditions)).OfType<string>().ToList();
        return messages.Count == 0 ? ready : ready with { Status = "False", Reason = "ReadinessGatesNotReady", Message = string.Join(", ", messages) };
    }

    private static string? Unmet(PodReadinessGate gate, IReadOnlyList<PodCondition>? conditions) =>
        conditions?.FirstOrDefault(condition => condition.Type == gate.ConditionType) switch
        {
            null => $"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.",
            { Status: "True" } => null,
            var other => $"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {other.Status}",
        };

    /// <summary>lastTransitionTime changes with the status only.</summary>
    private static PodCondition WithTransition(PodCondition condition, PodCondition? before, DateTime now) =>
        condition with { LastTransitionTime = before?.Status == condition.Status ? before.LastTransitionTime ?? now : now };

    private static string Text(bool value) => value ? "True" : "False";
}
