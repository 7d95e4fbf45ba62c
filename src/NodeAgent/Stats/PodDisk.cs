namespace NodeAgent.Stats;

/// <summary>Bytes on disk and number of files.</summary>
internal readonly record struct DiskAmount(long Bytes, long Files)
{
    public static DiskAmount operator +(DiskAmount a, DiskAmount b) => new(a.Bytes + b.Bytes, a.Files + b.Files);
}

/// <summary>What a pod takes of the node's disk.</summary>
/// <param name="Layers">By container: its writable layer.</param>
/// <param name="Logs">By container, of all its runs that are kept.</param>
/// <param name="Volumes">By volume: emptyDirs on the disk.</param>
internal sealed record PodDisk(IReadOnlyDictionary<string, DiskAmount> Layers, IReadOnlyDictionary<string, DiskAmount> Logs, IReadOnlyDictionary<string, DiskAmount> Volumes)
{
    public DiskAmount Total => Layers.Values.Concat(Logs.Values).Concat(Volumes.Values).Aggregate(default(DiskAmount), (sum, amount) => sum + amount);

    /// <summary>What counts against a container's own limit.</summary>
    public long Container(string name) => Layers.GetValueOrDefault(name).Bytes + Logs.GetValueOrDefault(name).Bytes;
}
