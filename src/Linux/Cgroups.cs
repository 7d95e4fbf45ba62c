namespace Linux;

/// <summary>Control groups by their path below the root that this machine sees, in every hierarchy: one on cgroup v2, several on v1.</summary>
public static class Cgroups
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>v2 alone (or seen as such), as opposed to v1 or the hybrid of both.</summary>
    public static bool IsUnified => File.Exists(Path.Combine(Root, "cgroup.controllers"));

    /// <summary>Where hierarchies are mounted.</summary>
    public static IReadOnlyList<string> Hierarchies() => IsUnified ? [Root]
        : [.. Mounts.Read().Where(mount => mount.Type is "cgroup" or "cgroup2").Select(mount => mount.Target).Distinct()];

    /// <summary>Directories of the group, one per hierarchy that has it.</summary>
    public static IReadOnlyList<string> Find(string path) => [.. Hierarchies().Select(root => Path.Combine(root, path)).Where(Directory.Exists)];

    /// <summary>Removes the group and those in it. One with processes in it stays.</summary>
    public static void Remove(string path)
    {
        foreach (var directory in Find(path)) RemoveTree(directory);
    }

    private static void RemoveTree(string directory)
    {
        foreach (var child in Directory.GetDirectories(directory)) RemoveTree(child);
        // The files in it go with it: rmdir, never a recursive delete.
        LibC.rmdir(directory);
    }
}
