using System.Globalization;
using Linux;

namespace NodeAgent.Stats;

/// <summary>What the machine as a whole uses, and has: read anew at each call.</summary>
internal static class NodeUsage
{
    /// <summary>Bytes that this machine may use: the limit of its control group, or what is built in. The runtime knows both.</summary>
    public static long MemoryCapacity => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>
    /// CPU and memory of everything that runs here: the root control group as this machine sees it. A real v2 root has no
    /// memory figures; there they are made of the whole machine's.
    /// </summary>
    public static CgroupUsage Read()
    {
        if (CgroupUsage.Read("") is { } usage) return usage;
        var memory = MachineMemory.Read();
        return new CgroupUsage(CgroupUsage.CpuTime("") ?? 0, memory.Total - memory.Free, memory.InactiveFile, 0, 0, 0, null);
    }

    /// <summary>
    /// Bytes that pods could still get. Where the machine's control group is not the whole computer, others may have taken
    /// what this one has not: what the kernel has left counts too.
    /// </summary>
    public static long AvailableMemory(CgroupUsage usage) => Math.Max(0, Math.Min(MemoryCapacity - usage.WorkingSet, MachineMemory.Read().Available));

    /// <summary>Processes and threads of the whole kernel: how many there can be and are (kernel.pid_max, threads-max; /proc/loadavg).</summary>
    public static (long Most, long Present) Processes()
    {
        long Limit(string name) => long.Parse(File.ReadAllText($"/proc/sys/kernel/{name}").Trim(), CultureInfo.InvariantCulture);
        var counts = File.ReadAllText("/proc/loadavg").Split(' ')[3].Split('/');
        return (Math.Min(Limit("pid_max"), Limit("threads-max")), long.Parse(counts[1], CultureInfo.InvariantCulture));
    }

    /// <summary>When the machine was started.</summary>
    public static DateTime StartTime => DateTime.UtcNow.AddMilliseconds(-Environment.TickCount64);
}
