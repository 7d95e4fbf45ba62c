using System.Globalization;

namespace Linux;

/// <summary>What a control group and those in it have used and use, on cgroup v1 and v2; bytes and counts.</summary>
/// <param name="CpuNanoseconds">Since the group was made.</param>
/// <param name="Memory">With the page cache of files.</param>
/// <param name="InactiveFile">Page cache that can be given back at once.</param>
/// <param name="Anonymous">Memory that belongs to no file.</param>
public sealed record CgroupUsage(long CpuNanoseconds, long Memory, long InactiveFile, long Anonymous, long PageFaults, long MajorPageFaults, long? Processes)
{
    /// <summary>What cannot be given back at once: the figure that Kubernetes decides by.</summary>
    public long WorkingSet => Math.Max(0, Memory - InactiveFile);

    private static readonly Lazy<(string Cpu, string Memory, string Pids)> Roots = new(FindRoots);

    /// <param name="path">Below the root that this machine sees; empty for the root itself.</param>
    /// <returns>Null where there is no such group (any more).</returns>
    public static CgroupUsage? Read(string path)
    {
        if (CpuTime(path) is not { } cpu) return null;
        var memory = Path.Combine(Roots.Value.Memory, path);
        if (Number(Path.Combine(memory, Cgroups.IsUnified ? "memory.current" : "memory.usage_in_bytes")) is not { } used) return null;
        var stat = Fields(Path.Combine(memory, "memory.stat"));
        var prefix = Cgroups.IsUnified ? "" : "total_";
        return new CgroupUsage(cpu, used, stat.GetValueOrDefault($"{prefix}inactive_file"), stat.GetValueOrDefault(Cgroups.IsUnified ? "anon" : "total_rss"),
            stat.GetValueOrDefault($"{prefix}pgfault"), stat.GetValueOrDefault($"{prefix}pgmajfault"), Number(Path.Combine(Roots.Value.Pids, path, "pids.current")));
    }

    /// <summary>Nanoseconds of CPU time; null where there is no such group.</summary>
    public static long? CpuTime(string path)
    {
        var directory = Path.Combine(Roots.Value.Cpu, path);
        if (!Cgroups.IsUnified) return Number(Path.Combine(directory, "cpuacct.usage"));
        return Fields(Path.Combine(directory, "cpu.stat")).TryGetValue("usage_usec", out var microseconds) ? microseconds * 1000 : null;
    }

    private static (string Cpu, string Memory, string Pids) FindRoots()
    {
        var hierarchies = Cgroups.Hierarchies();
        string With(string controller) => hierarchies.FirstOrDefault(root => Path.GetFileName(root).Split(',').Contains(controller)) ?? "/nonexistent";
        return Cgroups.IsUnified ? (hierarchies[0], hierarchies[0], hierarchies[0]) : (With("cpuacct"), With("memory"), With("pids"));
    }

    private static long? Number(string file)
    {
        try { return long.TryParse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null; }
        catch (IOException) { return null; } // gone, also while it is read
    }

    private static Dictionary<string, long> Fields(string file)
    {
        var fields = new Dictionary<string, long>();
        try
        {
            foreach (var line in File.ReadLines(file))
                if (line.IndexOf(' ') is > 0 and var at && long.TryParse(line.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) fields[line[..at]] = number;
        }
        catch (IOException) { }
        return fields;
    }
}
