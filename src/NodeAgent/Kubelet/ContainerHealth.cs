using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>What the probes of one running container have found.</summary>
/// <param name="Started">The startup probe has passed, or there is none: status.containerStatuses[].started.</param>
/// <param name="Ready">The readiness probe passes, or there is none; never before <paramref name="Started"/>.</param>
/// <param name="Failed">The probe because of which the container must be ended; null while there is no such reason.</param>
internal sealed record ContainerHealth(bool Started, bool Ready, FailedProbe? Failed = null)
{
    /// <summary>Of a container that has just been started.</summary>
    public static ContainerHealth AtStart(Container container) => new(container.StartupProbe is null, container.StartupProbe is null && container.ReadinessProbe is null);
}

/// <param name="Kind">liveness or startup.</param>
/// <param name="GracePeriodSeconds">The probe's own terminationGracePeriodSeconds; null: the pod's.</param>
internal sealed record FailedProbe(string Kind, long? GracePeriodSeconds);

/// <summary>A running container whose probes are wanted. It is started, its postStart hook is done.</summary>
/// <param name="Address">The pod's.</param>
/// <param name="Health">Where to begin: <see cref="ContainerHealth.AtStart"/>, or what an earlier agent knew of this same container.</param>
/// <param name="Changed">To be told every change, from any thread; only the newest counts. What it says goes into the container's status.</param>
internal sealed record ProbedContainer(Pod Pod, Container Container, ContainerRecord Record, string Address, ContainerHealth Health, Action<ContainerHealth> Changed)
{
    /// <summary>Whether the pod is being ended: then only its readiness is of interest. From any thread.</summary>
    public Func<bool> Ending { get; init; } = () => false;
}

/// <summary>Begins to probe a container; disposing ends it. Readiness is probed on while the container is being ended.</summary>
internal delegate IDisposable ProbeStart(ProbedContainer container);
