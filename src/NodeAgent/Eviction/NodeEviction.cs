using KubeApi.Objects;
using NodeAgent.Images;
using NodeAgent.Kubelet;
using NodeAgent.Logs;
using NodeAgent.Stats;

namespace NodeAgent.Eviction;

/// <summary>Eviction on a real node: the evictor with what it sees and does there, and what it says of new pods.</summary>
internal sealed class NodeEviction(AgentOptions options, Kubelet.Kubelet kubelet, NodeStats stats, PodDiskUsage disk, NodeImages images, KubeletEvents events, Func<string, Pod?> pods, Action<string> log)
{
    /// <summary>As often as the kubelet looks for exceeded limits.</summary>
    private static readonly TimeSpan OldestMeasure = TimeSpan.FromSeconds(10);

    private readonly Node self = new() { Metadata = new ObjectMeta { Name = options.NodeName } };
    private volatile NodePressure pressure = NodePressure.None;

    /// <param name="report">Brings the conditions into the node's status.</param>
    public Task Run(Action<NodePressure> report, CancellationToken cancel)
    {
        var parts = new EvictorParts(() => NodeObservations.Read(options.Paths), Present, Measure, (pod, failure) => kubelet.Evict(pod.Metadata.Uid!, failure),
            pod => Record(pod) is not { } record || !record.Containers.Any(container => container.IsRunning), ReclaimDisk, now => Report(now, report));
        return new Evictor(options.Eviction, parts, events, options.NodeName, log).Run(cancel);
    }

    /// <summary>Whether the node takes a new pod now; null: it does.</summary>
    public PodFailure? Admit(Pod pod) => PressureAdmission.Refuse(pod, pressure);

    private PodRecord? Record(Pod pod) => kubelet.Records.FirstOrDefault(record => record.Uid == pod.Metadata.Uid);

    private List<Pod> Present()
    {
        var records = kubelet.Records.ToList();
        disk.Keep(records.Select(record => record.Uid).ToHashSet());
        return [.. records.Where(record => record.Failure is null && record.Containers.Any(container => container.IsRunning))
            .Select(record => pods($"{record.Namespace}/{record.Name}") is { } pod && pod.Metadata.Uid == record.Uid && pod.Metadata.DeletionTimestamp is null ? pod : null).OfType<Pod>()];
    }

    private EvictionCandidate? Measure(Pod pod)
    {
        if (Record(pod) is not { } record) return null;
        var (memory, processes) = stats.Usage(record);
        return new EvictionCandidate(pod, memory, disk.Of(record, OldestMeasure), processes);
    }

    private async Task ReclaimDisk(CancellationToken cancel)
    {
        DeadLogs.Remove(options.Paths, kubelet.Records);
        await images.Garbage.CollectGarbage(long.MaxValue, cancel);
    }

    private void Report(NodePressure now, Action<NodePressure> report)
    {
        if (now == pressure) return;
        Tell(pressure.Memory, now.Memory, "NodeHasInsufficientMemory", "NodeHasSufficientMemory");
        Tell(pressure.Disk, now.Disk, "NodeHasDiskPressure", "NodeHasNoDiskPressure");
        Tell(pressure.Pids, now.Pids, "NodeHasInsufficientPID", "NodeHasSufficientPID");
        pressure = now;
        report(now);
    }

    private void Tell(bool before, bool now, string bad, string good)
    {
        if (before != now) events.Record(self, "Normal", now ? bad : good, $"Node {options.NodeName} status is now: {(now ? bad : good)}");
    }
}
