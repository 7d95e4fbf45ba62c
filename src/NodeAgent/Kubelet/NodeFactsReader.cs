using System.Runtime.InteropServices;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>What this machine is: read from /proc, /etc and the cgroup that the agent runs in.</summary>
internal static class NodeFactsReader
{
    public const string KubeletVersion = "v1.36.0+nodeagent";

    /// <summary>As many pods as kubelets take by default.</summary>
    private const int MostPods = 110;

    /// <summary>Kept for the system and the agent itself.</summary>
    private const long ReservedMemory = 100L << 20;

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
    public static Dictionary<string, Quantity> Capacity(string disk) => new()
    {
        ["cpu"] = Quantity.OfValue(Environment.ProcessorCount),
        ["memory"] = Quantity.OfBytes(Memory),
        ["pods"] = Quantity.OfValue(MostPods),
        ["ephemeral-storage"] = Quantity.OfBytes(new DriveInfo(disk).TotalSize),
    };

    public static Dictionary<string, Quantity> Allocatable(string disk) =>
        new(Capacity(disk)) { ["memory"] = Quantity.OfBytes(Math.Max(0, Memory - ReservedMemory)) };

    private static long Memory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static string OsImage() => !File.Exists("/etc/os-release") ? "" : File.ReadLines("/etc/os-release")
        .Where(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)).Select(line => line["PRETTY_NAME=".Length..].Trim('"')).FirstOrDefault("");

    private static string Line(string path)
    {
        try { return File.ReadLines(path).FirstOrDefault("").Trim(); }
        catch (IOException) { return ""; }
        catch (UnauthorizedAccessException) { return ""; }
    }
}
