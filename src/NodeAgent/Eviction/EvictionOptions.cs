using KubeApi;

namespace NodeAgent.Eviction;

/// <summary>When pods are evicted; the defaults are Kubernetes' for Linux.</summary>
internal sealed record EvictionOptions
{
    public const string DefaultHard = "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%";

    /// <summary>Hard and soft ones.</summary>
    public IReadOnlyList<Threshold> Thresholds { get; init; } = Threshold.Parse(DefaultHard);

    /// <summary>How long a condition of the node stays after its cause: pods must not come and go with it.</summary>
    public TimeSpan PressureTransitionPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most seconds that a pod gets to end which is evicted for a soft threshold.</summary>
    public long MaxPodGracePeriod { get; init; }

    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Kept free of pods by the hard threshold of this signal: not allocatable.</summary>
    public Quantity Reserved(Signal signal, long capacity) =>
        Quantity.OfBytes(Thresholds.FirstOrDefault(threshold => threshold.Signal == signal && threshold.Grace == TimeSpan.Zero)?.Value(capacity) ?? 0);
}
