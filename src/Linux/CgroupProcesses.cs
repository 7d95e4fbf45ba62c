namespace Linux;

/// <summary>The processes in cgroups, by the directories of these: who is in them, and whether a freezer holds them (cgroups(7)).</summary>
internal static class CgroupProcesses
{
    /// <summary>Without those of groups below; a group that is gone has none.</summary>
    public static IReadOnlyList<int> Of(IEnumerable<string> directories) =>
        [.. directories.SelectMany(directory => Read(Path.Combine(directory, "cgroup.procs")).Split('\n', StringSplitOptions.RemoveEmptyEntries)).Distinct().Select(int.Parse)];

    /// <summary>Lets the processes run again, where a freezer of these very groups has stopped them.</summary>
    public static void Thaw(IEnumerable<string> directories)
    {
        foreach (var directory in directories)
            foreach (var (file, value) in new[] { ("cgroup.freeze", "0"), ("freezer.state", "THAWED") })
                if (Path.Combine(directory, file) is var path && File.Exists(path)) File.WriteAllText(path, value);
    }

    /// <summary>As <see cref="Thaw(IEnumerable{string})"/>, of the group that the process is in; one that has ended meanwhile needs none.</summary>
    public static void Thaw(int pid)
    {
        try { Thaw([FreezerGroup(pid)]); }
        catch (IOException) { }
    }

    /// <summary>Whether a freezer holds the process, be it that of its own group or of one above.</summary>
    /// <exception cref="IOException">The process is gone.</exception>
    public static bool IsFrozen(int pid)
    {
        var group = FreezerGroup(pid);
        return Read(Path.Combine(group, "cgroup.events")).Contains("frozen 1") || Read(Path.Combine(group, "freezer.state")).StartsWith("FR", StringComparison.Ordinal);
    }

    private static string FreezerGroup(int pid)
    {
        var unified = Cgroups.IsUnified;
        var line = File.ReadLines($"/proc/{pid}/cgroup").Select(line => line.Split(':', 3)).FirstOrDefault(part => unified ? part[1].Length == 0 : part[1] == "freezer");
        var root = unified ? Cgroups.Hierarchies()[0] : Cgroups.Hierarchies().FirstOrDefault(hierarchy => hierarchy.EndsWith("/freezer", StringComparison.Ordinal)) ?? "/nonexistent";
        return Path.Combine(root, line?[2].TrimStart('/') ?? "nonexistent");
    }

    private static string Read(string path)
    {
        try { return File.ReadAllText(path); }
        catch (IOException) { return ""; } // gone meanwhile
    }
}
