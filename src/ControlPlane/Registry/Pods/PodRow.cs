using ControlPlane.Registry.Tables;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>
/// Ready, Status and Restarts of a pod's row, worked out from phase, conditions and container states as
/// k8s.io/kubernetes pkg/printers does.
/// </summary>
internal sealed class PodRow
{
    private int ready, total, restarts;
    private DateTime? lastRestart;

    public PodRow(Pod pod)
    {
        total = pod.Spec?.Containers.Count ?? 0;
        Status = BeforeContainers(pod);
        var initializing = InitContainers(pod);
        if (!initializing || HasCondition(pod, "Initialized"))
        {
            (restarts, lastRestart) = (0, null); // what init containers did is no longer of interest
            CountRestarts((pod.Status?.InitContainerStatuses ?? []).Where(status => IsSidecar(pod, status.Name)));
            Containers(pod);
        }
        if (pod.Metadata.DeletionTimestamp is null) return;
        if (pod.Status?.Reason == "NodeLost") Status = "Unknown";
        else if (pod.Status?.Phase is not ("Succeeded" or "Failed")) Status = "Terminating";
    }

    public string Status { get; private set; }

    public string Ready => $"{ready}/{total}";

    /// <summary><c>3</c> or <c>3 (5m ago)</c>.</summary>
    public string Restarts(DateTime now) =>
        restarts > 0 && lastRestart is { } last ? $"{restarts} ({HumanDuration.Format(now - last)} ago)" : $"{restarts}";

    private static string BeforeContainers(Pod pod) =>
        pod.Status?.Conditions?.Any(c => c is { Type: "PodScheduled", Reason: "SchedulingGated" }) == true ? "SchedulingGated"
        : !string.IsNullOrEmpty(pod.Status?.Reason) ? pod.Status.Reason
        : pod.Status?.Phase ?? "";

    /// <summary>The first init container that is not done gives the status; true if there is one.</summary>
    private bool InitContainers(Pod pod)
    {
        total += (pod.Spec?.InitContainers ?? []).Count(c => c.RestartPolicy == "Always");
        var statuses = pod.Status?.InitContainerStatuses ?? [];
        for (var i = 0; i < statuses.Count; i++)
        {
            var status = statuses[i];
            if (status.State?.Terminated is { ExitCode: 0 }) continue;
            if (status.Started == true && IsSidecar(pod, status.Name))
            {
                if (status.Ready) ready++;
                continue;
            }
            CountRestarts(statuses.Take(i + 1));
            Status = status.State switch
            {
                { Terminated: { } ended } => "Init:" + Ended(ended),
                { Waiting.Reason: { Length: > 0 } reason } when reason != "PodInitializing" => "Init:" + reason,
                _ => $"Init:{i}/{pod.Spec?.InitContainers?.Count ?? 0}",
            };
            return true;
        }
        return false;
    }

    /// <summary>Read from the last to the first, so that the first container with something to say gives the status.</summary>
    private void Containers(Pod pod)
    {
        var statuses = pod.Status?.ContainerStatuses ?? [];
        CountRestarts(statuses);
        var running = false;
        foreach (var status in statuses.Reverse())
        {
            if (status.State?.Waiting is { Reason: { Length: > 0 } reason }) Status = reason;
            else if (status.State?.Terminated is { } ended) Status = Ended(ended);
            else if (status is { Ready: true, State.Running: not null })
            {
                running = true;
                ready++;
            }
        }
        if (Status == "Completed" && running) Status = HasCondition(pod, "Ready") ? "Running" : "NotReady";
    }

    private static string Ended(ContainerStateTerminated ended) =>
        !string.IsNullOrEmpty(ended.Reason) ? ended.Reason
        : ended.Signal is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{ended.ExitCode}";

    private void CountRestarts(IEnumerable<ContainerStatus> statuses)
    {
        foreach (var status in statuses)
        {
            restarts += status.RestartCount;
            var finished = status.LastState?.Terminated?.FinishedAt;
            if (finished is not null && (lastRestart is null || finished > lastRestart)) lastRestart = finished;
        }
    }

    private static bool IsSidecar(Pod pod, string container) =>
        pod.Spec?.InitContainers?.Any(c => c.Name == container && c.RestartPolicy == "Always") == true;

    private static bool HasCondition(Pod pod, string type) => pod.Status?.Conditions?.Any(c => c.Type == type && c.Status == "True") == true;
}
