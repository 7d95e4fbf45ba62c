namespace Lab;

/// <summary>One mounted cgroup hierarchy of the host: a version 1 controller set, or version 2.</summary>
/// <param name="MountPoint">e.g. /sys/fs/cgroup/memory.</param>
/// <param name="Options">What mount(8) needs to show it once more: "memory", "none,name=systemd"; empty for version 2.</param>
internal sealed record CgroupHierarchy(string MountPoint, bool IsVersion2, string Options)
{
    /// <summary>Version 2 alone: then only leaves may hold processes (cgroups(7), "no internal processes" rule).</summary>
    public bool IsUnified => IsVersion2 && MountPoint == "/sys/fs/cgroup";

    /// <summary>Those of the calling process's mount namespace.</summary>
    public static IReadOnlyList<CgroupHierarchy> Mounted() =>
        [.. File.ReadLines("/proc/self/mountinfo").Select(Parse).OfType<CgroupHierarchy>().DistinctBy(hierarchy => hierarchy.MountPoint)];

    /// <summary>A line of mountinfo (proc(5)); null if it is no cgroup hierarchy below /sys/fs/cgroup.</summary>
    internal static CgroupHierarchy? Parse(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-", 6);
        var (mountPoint, type) = (fields[4], fields[dash + 1]);
        if (type is not ("cgroup" or "cgroup2") || !mountPoint.StartsWith("/sys/fs/cgroup", StringComparison.Ordinal)) return null;
        return new CgroupHierarchy(mountPoint, type == "cgroup2", type == "cgroup2" ? "" : MountOptions(fields[dash + 3]));
    }

    /// <summary>Of the superblock's options only those that say which hierarchy it is: its controllers or its name.</summary>
    private static string MountOptions(string superOptions)
    {
        var options = superOptions.Split(',').ToList();
        var name = options.Find(option => option.StartsWith("name=", StringComparison.Ordinal));
        var controllers = options.Where(Controllers.Contains).ToList();
        if (name is not null) controllers.Add(name);
        return controllers is [{ } only] && only == name ? $"none,{name}" : string.Join(',', controllers);
    }

    private static readonly HashSet<string> Controllers =
    [
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids",
        "net_cls", "net_prio", "perf_event", "hugetlb", "rdma", "misc",
    ];
}
