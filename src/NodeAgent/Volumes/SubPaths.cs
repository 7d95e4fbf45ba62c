using KubeApi.Objects;
using Linux;
using Microsoft.Win32.SafeHandles;
using NodeAgent.Containers;

namespace NodeAgent.Volumes;

/// <summary>
/// volumeMounts[].subPath and subPathExpr: a part of a volume. It is opened beneath the volume and mounted by its handle, so that
/// a container which changes links meanwhile cannot make it lead elsewhere (CVE-2017-1002101, CVE-2021-25741).
/// </summary>
internal static class SubPaths
{
    /// <summary>Mounts each of them at a place of the node's own, which is the source of the container's mount.</summary>
    /// <param name="id">The container's.</param>
    /// <param name="variables">What subPathExpr may name.</param>
    /// <returns>The places by index in volumeMounts.</returns>
    /// <exception cref="ContainerConfigException">One leads out of its volume or cannot be made, in the kubelet's words.</exception>
    public static IReadOnlyDictionary<int, string> Mount(Pod pod, Container container, string id, IReadOnlyList<KeyValuePair<string, string>> variables, NodePaths paths)
    {
        var places = new Dictionary<int, string>();
        foreach (var (mount, index) in (container.VolumeMounts ?? []).Select((mount, index) => (mount, index)))
        {
            if (Path(mount, variables) is not { Length: > 0 } path) continue;
            var volume = pod.Spec!.Volumes?.FirstOrDefault(volume => volume.Name == mount.Name);
            if (volume is null || VolumeKinds.Path(volume, pod.Metadata.Uid!, paths) is not { } root) continue; // refused where the mounts are described
            var place = System.IO.Path.Combine(paths.SubPaths(pod.Metadata.Uid!, id), $"{index}");
            using var part = Open(root, path, mount, container);
            Bind(part, place, mount, container);
            places[index] = place;
        }
        return places;
    }

    /// <summary>Pure: null for the whole volume.</summary>
    /// <exception cref="ContainerConfigException">A variable is missing, or the path is absolute or goes up.</exception>
    internal static string? Path(VolumeMount mount, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        var path = mount.SubPath;
        if (mount.SubPathExpr is { Length: > 0 } expression)
        {
            var missing = new SortedSet<string>(StringComparer.Ordinal);
            path = Expansion.Of(expression, name =>
            {
                var value = variables.LastOrDefault(variable => variable.Key == name).Value;
                if (string.IsNullOrEmpty(value)) missing.Add(name);
                return value;
            });
            if (missing.Count > 0) throw new ContainerConfigException($"missing value for {string.Join(", ", missing)}");
        }
        if (string.IsNullOrEmpty(path)) return null;
        if (path[0] == '/') throw new ContainerConfigException($"error SubPath `{path}` must not be an absolute path");
        if (path.Split('/').Contains("..")) throw new ContainerConfigException($"unable to provision SubPath `{path}`: must not contain '..'");
        return path;
    }

    private static SafeFileHandle Open(string root, string path, VolumeMount mount, Container container)
    {
        try
        {
            if (PathBeneath.Open(root, path) is { } existing) return existing;
        }
        catch (SystemCallException e) { throw Refused("prepare subPath", e, mount, container); }
        try
        {
            PathBeneath.MakeDirectories(root, path);
            return PathBeneath.Open(root, path) ?? throw new SystemCallException(path, LibC.ENOENT);
        }
        catch (IOException e) { throw Refused("create subPath directory", e, mount, container); }
    }

    private static void Bind(SafeFileHandle part, string place, VolumeMount mount, Container container)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(place)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if ((FileStatus.Of(part).Mode & LibC.S_IFMT) == LibC.S_IFDIR) Directory.CreateDirectory(place);
        else File.WriteAllText(place, "");
        try { Mounts.Bind($"/proc/self/fd/{part.DangerousGetHandle()}", place); }
        catch (SystemCallException e) { throw Refused("prepare subPath", e, mount, container); }
    }

    /// <summary>The kernel's own words may tell of the node's files, so users get none of them.</summary>
    private static ContainerConfigException Refused(string what, IOException e, VolumeMount mount, Container container) =>
        new($"failed to {what} for volumeMount \"{mount.Name}\" of container \"{container.Name}\"{(e is SystemCallException { Errno: LibC.EXDEV or LibC.ELOOP } ? ": it leads out of the volume" : "")}");
}
