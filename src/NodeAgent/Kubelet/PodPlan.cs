using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>A container to start: the pod's entry, which start of it this is, and how long to wait after its end before the next.</summary>
/// <param name="Target">Of an ephemeral container: the running container whose processes it sees.</param>
internal sealed record ContainerStart(Container Container, int Attempt, PreviousContainer? Previous, TimeSpan RestartDelay, ContainerRecord? Target = null);

/// <summary>
/// What a pod that is not being deleted needs next. Pure: the same pod and record give the same plan
/// (kubelet, pkg/kubelet/kuberuntime computePodActions).
/// </summary>
/// <param name="Start">Containers to start now, in this order.</param>
/// <param name="BackOff">Containers to be started later, and when: CrashLoopBackOff.</param>
/// <param name="Over">Nothing will be started again: the pod has succeeded or failed, once its sidecars have ended.</param>
internal sealed record PodPlan(IReadOnlyList<ContainerStart> Start, IReadOnlyDictionary<string, DateTime> BackOff, bool Over)
{
    private static readonly PodPlan Finished = new([], new Dictionary<string, DateTime>(), Over: true);

    public static PodPlan Of(Pod pod, PodRecord record, DateTime now)
    {
        var regular = PodContainer.Regular(pod).ToList();
        if (regular.All(container => record.Container(container.Name)?.Exit is { } exit && !ContainerRestart.Is(pod, container, exit))) return Finished;
        var starts = new Starts(pod, record, now);
        foreach (var container in PodContainer.Ephemeral(pod)) starts.OfEphemeral(container);
        switch (InitPlan.Advance(pod, record, starts))
        {
            case InitProgress.Failed: return Finished;
            case InitProgress.Done: regular.ForEach(starts.IfEnded); break;
        }
        return new PodPlan(starts.Now, starts.Later, Over: false);
    }
}

/// <summary>Collects what is to be started now, and what later.</summary>
internal sealed class Starts(Pod pod, PodRecord record, DateTime now)
{
    public List<ContainerStart> Now { get; } = [];
    public Dictionary<string, DateTime> Later { get; } = [];

    /// <summary>Starts the container unless it runs, or has ended for good.</summary>
    public void IfEnded(PodContainer container)
    {
        var last = record.Container(container.Name);
        if (last is null) Now.Add(new ContainerStart(container.Container, 0, null, TimeSpan.Zero));
        else if (last.Exit is { } exit && ContainerRestart.Is(pod, container, exit)) Again(container, last, exit);
    }

    /// <summary>Once more, after the delay that stands for it; at once if it is to run another image, which has not failed yet.</summary>
    public void Again(PodContainer container, ContainerRecord last, ExitRecord exit)
    {
        if (last.AskedImage is { } image && image != container.Container.Image)
            Now.Add(new ContainerStart(container.Container, last.Attempt + 1, new PreviousContainer(last.Id, last.StartedAt, exit), TimeSpan.Zero));
        else if (exit.FinishedAt + RestartBackOff.Wait(last.RestartDelay, last.Ran) is var at && at > now) Later[container.Name] = at;
        else Now.Add(new ContainerStart(container.Container, last.Attempt + 1, new PreviousContainer(last.Id, last.StartedAt, exit), RestartBackOff.Next(last.RestartDelay, last.Ran)));
    }

    /// <summary>Once only, and not before the container runs whose processes it is to see.</summary>
    public void OfEphemeral(PodContainer container)
    {
        if (record.Container(container.Name) is not null) return;
        var target = container.TargetName is { Length: > 0 } name ? record.Container(name) : null;
        if (container.TargetName is { Length: > 0 } && target is not { IsRunning: true }) return;
        Now.Add(new ContainerStart(container.Container, 0, null, TimeSpan.Zero, target));
    }
}
