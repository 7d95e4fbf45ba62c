using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: status.phase from the containers' statuses (kubelet, pkg/kubelet/kubelet_pods.go getPhase).</summary>
internal static class PodPhase
{
    /// <param name="before">What the API has.</param>
    /// <param name="terminal">Nothing of the pod runs, and nothing will be started again. Before that no pod succeeds or fails.</param>
    public static string Of(Pod pod, PodRecord record, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> regular, string? before, bool terminal)
    {
        if (terminal && record.Failure is not null) return "Failed";
        var phase = Of(pod, init, regular);
        if (terminal && pod.Metadata.DeletionTimestamp is not null)
            return regular.Count > 0 && regular.All(status => status.State?.Terminated is { ExitCode: 0 }) ? "Succeeded" : "Failed";
        return terminal || phase is not ("Succeeded" or "Failed") ? phase : before is null or "" or "Succeeded" or "Failed" ? "Running" : before;
    }

    private static string Of(Pod pod, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> regular)
    {
        var entries = PodContainer.Init(pod).Zip(init).ToList();
        var inits = entries.Where(entry => entry.First.Kind == ContainerKind.Init).ToList();
        var sidecars = entries.Where(entry => entry.First.Kind == ContainerKind.Sidecar).Select(entry => entry.Second).ToList();
        if (inits.Any(entry => FailedForGood(pod, entry.First, entry.Second))) return "Failed";
        var begun = regular.Any(HasRun);
        if (!begun && (inits.Any(entry => IsPending(entry.Second)) || sidecars.Any(status => status.Started != true && status.LastState?.Terminated is null))) return "Pending";
        if (regular.Any(status => status.State?.Waiting is not null && status.LastState?.Terminated is null)) return "Pending";
        if (regular.Any(status => status.State?.Running is not null)) return "Running";
        return Ended(pod, regular);
    }

    /// <summary>No regular container runs, and each has run.</summary>
    private static string Ended(Pod pod, IReadOnlyList<ContainerStatus> regular)
    {
        var again = regular.Any(status => status.State?.Terminated is not { } ended || PodContainer.Find(pod, status.Name) is { } container
            && ContainerRestart.Is(pod, container, new ExitRecord(ended.ExitCode, "", null, default)));
        if (again) return "Running";
        return regular.All(status => status.State!.Terminated!.ExitCode == 0) ? "Succeeded" : "Failed";
    }

    private static bool FailedForGood(Pod pod, PodContainer container, ContainerStatus status) => status.State?.Terminated is { ExitCode: not 0 } ended
        && !ContainerRestart.Is(pod, container, new ExitRecord(ended.ExitCode, "", null, default));

    private static bool IsPending(ContainerStatus status) => (status.State?.Terminated ?? status.LastState?.Terminated) is not { ExitCode: 0 };

    /// <summary>It runs, has ended, or waits to be started again.</summary>
    internal static bool HasRun(ContainerStatus status) => status.State?.Waiting is null || status.LastState?.Terminated is not null;
}
