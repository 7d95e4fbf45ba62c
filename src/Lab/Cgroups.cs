namespace Lab;

/// <summary>
/// The cgroups of a cluster: nodeagent-lab/CLUSTER/MACHINE in every hierarchy of the host. Everything that a cluster ever started is
/// in one of them, so they also say which processes are its own, whatever was killed or lost.
/// </summary>
internal sealed record Cgroups(string Cluster)
{
    private const string Parent = "nodeagent-lab";

    private readonly IReadOnlyList<CgroupHierarchy> hierarchies = CgroupHierarchy.Mounted();

    /// <summary>Where the cgroup of <paramref name="member"/> is in each hierarchy.</summary>
    public IReadOnlyList<string> Directories(string member) => [.. hierarchies.Select(hierarchy => Path.Combine(hierarchy.MountPoint, Parent, Cluster, member))];

    /// <summary>Makes the cgroup of <paramref name="member"/> in every hierarchy, ready for processes.</summary>
    /// <returns>The directories.</returns>
    /// <exception cref="LabException">The host has no cgroup hierarchy mounted.</exception>
    public IReadOnlyList<string> Create(string member)
    {
        if (hierarchies.Count == 0) throw new LabException("no cgroup hierarchy is mounted below /sys/fs/cgroup; scripts/check-host says more");
        return [.. hierarchies.Select(hierarchy =>
        {
            var directory = hierarchy.MountPoint;
            foreach (var name in new[] { Parent, Cluster, member })
            {
                if (hierarchy.IsVersion2) EnableControllers(directory);
                directory = Path.Combine(directory, name);
                Directory.CreateDirectory(directory);
                foreach (var file in new[] { "cpuset.cpus", "cpuset.mems" }) InheritCpuset(directory, file);
            }
            return directory;
        })];
    }

    /// <summary>Version 2: children have only the controllers that their parent passes on.</summary>
    private static void EnableControllers(string directory)
    {
        foreach (var controller in File.ReadAllText($"{directory}/cgroup.controllers").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            try { File.WriteAllText($"{directory}/cgroup.subtree_control", $"+{controller}"); }
            catch (IOException) { } // some cannot be passed on, e.g. cpu beside real-time processes
        }
    }

    /// <summary>Version 1: a new cpuset is empty, and takes no process before it has CPUs and memory nodes.</summary>
    private static void InheritCpuset(string directory, string file)
    {
        var path = Path.Combine(directory, file);
        if (File.Exists(path) && File.ReadAllText(path).Trim().Length == 0)
            File.WriteAllText(path, File.ReadAllText(Path.Combine(Path.GetDirectoryName(directory)!, file)));
    }

    /// <summary>Every process of the cluster, or of one member of it, in whatever cgroup below.</summary>
    public IReadOnlySet<int> Processes(string? member = null) =>
        Trees(member).SelectMany(Subtree).SelectMany(ProcessesIn).ToHashSet();

    /// <summary>Kills what is in there until nothing is, and removes the cgroups; what is gone already is fine.</summary>
    /// <exception cref="LabException">Something does not die within ten seconds.</exception>
    public async Task Remove(string? member = null)
    {
        await Poll.Until(() =>
        {
            foreach (var pid in Processes(member)) Linux.LibC.kill(pid, Linux.LibC.SIGKILL);
            return Trees(member).SelectMany(Subtree).Reverse().ToList().TrueForAll(TryRemove);
        }, TimeSpan.FromSeconds(10), () => $"cgroups of {Cluster} are still in use by {string.Join(' ', Processes(member))}");
        if (member is null)
            foreach (var hierarchy in hierarchies) TryRemove(Path.Combine(hierarchy.MountPoint, Parent)); // stays if another cluster is in it
    }

    private IEnumerable<string> Trees(string? member) =>
        hierarchies.Select(hierarchy => Path.Combine(hierarchy.MountPoint, Parent, Cluster, member ?? "")).Where(Directory.Exists);

    /// <summary>Parents before children. A cgroup may go away under our feet.</summary>
    private static IEnumerable<string> Subtree(string directory)
    {
        yield return directory;
        string[] children;
        try { children = Directory.GetDirectories(directory); }
        catch (DirectoryNotFoundException) { yield break; }
        foreach (var below in children.SelectMany(Subtree)) yield return below;
    }

    private static IEnumerable<int> ProcessesIn(string directory)
    {
        try { return [.. File.ReadLines($"{directory}/cgroup.procs").Select(int.Parse)]; }
        catch (IOException) { return []; } // gone meanwhile
    }

    private static bool TryRemove(string directory)
    {
        try { Directory.Delete(directory); }
        catch (DirectoryNotFoundException) { }
        catch (IOException) { return false; }
        return true;
    }
}
