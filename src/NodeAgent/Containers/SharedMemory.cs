using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>A pod's /dev/shm: one tmpfs of 64 MiB that all its containers see, as they share the IPC namespace (containerd, setupSandboxFiles).</summary>
internal static class SharedMemory
{
    private const string Node = "/dev/shm";

    /// <summary>What is mounted on /dev/shm in the pod's containers.</summary>
    public static string Path(Pod pod, NodePaths paths) => pod.Spec!.HostIPC == true ? Node : Own(paths, pod.Metadata.Uid!);

    /// <summary>Mounts it where it is missing; what is there stays.</summary>
    /// <exception cref="SystemCallException">The kernel refuses.</exception>
    public static void Ensure(Pod pod, NodePaths paths)
    {
        var place = Own(paths, pod.Metadata.Uid!);
        if (pod.Spec!.HostIPC == true || Mounts.Read().Any(mount => mount.Target == place)) return;
        Directory.CreateDirectory(place);
        Mounts.Add("shm", place, "tmpfs", LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC, "mode=1777,size=65536k");
    }

    /// <summary>Not finding it is no error.</summary>
    public static void Remove(NodePaths paths, string uid)
    {
        Mounts.Remove(Own(paths, uid));
        if (Directory.Exists(Own(paths, uid))) Directory.Delete(Own(paths, uid));
    }

    private static string Own(NodePaths paths, string uid) => System.IO.Path.Combine(paths.RunPod(uid), "shm");
}
