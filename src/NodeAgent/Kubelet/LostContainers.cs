using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>
/// Pure: the record of a pod of which nothing is on this machine. Where the API has statuses of its containers all the
/// same, the machine was rebooted: they go on from there, and what ran is reported as lost (kubelet: ContainerStatusUnknown, 137).
/// </summary>
internal static class LostContainers
{
    private const string Scheme = "runc://";

    public static PodRecord Record(Pod pod, DateTime now) => new()
    {
        Namespace = pod.Namespace, Name = pod.Name, Uid = pod.Metadata.Uid!, StartTime = pod.Status?.StartTime ?? now,
        Containers = pod.Status?.Phase is "Succeeded" or "Failed" ? [] : [.. Statuses(pod.Status).Select(status => Lost(status, now)).OfType<ContainerRecord>()],
    };

    private static IEnumerable<ContainerStatus> Statuses(PodStatus? status) =>
        [.. status?.InitContainerStatuses ?? [], .. status?.ContainerStatuses ?? [], .. status?.EphemeralContainerStatuses ?? []];

    /// <summary>Null: it had not run.</summary>
    private static ContainerRecord? Lost(ContainerStatus status, DateTime now)
    {
        if (status.ContainerID is not { } id || !id.StartsWith(Scheme, StringComparison.Ordinal)) return null;
        var ended = status.State?.Terminated ?? (status.State?.Running is null ? status.LastState?.Terminated : null);
        return new ContainerRecord
        {
            Name = status.Name, Id = id[Scheme.Length..], Attempt = status.RestartCount, Sandbox = -1, Image = status.Image, ImageDigest = Digest(status.ImageID),
            CreatedAt = now, StartedAt = status.State?.Running?.StartedAt ?? ended?.StartedAt,
            Exit = new ExitRecord(ended?.ExitCode ?? 137, ended?.Reason ?? "ContainerStatusUnknown",
                ended?.Message ?? (ended is null ? "The container could not be located when the pod was terminated" : null), ended?.FinishedAt ?? now),
        };
    }

    private static string Digest(string imageId) => imageId.Contains('@') ? imageId[(imageId.IndexOf('@') + 1)..] : "";
}
