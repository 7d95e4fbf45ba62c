using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>How far a pod's initialization has come. Failed: an init container has failed for good.</summary>
internal enum InitProgress { Waiting, Done, Failed }

/// <summary>
/// Pure: init containers one after another until each has succeeded, sidecars until each has started; once in every
/// sandbox of the pod (kubelet, pkg/kubelet/kuberuntime computeInitContainerActions; KEP-753).
/// </summary>
internal static class InitPlan
{
    /// <summary>Adds the one init container whose turn it is, and the sidecars that have ended.</summary>
    public static InitProgress Advance(Pod pod, PodRecord record, Starts starts)
    {
        var containers = PodContainer.Init(pod).ToList();
        var begun = PodContainer.Regular(pod).Any(container => In(record, container) is not null);
        for (var i = 0; i < containers.Count; i++)
        {
            var container = containers[i];
            // What comes after it was started: its own turn is over, whatever happened to it since.
            var passed = begun || containers.Skip(i + 1).Any(later => In(record, later) is not null);
            if (container.Kind == ContainerKind.Sidecar)
            {
                starts.IfEnded(container);
                if (!passed && In(record, container) is not { IsRunning: true, PostStartPending: false, Health.Started: true }) return InitProgress.Waiting;
            }
            else if (!passed && OfInit(pod, record, container, starts) is var progress && progress != InitProgress.Done) return progress;
        }
        return InitProgress.Done;
    }

    private static InitProgress OfInit(Pod pod, PodRecord record, PodContainer container, Starts starts)
    {
        var known = record.Container(container.Name);
        if (known is { IsRunning: true }) return InitProgress.Waiting;
        if (In(record, container)?.Exit is { ExitCode: 0 }) return InitProgress.Done;
        if (known?.Exit is not { } exit) starts.IfEnded(container);
        else if (In(record, container) is null && exit.ExitCode == 0) starts.Again(container, known, exit);
        else if (ContainerRestart.Is(pod, container, exit)) starts.Again(container, known, exit);
        else return InitProgress.Failed;
        return InitProgress.Waiting;
    }

    /// <summary>The container, if it was started in the sandbox that the pod has now.</summary>
    private static ContainerRecord? In(PodRecord record, PodContainer container) =>
        record.Container(container.Name) is { } known && known.Sandbox == record.SandboxAttempt ? known : null;
}
