using KubeApi.Objects;
using NodeAgent.Stats;

namespace NodeAgent.Eviction;

/// <summary>A pod with what it uses.</summary>
/// <param name="Memory">Working set in bytes, by container.</param>
internal sealed record EvictionCandidate(Pod Pod, IReadOnlyDictionary<string, long> Memory, PodDisk Disk, long Processes)
{
    /// <summary>Bytes, inodes or processes of the whole pod.</summary>
    public long Usage(string resource) => resource switch
    {
        Signal.Memory => Memory.Values.Sum(), Signal.Storage => Disk.Total.Bytes, Signal.Inodes => Disk.Total.Files, _ => Processes,
    };

    /// <summary>Null where a resource is not counted by container.</summary>
    public long? Usage(string resource, string container) => resource switch
    {
        Signal.Memory => Memory.GetValueOrDefault(container), Signal.Storage => Disk.Container(container), _ => null,
    };

    /// <summary>What its containers asked for; of inodes and processes nothing can be asked for.</summary>
    public long Request(string resource) => Pod.Spec!.Containers.Sum(container => Request(container, resource)) + (Pod.Spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always").Sum(container => Request(container, resource));

    public static long Request(Container container, string resource) =>
        container.Resources?.Requests?.TryGetValue(resource, out var asked) == true ? asked.Value
        : container.Resources?.Limits?.TryGetValue(resource, out var limit) == true ? limit.Value : 0;
}
