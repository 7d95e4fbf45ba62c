using Linux;

namespace NodeAgent.Containers;

/// <summary>The node's devices, which a privileged container has all of (containerd, oci.WithHostDevices).</summary>
internal static class HostDevices
{
    /// <summary>Not devices, or the container's own.</summary>
    private static readonly HashSet<string> Skipped = ["pts", "shm", "fd", "mqueue", "console", "ptmx", ".udev", "lxc", "lxd-mounts"];

    private const int Permissions = 0xfff;

    public static IReadOnlyList<OciDevice> Read(string directory = "/dev") => [.. In(directory, directory)];

    private static IEnumerable<OciDevice> In(string directory, string root)
    {
        foreach (var path in Entries(directory).Where(path => !Skipped.Contains(Path.GetFileName(path))).Order(StringComparer.Ordinal))
        {
            if (Status(path) is not { } status) continue;
            if ((status.Mode & LibC.S_IFMT) == LibC.S_IFDIR)
                foreach (var device in In(path, root)) yield return device;
            if (status.IsCharacterDevice || status.IsBlockDevice)
                yield return new OciDevice("/dev" + path[root.Length..], status.IsBlockDevice ? "b" : "c", status.Major, status.Minor, status.Mode & Permissions, status.Uid, status.Gid);
        }
    }

    private static string[] Entries(string directory)
    {
        try { return Directory.GetFileSystemEntries(directory); }
        catch (IOException) { return []; } // unplugged meanwhile
    }

    private static FileStatus? Status(string path)
    {
        try { return FileStatus.Of(path); }
        catch (SystemCallException) { return null; }
    }
}
