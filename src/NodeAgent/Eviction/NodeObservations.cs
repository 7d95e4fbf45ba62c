using Linux;
using NodeAgent.Stats;

namespace NodeAgent.Eviction;

/// <summary>What is left on this machine, by signal.</summary>
internal static class NodeObservations
{
    public static IReadOnlyDictionary<Signal, Observation> Read(NodePaths paths)
    {
        var fs = FileSystemUsage.Of(paths.Lib);
        var images = Directory.Exists(paths.Images) ? FileSystemUsage.Of(paths.Images) : fs;
        var (most, present) = NodeUsage.Processes();
        var observed = new Dictionary<Signal, Observation>
        {
            [Signal.MemoryAvailable] = new(NodeUsage.MemoryCapacity, NodeUsage.AvailableMemory(NodeUsage.Read())),
            [Signal.NodeFsAvailable] = new(fs.Capacity, fs.Available), [Signal.ImageFsAvailable] = new(images.Capacity, images.Available),
            [Signal.PidAvailable] = new(most, Math.Max(0, most - present)),
        };
        // File systems that make inodes as they need them count none.
        if (fs.Inodes > 0) observed[Signal.NodeFsInodesFree] = new(fs.Inodes, fs.InodesFree);
        if (images.Inodes > 0) observed[Signal.ImageFsInodesFree] = new(images.Inodes, images.InodesFree);
        return observed;
    }
}
