namespace Linux;

/// <summary>Limits of a cgroup in units of cgroup v1; null leaves a limit alone.</summary>
/// <param name="CpuShares">Relative to 1024.</param>
/// <param name="CpuQuota">Microseconds in each <paramref name="CpuPeriod"/>.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="Pids">Processes and threads.</param>
public sealed record CgroupLimits(ulong? CpuShares = null, long? CpuQuota = null, ulong CpuPeriod = 100_000, long? Memory = null, long? Pids = null);

/// <summary>Control groups by their path below the root that this machine sees, in every hierarchy: one on cgroup v2, several on v1.</summary>
public static class Cgroups
{
    private const string Root = "/sys/fs/cgroup";
    private static readonly string[] Controllers = ["cpu", "memory", "pids"];

    /// <summary>v2 alone (or seen as such), as opposed to v1 or the hybrid of both.</summary>
    public static bool IsUnified => File.Exists(Path.Combine(Root, "cgroup.controllers"));

    /// <summary>Where hierarchies are mounted.</summary>
    public static IReadOnlyList<string> Hierarchies() => IsUnified ? [Root]
        : [.. Mounts.Read().Where(mount => mount.Type is "cgroup" or "cgroup2").Select(mount => mount.Target).Distinct()];

    /// <summary>Directories of the group, one per hierarchy that has it.</summary>
    public static IReadOnlyList<string> Find(string path) => [.. Hierarchies().Select(root => Path.Combine(root, path)).Where(Directory.Exists)];

    /// <summary>Makes the group where it is missing and sets its limits. Controllers that this machine has not are left out.</summary>
    /// <exception cref="IOException">The kernel refuses a value.</exception>
    public static void Set(string path, CgroupLimits limits)
    {
        if (IsUnified) CreateUnified(path);
        foreach (var (controller, file, value) in IsUnified ? CgroupFiles.Unified(limits) : CgroupFiles.Version1(limits))
        {
            var directory = Path.Combine(IsUnified ? Root : Path.Combine(Root, controller), path);
            if (!IsUnified && !Directory.Exists(Path.Combine(Root, controller))) continue;
            Directory.CreateDirectory(directory);
            if (Path.Combine(directory, file) is var place && File.Exists(place)) File.WriteAllText(place, value);
        }
    }

    /// <summary>The groups directly below, by name.</summary>
    public static IReadOnlyList<string> Children(string path) => [.. Find(path).SelectMany(Directory.GetDirectories).Select(directory => Path.GetFileName(directory)!).Distinct()];

    /// <summary>cpu.shares, or what cpu.weight stands for; null where there is no such group.</summary>
    public static ulong? CpuShares(string path)
    {
        var file = IsUnified ? Path.Combine(Root, path, "cpu.weight") : Path.Combine(Root, "cpu", path, "cpu.shares");
        try { return ulong.TryParse(File.ReadAllText(file).Trim(), out var value) ? IsUnified ? CgroupFiles.Shares(value) : value : null; }
        catch (IOException) { return null; } // it has just gone
    }

    /// <summary>Removes the group and those in it. One with processes in it stays.</summary>
    public static void Remove(string path)
    {
        foreach (var directory in Find(path)) RemoveTree(directory);
    }

    /// <summary>A v2 group has the controllers that each group above it passes on.</summary>
    private static void CreateUnified(string path)
    {
        var directory = Root;
        foreach (var part in path.Split('/'))
        {
            var offered = File.ReadAllText(Path.Combine(directory, "cgroup.controllers")).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            var passed = File.ReadAllText(Path.Combine(directory, "cgroup.subtree_control")).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            foreach (var controller in Controllers.Where(offered.Contains).Except(passed)) File.WriteAllText(Path.Combine(directory, "cgroup.subtree_control"), $"+{controller}");
            directory = Path.Combine(directory, part);
            Directory.CreateDirectory(directory);
        }
    }

    internal static void RemoveTree(string directory)
    {
        foreach (var child in Directory.GetDirectories(directory)) RemoveTree(child);
        // The files in it go with it: rmdir, never a recursive delete.
        LibC.rmdir(directory);
    }
}
