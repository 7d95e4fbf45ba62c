namespace NodeAgent.Eviction;

/// <summary>What the node watches for running out (kubelet, pkg/kubelet/eviction/api).</summary>
/// <param name="Name">As in the options, e.g. memory.available.</param>
/// <param name="Resource">What is reclaimed, as messages name it.</param>
/// <param name="Condition">The node's condition that is True meanwhile.</param>
internal sealed record Signal(string Name, string Resource, string Condition)
{
    public const string Memory = "memory", Storage = "ephemeral-storage", Inodes = "inodes", Pids = "pids";
    public const string MemoryPressure = "MemoryPressure", DiskPressure = "DiskPressure", PidPressure = "PIDPressure";

    public static Signal MemoryAvailable { get; } = new("memory.available", Memory, MemoryPressure);
    public static Signal NodeFsAvailable { get; } = new("nodefs.available", Storage, DiskPressure);
    public static Signal NodeFsInodesFree { get; } = new("nodefs.inodesFree", Inodes, DiskPressure);
    public static Signal ImageFsAvailable { get; } = new("imagefs.available", Storage, DiskPressure);
    public static Signal ImageFsInodesFree { get; } = new("imagefs.inodesFree", Inodes, DiskPressure);
    public static Signal PidAvailable { get; } = new("pid.available", Pids, PidPressure);

    /// <summary>In the order in which they are seen to: memory first, for want of it kills.</summary>
    public static IReadOnlyList<Signal> All { get; } = [MemoryAvailable, NodeFsAvailable, ImageFsAvailable, NodeFsInodesFree, ImageFsInodesFree, PidAvailable];
}

/// <summary>How much of it there is, and is left.</summary>
internal readonly record struct Observation(long Capacity, long Available);
