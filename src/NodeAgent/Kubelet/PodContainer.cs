using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>What a container is to its pod. Sidecar: an init container with restartPolicy Always (KEP-753).</summary>
internal enum ContainerKind { Init, Sidecar, Regular, Ephemeral }

/// <summary>A container as the pod's spec has it, of whichever kind.</summary>
/// <param name="TargetName">Of an ephemeral container: the container whose processes it sees; else null.</param>
internal sealed record PodContainer(Container Container, ContainerKind Kind, string? TargetName = null)
{
    public string Name => Container.Name;

    /// <summary>All of the pod's, in the order in which they are started. Names are unique among them.</summary>
    public static IEnumerable<PodContainer> Of(Pod pod) => [.. Init(pod), .. Regular(pod), .. Ephemeral(pod)];

    /// <summary>With the sidecars.</summary>
    public static IEnumerable<PodContainer> Init(Pod pod) => (pod.Spec!.InitContainers ?? []).Select(container =>
        new PodContainer(container, container.RestartPolicy == "Always" ? ContainerKind.Sidecar : ContainerKind.Init));

    public static IEnumerable<PodContainer> Regular(Pod pod) => pod.Spec!.Containers.Select(container => new PodContainer(container, ContainerKind.Regular));

    public static IEnumerable<PodContainer> Ephemeral(Pod pod) => (pod.Spec!.EphemeralContainers ?? []).Select(container =>
        new PodContainer(AsContainer(container), ContainerKind.Ephemeral, container.TargetContainerName));

    public static PodContainer? Find(Pod pod, string name) => Of(pod).FirstOrDefault(container => container.Name == name);

    /// <summary>Which of the pod's containers an event is about, e.g. <c>spec.initContainers{db}</c>.</summary>
    public static string FieldPath(Pod pod, string name) => Find(pod, name)?.Kind switch
    {
        ContainerKind.Init or ContainerKind.Sidecar => $"spec.initContainers{{{name}}}",
        ContainerKind.Ephemeral => $"spec.ephemeralContainers{{{name}}}",
        _ => $"spec.containers{{{name}}}",
    };

    /// <summary>What an ephemeral container may not have (ports, probes, resources, hooks) stays away.</summary>
    private static Container AsContainer(EphemeralContainer container) => new()
    {
        Name = container.Name, Image = container.Image, ImagePullPolicy = container.ImagePullPolicy, Command = container.Command, Args = container.Args,
        WorkingDir = container.WorkingDir, Env = container.Env, EnvFrom = container.EnvFrom, VolumeMounts = container.VolumeMounts,
        VolumeDevices = container.VolumeDevices, SecurityContext = container.SecurityContext, Stdin = container.Stdin, StdinOnce = container.StdinOnce,
        Tty = container.Tty, TerminationMessagePath = container.TerminationMessagePath, TerminationMessagePolicy = container.TerminationMessagePolicy,
    };
}
