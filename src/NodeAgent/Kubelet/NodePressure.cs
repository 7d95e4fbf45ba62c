namespace NodeAgent.Kubelet;

/// <summary>What a node runs short of.</summary>
internal sealed record NodePressure(bool Memory = false, bool Disk = false, bool Pids = false)
{
    public static NodePressure None { get; } = new();

    /// <summary>The conditions that are True.</summary>
    public IReadOnlyList<string> Conditions => [.. new[] { Memory ? "MemoryPressure" : "", Disk ? "DiskPressure" : "", Pids ? "PIDPressure" : "" }.Where(name => name.Length > 0)];
}
