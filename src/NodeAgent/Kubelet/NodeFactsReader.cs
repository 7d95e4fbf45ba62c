using System.Runtime.InteropServices;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Eviction;

namespace NodeAgent.Kubelet;

/// <summary>What this machine is: read from /proc, /etc and the cgroup that the agent runs in.</summary>
internal static class NodeFactsReader
{
    public const string KubeletVersion = "v1.36.0+nodeagent";

    /// <summary>As many pods as kubelets take by default.</summary>
    private const int MostPods = 110;

    public static NodeSystemInfo SystemInfo(string runcVersion) => new()
    {
        MachineID = Line("/etc/machine-id"), SystemUUID = Line("/sys/class/dmi/id/product_uuid"), BootID = Line("/proc/sys/kernel/random/boot_id"),
        KernelVersion = Line("/proc/sys/kernel/osrelease"), OsImage = OsImage(), ContainerRuntimeVersion = $"runc://{runcVersion}",
        KubeletVersion = KubeletVersion, KubeProxyVersion = KubeletVersion, OperatingSystem = "linux", Architecture = Architecture,
    };

    /// <summary>In Go's words, as labels and images use them.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Processors and memory that the agent's cgroup may use; the runtime knows both.</summary>
    public static Dictionary<string, Quantity> Capacity(string disk)
    {
        var capacity = new Dictionary<string, Quantity>
        {
            ["cpu"] = Quantity.OfValue(Environment.ProcessorCount),
            ["memory"] = Quantity.OfBytes(Stats.NodeUsage.MemoryCapacity),
            ["pods"] = Quantity.OfValue(MostPods),
            ["ephemeral-storage"] = Quantity.OfBytes(new DriveInfo(disk).TotalSize),
        };
        foreach (var (size, count) in HugePages()) capacity[$"hugepages-{size}"] = Quantity.OfBytes(size.Value * count);
        return capacity;
    }

    /// <summary>What pods may have: without that below which the node evicts them.</summary>
    public static Dictionary<string, Quantity> Allocatable(string disk, EvictionOptions eviction)
    {
        var capacity = Capacity(disk);
        Quantity Without(string resource, Signal signal)
        {
            var left = capacity[resource].Value - eviction.Reserved(signal, capacity[resource].Value).Value;
            return Quantity.OfBytes(Math.Max(0, left));
        }
        return new(capacity) { ["memory"] = Without("memory", Signal.MemoryAvailable), ["ephemeral-storage"] = Without("ephemeral-storage", Signal.NodeFsAvailable) };
    }

    /// <summary>By page size (Linux, Documentation/admin-guide/mm/hugetlbpage.rst).</summary>
    private static IEnumerable<(Quantity Size, long Count)> HugePages()
    {
        const string directory = "/sys/kernel/mm/hugepages", prefix = "hugepages-", suffix = "kB";
        if (!Directory.Exists(directory)) yield break;
        foreach (var pages in Directory.GetDirectories(directory, prefix + "*"))
            if (long.TryParse(Path.GetFileName(pages)[prefix.Length..].Replace(suffix, ""), out var kilobytes) && long.TryParse(Line(Path.Combine(pages, "nr_hugepages")), out var count))
                yield return (Quantity.OfBytes(kilobytes * 1024), count);
    }

    private static string OsImage() => !File.Exists("/etc/os-release") ? "" : File.ReadLines("/etc/os-release")
        .Where(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)).Select(line => line["PRETTY_NAME=".Length..].Trim('"')).FirstOrDefault("");

    private static string Line(string path)
    {
        try { return File.ReadLines(path).FirstOrDefault("").Trim(); }
        catch (IOException) { return ""; }
        catch (UnauthorizedAccessException) { return ""; }
    }
}
