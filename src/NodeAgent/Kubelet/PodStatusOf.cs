using KubeApi.Objects;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>Why a container does not run, and when to try again.</summary>
internal sealed record WaitingContainer(string Reason, string Message, DateTime RetryAt);

/// <summary>All that the node knows of a pod at one moment.</summary>
/// <param name="Waiting">By container name: what the last attempt to start it ran into.</param>
/// <param name="BackOff">By container name: ended containers that are started again later.</param>
/// <param name="Problem">Why the pod as a whole makes no progress, e.g. no network.</param>
internal sealed record PodObservation(PodRecord Record, IReadOnlyDictionary<string, WaitingContainer> Waiting,
    IReadOnlyDictionary<string, DateTime> BackOff, string? Problem = null);

/// <summary>Pure: what the node observes of a pod → status of the API (kubelet, pkg/kubelet/kubelet_pods.go generateAPIPodStatus).</summary>
internal static class PodStatusOf
{
    private static readonly string[] OwnConditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    /// <summary>
    /// The node's own conditions, with their transition times, from what it computed last and the server may not have
    /// yet; everything else, such as conditions for readiness gates, from the server.
    /// </summary>
    public static PodStatus? Newest(PodStatus? server, PodStatus? computed) => computed is null ? server : (server ?? new PodStatus()) with
    {
        Conditions =
        [
            .. (computed.Conditions ?? []).Where(condition => OwnConditions.Contains(condition.Type)),
            .. (server?.Conditions ?? []).Where(condition => !OwnConditions.Contains(condition.Type)),
        ],
    };

    public static PodStatus Compute(Pod pod, PodObservation observed, string hostAddress, DateTime now)
    {
        var record = observed.Record;
        var containers = pod.Spec!.Containers.Select(container => ContainerStatusOf.Compute(pod, container, observed)).ToList();
        var phase = Phase(pod.Spec.RestartPolicy, containers);
        var address = record.Sandbox?.Address;
        return (pod.Status ?? new PodStatus()) with
        {
            Phase = phase,
            Conditions = Conditions(pod, phase, containers, record.Sandbox is { Removed: false }, now),
            Message = phase == "Pending" ? observed.Problem : null,
            Reason = null,
            HostIP = hostAddress,
            HostIPs = [new HostIP { Ip = hostAddress }],
            PodIP = address,
            PodIPs = address is null ? null : [new PodIP { Ip = address }],
            StartTime = record.StartTime,
            ContainerStatuses = containers,
            QosClass = QosClass.Of(pod),
            ObservedGeneration = pod.Metadata.Generation,
        };
    }

    /// <summary>kubelet, getPhase: what has not run yet makes a pod Pending; what has ended and will run again does not.</summary>
    internal static string Phase(string? restartPolicy, IReadOnlyList<ContainerStatus> containers)
    {
        if (containers.Any(status => status.State?.Waiting is not null && status.LastState?.Terminated is null)) return "Pending";
        if (containers.Any(status => status.State?.Running is not null)) return "Running";
        if (restartPolicy is null or "Always") return "Running";
        var exitCodes = containers.Select(status => (status.State?.Terminated ?? status.LastState?.Terminated)?.ExitCode).ToList();
        if (exitCodes.All(code => code == 0)) return "Succeeded";
        return restartPolicy == "Never" ? "Failed" : "Running";
    }

    private static List<PodCondition> Conditions(Pod pod, string phase, IReadOnlyList<ContainerStatus> containers, bool hasSandbox, DateTime now)
    {
        var unready = containers.Where(status => !status.Ready).Select(status => status.Name).ToList();
        var (reason, message) = phase switch
        {
            "Succeeded" => ("PodCompleted", null),
            "Failed" => ("PodFailed", null),
            _ => ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
        };
        var gates = (pod.Spec!.ReadinessGates ?? []).Where(gate =>
            pod.Status?.Conditions?.Any(condition => condition.Type == gate.ConditionType && condition.Status == "True") != true).Select(gate => gate.ConditionType).ToList();
        var containersReady = new PodCondition { Type = "ContainersReady", Status = Text(unready.Count == 0), Reason = unready.Count == 0 ? null : reason, Message = unready.Count == 0 ? null : message };
        var ready = unready.Count > 0 || gates.Count == 0 ? containersReady with { Type = "Ready" }
            : new PodCondition { Type = "Ready", Status = "False", Reason = "ReadinessGatesNotReady", Message = $"corresponding condition of pod readiness gate \"{gates[0]}\" does not exist or is not True." };
        var initialized = new PodCondition { Type = "Initialized", Status = "True", Reason = phase == "Succeeded" ? "PodCompleted" : null };
        PodCondition[] own =
        [
            new() { Type = "PodReadyToStartContainers", Status = Text(hasSandbox) }, initialized, ready, containersReady,
            new() { Type = "PodScheduled", Status = "True" },
        ];
        var before = pod.Status?.Conditions ?? [];
        return
        [
            .. own.Select(condition => WithTransition(condition, before.FirstOrDefault(old => old.Type == condition.Type), now)),
            .. before.Where(condition => !OwnConditions.Contains(condition.Type)),
        ];
    }

    /// <summary>lastTransitionTime changes with the status only.</summary>
    private static PodCondition WithTransition(PodCondition condition, PodCondition? before, DateTime now) =>
        condition with { LastTransitionTime = before?.Status == condition.Status ? before.LastTransitionTime ?? now : now };

    private static string Text(bool value) => value ? "True" : "False";
}
