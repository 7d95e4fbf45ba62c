using KubeApi.Objects;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>Why a container does not run, and when to try again.</summary>
internal sealed record WaitingContainer(string Reason, string Message, DateTime RetryAt);

/// <summary>All that the node knows of a pod at one moment.</summary>
/// <param name="Waiting">By container name: what the last attempt to start it ran into.</param>
/// <param name="BackOff">By container name: ended containers that are started again later.</param>
/// <param name="Problem">Why the pod as a whole makes no progress, e.g. no network.</param>
/// <param name="Terminal">Nothing of it runs, and nothing will be started again.</param>
internal sealed record PodObservation(PodRecord Record, IReadOnlyDictionary<string, WaitingContainer> Waiting,
    IReadOnlyDictionary<string, DateTime> BackOff, string? Problem = null, bool Terminal = false)
{
    /// <summary>For how long it shows that a container could not be started; then that it waits for its next turn (the kubelet's next look at a pod that failed).</summary>
    public static readonly TimeSpan StartErrorShown = TimeSpan.FromSeconds(10);

    /// <summary>UTC.</summary>
    public DateTime Now { get; init; }
}

/// <summary>Pure: what the node observes of a pod → status of the API (kubelet, pkg/kubelet/kubelet_pods.go generateAPIPodStatus).</summary>
internal static class PodStatusOf
{
    /// <summary>What the server has, with the node's conditions as it computed them last.</summary>
    public static PodStatus? Newest(PodStatus? server, PodStatus? computed) => computed is null ? server
        : (server ?? new PodStatus()) with { Conditions = PodConditions.Newest(server?.Conditions, computed.Conditions) };

    public static PodStatus Compute(Pod pod, PodObservation observed, string hostAddress, DateTime now)
    {
        var record = observed.Record;
        var statuses = PodContainer.Of(pod).Select(container => (container.Kind, Status: ContainerStatusOf.Compute(pod, container, observed))).ToList();
        if (observed.Terminal) statuses = TerminalStatuses.Of(pod, statuses);
        var init = statuses.Where(entry => entry.Kind is ContainerKind.Init or ContainerKind.Sidecar).Select(entry => entry.Status).ToList();
        var regular = statuses.Where(entry => entry.Kind == ContainerKind.Regular).Select(entry => entry.Status).ToList();
        var ephemeral = statuses.Where(entry => entry.Kind == ContainerKind.Ephemeral).Select(entry => entry.Status).ToList();
        var phase = PodPhase.Of(pod, record, init, regular, pod.Status?.Phase, observed.Terminal);
        var failure = phase == "Failed" ? record.Failure : null;
        var address = record.Sandbox?.Address;
        var shown = record.Failure is not { Rejected: true };
        return (pod.Status ?? new PodStatus()) with
        {
            Phase = phase,
            Conditions = PodConditions.Of(pod, phase, init, regular, record.Sandbox is { Removed: false }, record.Failure?.Condition, now),
            Reason = failure?.Reason,
            Message = failure?.Message ?? observed.Problem,
            HostIP = hostAddress,
            HostIPs = [new HostIP { Ip = hostAddress }],
            PodIP = address,
            PodIPs = address is null ? null : [new PodIP { Ip = address }],
            StartTime = record.StartTime,
            InitContainerStatuses = init.Count > 0 && shown ? init : null,
            ContainerStatuses = shown ? regular : null,
            EphemeralContainerStatuses = ephemeral.Count > 0 && shown ? ephemeral : null,
            QosClass = QosClass.Of(pod),
            ObservedGeneration = pod.Metadata.Generation,
        };
    }
}
