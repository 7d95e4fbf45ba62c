using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>A container to start: the pod's entry, which start of it this is, and how long to wait after its end before the next.</summary>
internal sealed record ContainerStart(Container Container, int Attempt, PreviousContainer? Previous, TimeSpan RestartDelay);

/// <summary>
/// What a pod that is not being deleted needs next. Pure: the same pod and record give the same plan.
/// </summary>
/// <param name="Start">Containers to start now.</param>
/// <param name="BackOff">Containers to be started later, and when: CrashLoopBackOff.</param>
/// <param name="Over">No container runs and none will be started again: the pod has succeeded or failed.</param>
internal sealed record PodPlan(IReadOnlyList<ContainerStart> Start, IReadOnlyDictionary<string, DateTime> BackOff, bool Over)
{
    public static PodPlan Of(Pod pod, PodRecord record, DateTime now)
    {
        var spec = pod.Spec!;
        var start = new List<ContainerStart>();
        var backOff = new Dictionary<string, DateTime>();
        var over = true;
        foreach (var container in spec.Containers)
        {
            var current = record.Container(container.Name);
            if (current is { IsRunning: true }) over = false;
            else if (current is null)
            {
                over = false;
                start.Add(First(pod, container));
            }
            else if (ShouldRestart(spec.RestartPolicy, current.Exit!))
            {
                over = false;
                if (current.Exit!.FinishedAt + RestartBackOff.Wait(current.RestartDelay, current.Ran) is var at && at > now) backOff[container.Name] = at;
                else start.Add(Next(container, current));
            }
        }
        return new PodPlan(start, backOff, over);
    }

    internal static bool ShouldRestart(string? policy, ExitRecord exit) => policy switch
    {
        "Never" => false,
        "OnFailure" => exit.ExitCode != 0,
        _ => true,
    };

    private static ContainerStart Next(Container container, ContainerRecord last) => new(container, last.Attempt + 1,
        new PreviousContainer(last.Id, last.StartedAt, last.Exit!),
        RestartBackOff.Next(last.RestartDelay, last.Ran));

    /// <summary>
    /// Nothing of it on this node. If the API has a status of it all the same, the machine was rebooted: the count goes
    /// on, and what ran before is reported as lost (kubelet: ContainerStatusUnknown, 137).
    /// </summary>
    private static ContainerStart First(Pod pod, Container container)
    {
        var known = pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == container.Name);
        var id = known?.ContainerID is { } text && text.StartsWith("runc://", StringComparison.Ordinal) ? text["runc://".Length..] : null;
        if (id is null) return new ContainerStart(container, 0, null, TimeSpan.Zero);
        var ended = known!.State?.Terminated;
        var exit = new ExitRecord(ended?.ExitCode ?? 137, ended?.Reason ?? "ContainerStatusUnknown",
            ended?.Message ?? "The container could not be located when the pod was terminated", ended?.FinishedAt ?? DateTime.UtcNow);
        return new ContainerStart(container, known.RestartCount + 1,
            new PreviousContainer(id, known.State?.Running?.StartedAt ?? ended?.StartedAt, exit), TimeSpan.Zero);
    }
}
