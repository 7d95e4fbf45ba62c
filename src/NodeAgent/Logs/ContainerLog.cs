using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace NodeAgent.Logs;

/// <summary>Which log a client gets that names a pod and a container: pure, from the pod and what the node has of it.</summary>
/// <param name="Attempt">The N of <c>N.log</c>.</param>
/// <param name="ContainerId">Null where only the API remembers the container: its machine was rebooted since.</param>
internal sealed record ContainerLog(int Attempt, string? ContainerId)
{
    /// <param name="record">Null where nothing of the pod is on this machine but its logs.</param>
    /// <exception cref="ContainerLogException">There is none, in the kubelet's words (validateContainerLogStatus).</exception>
    public static ContainerLog Of(Pod pod, PodRecord? record, string container, bool previous)
    {
        var here = record?.Container(container);
        var known = Statuses(pod).FirstOrDefault(status => status.Name == container);
        if (here is null && known is null && Names(pod).Contains(container) && pod.Status?.Phase is null or "Pending") throw Waiting(container, pod, "ContainerCreating");
        if (here is null && known is null) throw new ContainerLogException($"container \"{container}\" in pod \"{pod.Name}\" is not available");
        return previous ? Previous(pod, here, known, container) : Present(pod, here, known, container);
    }

    private static ContainerLog Previous(Pod pod, ContainerRecord? here, ContainerStatus? known, string container)
    {
        if (here is { Previous: not null, Attempt: > 0 }) return new ContainerLog(here.Attempt - 1, here.Previous.Id);
        if (here is null && known is { LastState.Terminated: { ContainerID.Length: > 0 }, RestartCount: > 0 }) return new ContainerLog(known.RestartCount - 1, null);
        throw new ContainerLogException($"previous terminated container \"{container}\" in pod \"{pod.Name}\" not found");
    }

    private static ContainerLog Present(Pod pod, ContainerRecord? here, ContainerStatus? known, string container)
    {
        // One that could not be started has written nothing: the one before it is what there is.
        if (here is { StartedAt: null, Exit: not null, Previous: not null, Attempt: > 0 }) return new ContainerLog(here.Attempt - 1, here.Previous.Id);
        if (here is not null) return new ContainerLog(here.Attempt, here.Id);
        if (known!.State?.Waiting is { } waiting && known.LastState?.Terminated is null) throw Waiting(container, pod, waiting.Reason ?? "ContainerCreating");
        return new ContainerLog(known.RestartCount, null);
    }

    private static ContainerLogException Waiting(string container, Pod pod, string reason) => new($"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: " + reason switch
    {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        _ => reason,
    });

    private static IEnumerable<ContainerStatus> Statuses(Pod pod) =>
        [.. pod.Status?.ContainerStatuses ?? [], .. pod.Status?.InitContainerStatuses ?? [], .. pod.Status?.EphemeralContainerStatuses ?? []];

    private static IEnumerable<string> Names(Pod pod) =>
        [.. pod.Spec!.Containers.Select(entry => entry.Name), .. (pod.Spec.InitContainers ?? []).Select(entry => entry.Name), .. (pod.Spec.EphemeralContainers ?? []).Select(entry => entry.Name)];
}

/// <summary>There is no such log; the message goes to whoever asked.</summary>
internal sealed class ContainerLogException(string message) : Exception(message);
