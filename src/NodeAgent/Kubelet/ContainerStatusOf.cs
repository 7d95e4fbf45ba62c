using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: what the node observes of one container → its entry in status.containerStatuses.</summary>
internal static class ContainerStatusOf
{
    /// <summary>Bytes of termination messages that a pod's status holds; its containers share them evenly.</summary>
    private const int MessagesLimit = 12 * 1024;

    public static ContainerStatus Compute(Pod pod, PodContainer container, PodObservation observed)
    {
        var record = observed.Record.Container(container.Name);
        var (state, last) = States(pod, container, record, observed);
        var isInit = container.Kind == ContainerKind.Init;
        return new ContainerStatus
        {
            Name = container.Name,
            State = state,
            LastState = new ContainerState { Terminated = last },
            Ready = isInit ? state.Terminated is { ExitCode: 0 } : container.Kind != ContainerKind.Ephemeral && state.Running is not null && record!.Health.Ready,
            Started = container.Kind == ContainerKind.Ephemeral ? null : !isInit && state.Running is not null && record!.Health.Started,
            RestartCount = record?.Attempt ?? 0,
            Image = record?.Image ?? container.Container.Image ?? "",
            ImageID = record is null ? "" : ImageId(record),
            ContainerID = record is null ? null : $"runc://{record.Id}",
        };
    }

    private static (ContainerState State, ContainerStateTerminated? Last) States(Pod pod, PodContainer container, ContainerRecord? record, PodObservation observed)
    {
        var limit = MessagesLimit / PodContainer.Of(pod).Count();
        var last = record?.Previous is { } previous ? Terminated(previous.Id, previous.StartedAt, previous.Exit, limit) : null;
        // A container whose postStart hook is not done does not count as running yet, as little as one that is being made.
        var creating = pod.Spec!.InitContainers is { Count: > 0 } ? "PodInitializing" : "ContainerCreating";
        if (record is { IsRunning: true, PostStartPending: true }) return (Waiting(creating, null), last);
        if (record is { IsRunning: true }) return (new ContainerState { Running = new ContainerStateRunning { StartedAt = record.StartedAt } }, last);
        var problem = observed.Waiting.GetValueOrDefault(container.Name);
        if (record is null) return (Waiting(problem?.Reason ?? creating, problem?.Message ?? observed.Problem), null);
        var ended = Terminated(record.Id, record.StartedAt, record.Exit!, limit);
        if (observed.Terminal || pod.Metadata.DeletionTimestamp is not null || !ContainerRestart.Is(pod, container, record.Exit!))
            return (new ContainerState { Terminated = ended }, last);
        if (problem is not null) return (Waiting(problem.Reason, problem.Message), ended);
        var later = observed.BackOff.ContainsKey(container.Name);
        if (record.StartedAt is null && !(later && observed.Now >= record.Exit!.FinishedAt + PodObservation.StartErrorShown)) return (Waiting("RunContainerError", record.Exit!.Message), ended);
        if (!later) return (new ContainerState { Terminated = ended }, last);
        var delay = RestartBackOff.Wait(record.RestartDelay, record.Ran);
        return (Waiting("CrashLoopBackOff", $"back-off {Duration(delay)} restarting failed container={container.Name} pod={pod.Name}_{pod.Namespace}({pod.Metadata.Uid})"), ended);
    }

    private static ContainerState Waiting(string reason, string? message) =>
        new() { Waiting = new ContainerStateWaiting { Reason = reason, Message = message } };

    private static ContainerStateTerminated Terminated(string id, DateTime? startedAt, ExitRecord exit, int limit) => new()
    {
        ExitCode = exit.ExitCode, Reason = exit.Reason, Message = exit.Message is { } message && message.Length > limit ? message[..limit] : exit.Message,
        StartedAt = startedAt, FinishedAt = exit.FinishedAt, ContainerID = $"runc://{id}",
    };

    /// <summary>repository@digest, as CRI runtimes give it.</summary>
    private static string ImageId(ContainerRecord record)
    {
        if (record.ImageDigest.Length == 0) return "";
        var name = Images.ImageName.Parse(record.Image);
        return $"{name.Registry}/{name.Repository}@{record.ImageDigest}";
    }

    /// <summary>As Go prints it: 10s, 1m20s, 5m0s.</summary>
    private static string Duration(TimeSpan time) => time.TotalMinutes < 1 ? $"{time.TotalSeconds:0}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
