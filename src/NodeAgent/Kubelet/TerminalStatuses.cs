using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: what the statuses of containers say for good that never came to run (kubelet, pkg/kubelet/status TerminatePod).</summary>
internal static class TerminalStatuses
{
    private static readonly ContainerState Unlocated = new()
    {
        Terminated = new ContainerStateTerminated
        {
            Reason = "ContainerStatusUnknown", Message = "The container could not be located when the pod was terminated", ExitCode = 137,
        },
    };

    /// <summary>Of a pod that was initialized, a regular container that waits counts as lost; one that init containers kept waiting does not.</summary>
    public static List<(ContainerKind Kind, ContainerStatus Status)> Of(Pod pod, List<(ContainerKind Kind, ContainerStatus Status)> statuses)
    {
        var regular = statuses.Where(entry => entry.Kind == ContainerKind.Regular).ToList();
        var initialized = (pod.Spec!.InitContainers ?? []).Count == 0 || regular.Any(entry => PodPhase.HasRun(entry.Status))
            || statuses.LastOrDefault(entry => entry.Kind == ContainerKind.Init).Status is { State.Terminated.ExitCode: 0 };
        return [.. statuses.Select(entry => entry.Kind == ContainerKind.Regular && initialized && entry.Status.State?.Waiting is not null ? (entry.Kind, Ended(entry.Status)) : entry)];
    }

    private static ContainerStatus Ended(ContainerStatus status) => status with { State = status.LastState?.Terminated is { } last ? new ContainerState { Terminated = last } : Unlocated };
}
