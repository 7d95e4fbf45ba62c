using Linux;

namespace NodeAgent.Volumes;

/// <summary>The end of a pod's volumes on this node: what is mounted goes first, and only then are files deleted, so that none of others' are.</summary>
internal static class VolumeTearDown
{
    /// <exception cref="IOException">A mount cannot be taken away, or a file not deleted; it names it.</exception>
    public static void Remove(string uid, NodePaths paths, Action<string> log)
    {
        string[] roots = [Path.Combine(paths.RunPod(uid), "volume-subpaths"), paths.RunVolumes(uid), paths.LibVolumes(uid)];
        var present = roots.Where(Directory.Exists).ToList();
        if (present.Count == 0) return;
        Unmount(present, log);
        foreach (var root in present) DirectoryTree.Delete(root);
    }

    /// <summary>The mounts of one container's subPaths.</summary>
    /// <exception cref="IOException">As above.</exception>
    public static void RemoveSubPaths(string uid, string container, NodePaths paths)
    {
        var root = paths.SubPaths(uid, container);
        if (!Directory.Exists(root)) return;
        Unmount([root], _ => { });
        Directory.Delete(root, recursive: true);
    }

    /// <summary>From the innermost outwards. One in use goes out of sight, and with its last user altogether.</summary>
    private static void Unmount(IReadOnlyList<string> roots, Action<string> log)
    {
        foreach (var mount in Below(roots).Reverse())
        {
            if (LibC.umount2(mount, LibC.UMOUNT_NOFOLLOW) == 0) continue;
            if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == LibC.EBUSY) log($"{mount} is still in use: taken out of sight, and gone when its last user is");
            Mounts.Remove(mount);
        }
        if (Below(roots).FirstOrDefault() is { } left) throw new IOException($"{left} is still mounted");
    }

    private static IReadOnlyList<string> Below(IReadOnlyList<string> roots) =>
        [.. Mounts.Read().Select(mount => mount.Target).Where(target => roots.Any(root => target.StartsWith(root + "/", StringComparison.Ordinal)))];
}
