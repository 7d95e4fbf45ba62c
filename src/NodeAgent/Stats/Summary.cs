using System.Text.Json.Serialization;

namespace NodeAgent.Stats;

/// <summary>What <c>/stats/summary</c> answers: the kubelet's Summary API (k8s.io/kubelet, pkg/apis/stats/v1alpha1); its names and units.</summary>
internal sealed record Summary(NodeSummary Node, IReadOnlyList<PodSummary> Pods);

internal sealed record NodeSummary(string NodeName, DateTime StartTime, CpuStats? Cpu, MemoryStats? Memory)
{
    public NetworkStats? Network { get; init; }
    public FsStats? Fs { get; init; }
    public RuntimeStats? Runtime { get; init; }
    public RlimitStats? Rlimit { get; init; }
}

internal sealed record PodSummary(PodReference PodRef, DateTime StartTime, IReadOnlyList<ContainerSummary> Containers, CpuStats? Cpu, MemoryStats? Memory)
{
    public NetworkStats? Network { get; init; }

    [JsonPropertyName("volume")]
    public IReadOnlyList<VolumeStats>? Volumes { get; init; }

    [JsonPropertyName("ephemeral-storage")]
    public FsStats? EphemeralStorage { get; init; }

    [JsonPropertyName("process_stats")]
    public ProcessStats? Processes { get; init; }
}

internal sealed record PodReference(string Name, string Namespace, string Uid);

internal sealed record ContainerSummary(string Name, DateTime? StartTime, CpuStats? Cpu, MemoryStats? Memory)
{
    public FsStats? Rootfs { get; init; }
    public FsStats? Logs { get; init; }
}

/// <param name="UsageNanoCores">Billionths of a CPU, over <paramref name="Window"/>.</param>
/// <param name="UsageCoreNanoSeconds">Since the start.</param>
/// <param name="Window">Of the rate, in seconds; Kubernetes' own summary has no such field.</param>
internal sealed record CpuStats(DateTime Time, long? UsageNanoCores, long UsageCoreNanoSeconds, [property: JsonPropertyName("windowSeconds")] double? Window);

internal sealed record MemoryStats(DateTime Time, long? AvailableBytes, long UsageBytes, long WorkingSetBytes, [property: JsonPropertyName("rssBytes")] long RssBytes, long PageFaults, long MajorPageFaults);

/// <summary>Of the first link, and of all.</summary>
internal sealed record NetworkStats(DateTime Time, string Name, long RxBytes, long RxErrors, long TxBytes, long TxErrors, IReadOnlyList<InterfaceStats> Interfaces);

internal sealed record InterfaceStats(string Name, long RxBytes, long RxErrors, long TxBytes, long TxErrors);

/// <summary>The room is the whole file system's, what is used is the object's.</summary>
internal record FsStats(DateTime Time, long AvailableBytes, long CapacityBytes, long UsedBytes, long? InodesFree, long? Inodes, long? InodesUsed);

internal sealed record VolumeStats(string Name, DateTime Time, long AvailableBytes, long CapacityBytes, long UsedBytes, long? InodesFree, long? Inodes, long? InodesUsed)
    : FsStats(Time, AvailableBytes, CapacityBytes, UsedBytes, InodesFree, Inodes, InodesUsed);

internal sealed record RuntimeStats(FsStats ImageFs, FsStats ContainerFs);

/// <summary>Processes and threads: as many as there can be, and as there are.</summary>
internal sealed record RlimitStats(DateTime Time, long Maxpid, long Curproc);

[method: JsonConstructor]
internal sealed record ProcessStats([property: JsonPropertyName("process_count")] long ProcessCount);
