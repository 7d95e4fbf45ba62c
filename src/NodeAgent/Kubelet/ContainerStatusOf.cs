using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: what the node observes of one container → its entry in status.containerStatuses.</summary>
internal static class ContainerStatusOf
{
    public static ContainerStatus Compute(Pod pod, Container container, PodObservation observed)
    {
        var record = observed.Record.Container(container.Name);
        var (state, last) = States(pod, container, record, observed);
        return new ContainerStatus
        {
            Name = container.Name,
            State = state,
            LastState = new ContainerState { Terminated = last },
            Ready = state.Running is not null && record!.Health.Ready,
            Started = state.Running is not null && record!.Health.Started,
            RestartCount = record?.Attempt ?? Known(pod, container)?.RestartCount ?? 0,
            Image = record?.Image ?? container.Image ?? "",
            ImageID = record is null ? "" : ImageId(record),
            ContainerID = record is null ? null : $"runc://{record.Id}",
        };
    }

    private static (ContainerState State, ContainerStateTerminated? Last) States(Pod pod, Container container, ContainerRecord? record, PodObservation observed)
    {
        var last = record?.Previous is { } previous ? Terminated(previous.Id, previous.StartedAt, previous.Exit) : null;
        if (record is { IsRunning: true }) return (new ContainerState { Running = new ContainerStateRunning { StartedAt = record.StartedAt } }, last);
        if (record is null)
        {
            var waiting = observed.Waiting.GetValueOrDefault(container.Name);
            return (Waiting(waiting?.Reason ?? "ContainerCreating", waiting?.Message ?? observed.Problem), null);
        }
        var ended = Terminated(record.Id, record.StartedAt, record.Exit!);
        if (!PodPlan.ShouldRestart(pod.Spec!.RestartPolicy, record.Exit!) || pod.Metadata.DeletionTimestamp is not null)
            return (new ContainerState { Terminated = ended }, last);
        if (observed.Waiting.TryGetValue(container.Name, out var problem)) return (Waiting(problem.Reason, problem.Message), ended);
        if (record.StartedAt is null) return (Waiting("RunContainerError", record.Exit!.Message), ended);
        if (!observed.BackOff.ContainsKey(container.Name)) return (new ContainerState { Terminated = ended }, last);
        var delay = RestartBackOff.Wait(record.RestartDelay, record.Ran);
        return (Waiting("CrashLoopBackOff", $"back-off {Duration(delay)} restarting failed container={container.Name} pod={pod.Name}_{pod.Namespace}({pod.Metadata.Uid})"), ended);
    }

    /// <summary>What the API says of a container that is not here: before a reboot, it was.</summary>
    private static ContainerStatus? Known(Pod pod, Container container) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == container.Name);

    private static ContainerState Waiting(string reason, string? message) =>
        new() { Waiting = new ContainerStateWaiting { Reason = reason, Message = message } };

    private static ContainerStateTerminated Terminated(string id, DateTime? startedAt, ExitRecord exit) => new()
    {
        ExitCode = exit.ExitCode, Reason = exit.Reason, Message = exit.Message,
        StartedAt = startedAt, FinishedAt = exit.FinishedAt, ContainerID = $"runc://{id}",
    };

    /// <summary>repository@digest, as CRI runtimes give it.</summary>
    private static string ImageId(ContainerRecord record)
    {
        var name = Images.ImageName.Parse(record.Image);
        return $"{name.Registry}/{name.Repository}@{record.ImageDigest}";
    }

    /// <summary>As Go prints it: 10s, 1m20s, 5m0s.</summary>
    private static string Duration(TimeSpan time) => time.TotalMinutes < 1 ? $"{time.TotalSeconds:0}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
