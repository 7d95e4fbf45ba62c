using KubeApi.Objects;
using Linux;
using NodeAgent.Images;
using NodeAgent.Kubelet;
using NodeAgent.Volumes;

namespace NodeAgent.Containers;

/// <summary>
/// Makes what runc starts a container from: root file system, volumes, termination log and config.json. The latter holds the
/// values of Secrets: it lies in /run, a tmpfs, and is root's alone.
/// </summary>
internal sealed class ContainerBundle(NodePaths paths, ContainerSettings settings, SharedProcesses processes)
{
    private static readonly IReadOnlyList<OciRlimit> Rlimits = ContainerRlimits.Of();
    private static readonly bool Unified = Cgroups.IsUnified;

    /// <exception cref="ContainerConfigException">The container cannot be described or made as asked.</exception>
    /// <exception cref="IOException">The kernel or the disk refuses.</exception>
    public async Task<OciSpec> Make(Pod pod, ContainerStart start, Image image, string id, CancellationToken cancel)
    {
        var (uid, container) = (pod.Metadata.Uid!, start.Container);
        var bundle = paths.Bundle(uid, id);
        var place = await Describe(pod, start, image, id, cancel); // before anything is made: what is missing shall leave no trace
        Directory.CreateDirectory(bundle, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        place = place with { SubPaths = SubPaths.Mount(pod, container, id, place.Variables, paths) };
        SharedMemory.Ensure(pod, paths);
        PodCgroup.Ensure(pod, settings.PodMaxPids);
        if (pod.Spec!.ShareProcessNamespace == true) place = place with { Processes = await processes.Ensure(pod, cancel) };
        var spec = ContainerSpec.Build(pod, container, image, id, start.Attempt, place);
        ContainerLayer.Mount(image.RootFs, paths.Layer(uid, id), place.Overlay);
        File.WriteAllText(place.TerminationLog, "");
        File.SetUnixFileMode(place.TerminationLog, (UnixFileMode)0b110_110_110); // whoever the container runs as writes to it
        Write(Path.Combine(bundle, "config.json"), spec.ToJson());
        return spec;
    }

    private async Task<ContainerPlace> Describe(Pod pod, ContainerStart start, Image image, string id, CancellationToken cancel)
    {
        var (uid, container) = (pod.Metadata.Uid!, start.Container);
        var privileges = ContainerPrivileges.Of(container.SecurityContext, ProcessCapabilities.Own);
        var objects = await EnvironmentObjects.Read(pod.Namespace, container, settings.Objects, cancel);
        var services = ServiceEnvironment.Of(pod, await settings.Services(pod, cancel));
        return new ContainerPlace(paths, Path.Combine(paths.Bundle(uid, id), "rootfs"), ContainerStarter.TerminationLog(paths, uid, id), PodSandbox.HostName(paths, uid),
            ContainerUser.Of(pod, container, image.Config.User, image.RootFs))
        {
            Variables = ContainerEnvironment.Of(pod, container, new EnvironmentSources(services, objects, settings.Allocatable)),
            Privileges = privileges, Seccomp = settings.Seccomp.Of(pod, container, privileges), Rlimits = Rlimits,
            Processes = start.Target?.Process is { } target ? $"/proc/{target.Pid}/ns/pid" : null,
            Devices = privileges.Privileged ? HostDevices.Read() : null,
            LowestOomScore = OomScore.Lowest, NodeMemory = settings.NodeMemory, UnifiedCgroups = Unified,
        };
    }

    private static void Write(string path, byte[] content)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(content);
    }
}
