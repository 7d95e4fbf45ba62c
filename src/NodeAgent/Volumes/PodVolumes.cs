using KubeApi.Objects;
using NodeAgent.Containers;

namespace NodeAgent.Volumes;

/// <summary>The directories behind a pod's volumes: emptyDir on the node's disk, and hostPath.</summary>
internal static class PodVolumes
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    /// <summary>Makes what a container mounts, if it is not there yet.</summary>
    /// <exception cref="ContainerConfigException">A hostPath is not of the type that the volume asks for.</exception>
    public static void Prepare(Pod pod, Container container, NodePaths paths)
    {
        var mounted = (container.VolumeMounts ?? []).Select(mount => mount.Name).ToHashSet();
        foreach (var volume in (pod.Spec!.Volumes ?? []).Where(volume => mounted.Contains(volume.Name)))
        {
            if (volume.HostPath is { } host) PrepareHostPath(volume.Name, host);
            else if (paths.Volume(pod.Metadata.Uid!, volume.Name) is var directory && !Directory.Exists(directory))
            {
                Directory.CreateDirectory(directory);
                File.SetUnixFileMode(directory, Everyone);
            }
        }
    }

    /// <summary>API field hostPath.type; empty: whatever is there, and a directory where nothing is.</summary>
    private static void PrepareHostPath(string volume, HostPathVolumeSource host)
    {
        var (isFile, isDirectory) = (File.Exists(host.Path), Directory.Exists(host.Path));
        var fits = host.Type switch
        {
            null or "" => true,
            "DirectoryOrCreate" => !isFile,
            "Directory" => isDirectory,
            "FileOrCreate" => !isDirectory,
            "File" => isFile,
            _ => false,
        };
        if (!fits) throw new ContainerConfigException($"hostPath type check failed: {host.Path} is not a {host.Type} (volume \"{volume}\")");
        if (isFile || isDirectory) return;
        if (host.Type == "FileOrCreate") File.WriteAllText(host.Path, "");
        else Directory.CreateDirectory(host.Path);
    }
}
