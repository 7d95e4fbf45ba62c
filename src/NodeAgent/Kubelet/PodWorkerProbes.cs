using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Which containers are probed, and what their probes have found.</summary>
internal sealed partial class PodWorker
{
    /// <summary>By the container's id.</summary>
    private readonly Dictionary<string, IDisposable> probed = [];

    /// <summary>Every running container that has probes, once; those that ended no longer.</summary>
    private void ProbeContainers()
    {
        StopProbes(keep: record.Containers.Where(container => container.IsRunning).Select(container => container.Id));
        if (pod is null || parts.Probe is null || record.Sandbox is null) return;
        foreach (var running in record.Containers.Where(container => container is { IsRunning: true, PostStartPending: false } && !probed.ContainsKey(container.Id)))
        {
            if (PodContainer.Find(pod, running.Name)?.Container is not { } container || !HasProbe(container)) continue;
            probed[running.Id] = parts.Probe(new ProbedContainer(pod, container, running, record.Sandbox.Address, running.Health,
                health => inbox.Writer.TryWrite(() => HealthChanged(running.Id, health))) { Ending = () => starts.IsCancellationRequested });
        }
    }

    private void HealthChanged(string id, ContainerHealth health)
    {
        if (record.Containers.FirstOrDefault(container => container.Id == id && container.IsRunning) is { } container) Save(record.With(container with { Health = health }));
    }

    private void StopProbes(IEnumerable<string> keep)
    {
        foreach (var id in probed.Keys.Except(keep).ToList())
        {
            probed.Remove(id, out var probe);
            probe!.Dispose();
        }
    }

    private static bool HasProbe(Container container) => container.LivenessProbe is not null || container.ReadinessProbe is not null || container.StartupProbe is not null;
}
