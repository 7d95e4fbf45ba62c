using KubeApi.Objects;
using Linux;
using NodeAgent.Volumes;

namespace NodeAgent.Containers;

/// <summary>What is mounted in a container: the kernel's file systems, the files that the node writes, the pod's volumes.</summary>
internal static class ContainerMounts
{
    /// <exception cref="ContainerConfigException">A mount names a volume that the pod does not have.</exception>
    public static IEnumerable<OciMount> Of(Pod pod, Container container, ContainerPlace place, bool privileged)
    {
        var etc = place.Paths.Etc(pod.Metadata.Uid!);
        var readOnly = container.SecurityContext?.ReadOnlyRootFilesystem == true;
        var mounts = new List<OciMount>(Kernel(privileged))
        {
            Bind(SharedMemory.Path(pod, place.Paths), "/dev/shm"),
            Bind(Path.Combine(etc, "hosts"), "/etc/hosts"),
            Bind(Path.Combine(etc, "hostname"), "/etc/hostname", readOnly),
            Bind(Path.Combine(etc, "resolv.conf"), "/etc/resolv.conf", readOnly),
            Bind(place.TerminationLog, container.TerminationMessagePath is { Length: > 0 } path ? Target(path) : "/dev/termination-log"),
        };
        foreach (var (mount, index) in (container.VolumeMounts ?? []).Select((mount, index) => (mount, index)))
        {
            mounts.RemoveAll(existing => existing.Destination == Target(mount.MountPath));
            var source = Source(pod, mount, place.Paths);
            mounts.Add(new OciMount(Target(mount.MountPath), "bind", place.SubPaths.GetValueOrDefault(index, source), ["rbind", Propagation(mount), Access(pod, mount)]));
        }
        // A parent directory must be mounted before what lies in it.
        return mounts.Select((mount, i) => (mount, i)).OrderBy(entry => entry.mount.Destination.Count(c => c == '/')).ThenBy(entry => entry.i).Select(entry => entry.mount);
    }

    /// <summary>What the container's root mount must be for its volumes' propagation to work; null: nothing in particular.</summary>
    public static string? RootPropagation(Container container)
    {
        var asked = (container.VolumeMounts ?? []).Select(mount => mount.MountPropagation).ToHashSet();
        return asked.Contains("Bidirectional") ? "rshared" : asked.Contains("HostToContainer") ? "rslave" : null;
    }

    /// <summary>Absolute and without a slash at its end.</summary>
    private static string Target(string path) => "/" + path.Trim('/');

    private static string Propagation(VolumeMount mount) => mount.MountPropagation switch { "Bidirectional" => "rshared", "HostToContainer" => "rslave", _ => "rprivate" };

    /// <summary>rro: the mounts below are read-only too (mount_setattr(2)); "IfPossible" is: every kernel that runs this has it.</summary>
    private static string Access(Pod pod, VolumeMount mount) =>
        mount.ReadOnly != true && !IsReadOnly(pod, mount) ? "rw" : mount.RecursiveReadOnly is "Enabled" or "IfPossible" ? "rro" : "ro";

    /// <summary>Where the volume lies on the node.</summary>
    private static string Source(Pod pod, VolumeMount mount, NodePaths paths)
    {
        var volume = pod.Spec!.Volumes?.FirstOrDefault(volume => volume.Name == mount.Name)
            ?? throw new ContainerConfigException($"volume mount \"{mount.MountPath}\" names volume \"{mount.Name}\", which the pod does not have");
        return VolumeKinds.Path(volume, pod.Metadata.Uid!, paths) ?? throw new ContainerConfigException($"volume \"{volume.Name}\" is of a kind that this node cannot mount");
    }

    /// <summary>What the node writes into a volume, no container shall.</summary>
    private static bool IsReadOnly(Pod pod, VolumeMount mount) => pod.Spec!.Volumes!.Any(volume => volume.Name == mount.Name && VolumeKinds.IsApiData(volume));

    private static OciMount Bind(string source, string destination, bool readOnly = false) =>
        new(destination, "bind", source, ["rbind", "rprivate", readOnly ? "ro" : "rw"]);

    private static OciMount[] Kernel(bool privileged)
    {
        var access = privileged ? "rw" : "ro";
        return
        [
            new("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            new("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            new("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            new("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            new("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", access]),
            new("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", access]),
        ];
    }
}
