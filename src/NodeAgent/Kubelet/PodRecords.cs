using NodeAgent.HostPorts;

namespace NodeAgent.Kubelet;

/// <summary>What is written down of all pods of this machine. Reads only: a damaged record is the running agent's to set aside.</summary>
internal static class PodRecords
{
    public static IReadOnlyList<PodRecord> Read(NodePaths paths) => !Directory.Exists(paths.RunPods) ? [] :
        [.. Directory.GetDirectories(paths.RunPods).Select(directory => StateFile.TryRead<PodRecord>(Path.Combine(directory, "pod.json"))).OfType<PodRecord>()];

    /// <summary>By uid, of the pods that have their network.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<HostPort>> HostPorts(NodePaths paths) =>
        Read(paths).Where(record => record.Sandbox is { Removed: false }).ToDictionary(record => record.Uid, record => record.Sandbox!.HostPorts);
}
