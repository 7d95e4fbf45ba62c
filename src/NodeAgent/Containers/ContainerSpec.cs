using KubeApi.Objects;
using Linux;
using NodeAgent.Images;

namespace NodeAgent.Containers;

/// <summary>
/// Pure: (pod, container, image, places) → OCI configuration. Defaults are those of the kubelet with containerd
/// (pkg/oci/spec.go, internal/cri/server/container_create_linux.go).
/// </summary>
internal static class ContainerSpec
{
    /// <exception cref="ContainerConfigException">No command, or a mount of an unknown volume.</exception>
    public static OciSpec Build(Pod pod, Container container, Image image, string id, int attempt, ContainerPlace place)
    {
        var privileges = place.Privileges;
        var unmasked = privileges.Privileged || container.SecurityContext?.ProcMount == "Unmasked";
        return new OciSpec
        {
            Process = Process(pod, container, image.Config, place, privileges),
            Root = new OciRoot(place.Overlay, container.SecurityContext?.ReadOnlyRootFilesystem ?? false),
            Mounts = [.. ContainerMounts.Of(pod, container, place, privileges.Privileged)],
            Annotations = Annotations(pod, container, image, attempt),
            Linux = new OciLinux
            {
                Namespaces = Namespaces(pod, place),
                Resources = ContainerResources.Of(container.Resources, privileges.Privileged, place.UnifiedCgroups),
                CgroupsPath = CgroupPath(pod, id),
                Sysctl = PodSysctls.Of(pod.Spec!),
                MaskedPaths = unmasked ? null : ContainerPrivileges.MaskedPaths,
                ReadonlyPaths = unmasked ? null : ContainerPrivileges.ReadonlyPaths,
                Devices = privileges.Privileged ? place.Devices : null,
                Seccomp = place.Seccomp,
                RootfsPropagation = ContainerMounts.RootPropagation(container),
            },
        };
    }

    /// <summary>From the root of the cgroup file system that the node sees.</summary>
    public static string CgroupPath(Pod pod, string id) => $"/{PodCgroup.Path(pod)}/{id}";

    /// <summary>
    /// command replaces the image's entrypoint and its command; args replaces its command only (Kubernetes docs,
    /// "Define a command and arguments for a container"). $(NAME) is filled in where the pod says them, not where the image does.
    /// </summary>
    internal static IReadOnlyList<string> Arguments(Container container, ImageConfig image, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var values = variables.ToDictionary(variable => variable.Key, variable => variable.Value);
        var length = 0L;
        IEnumerable<string> Filled(IEnumerable<string> texts) => texts.Select(text => Counted(Expansion.Of(text, values.GetValueOrDefault)));
        string Counted(string text) => (length += text.Length) <= Expansion.LongestAll ? text : throw Expansion.TooLong($"the command has more than {Expansion.LongestAll} bytes");
        var command = container.Command is { Count: > 0 } own ? Filled(own) : image.Entrypoint ?? [];
        var args = container.Args is { Count: > 0 } given ? Filled(given) : container.Command is { Count: > 0 } ? [] : image.Cmd ?? [];
        return [.. command, .. args];
    }

    private static OciProcess Process(Pod pod, Container container, ImageConfig image, ContainerPlace place, ContainerPrivileges privileges)
    {
        var arguments = Arguments(container, image, place.Variables);
        if (arguments.Count == 0)
            throw new ContainerConfigException($"no command specified: neither container \"{container.Name}\" nor its image has one", "CreateContainerError");
        if (arguments.Any(argument => argument.Contains('\0'))) throw new ContainerConfigException("a NUL byte cannot be part of a command", "CreateContainerError");
        return new OciProcess
        {
            Terminal = container.Tty ?? false, User = place.User, Args = arguments,
            Env = ContainerEnvironment.Entries(place.Variables, image, place.HostName, container.Tty == true),
            Cwd = First(container.WorkingDir, image.WorkingDir, "/"),
            Capabilities = privileges.Capabilities(place.User.Uid), NoNewPrivileges = privileges.NoNewPrivileges,
            Rlimits = place.Rlimits,
            OomScoreAdj = Math.Max(QosClass.OomScoreAdjust(pod, container, place.NodeMemory), place.LowestOomScore),
        };
    }

    private static string First(params string?[] texts) => texts.First(text => !string.IsNullOrEmpty(text))!;

    /// <summary>Network, IPC and UTS are the pod's, or where it asks for that the node's; PIDs may be; the rest is the container's own.</summary>
    private static IReadOnlyList<OciNamespace> Namespaces(Pod pod, ContainerPlace place)
    {
        var (spec, uid) = (pod.Spec!, pod.Metadata.Uid!);
        var result = new List<OciNamespace> { new("mount"), new("cgroup") };
        if (spec.HostNetwork != true) result.AddRange([new("network", place.Paths.Namespace(uid, "net")), new("uts", place.Paths.Namespace(uid, "uts"))]);
        if (spec.HostIPC != true) result.Add(new("ipc", place.Paths.Namespace(uid, "ipc")));
        if (spec.HostPID != true || place.Processes is not null) result.Add(new("pid", place.Processes));
        return result;
    }

    /// <summary>Under CRI's names. Enough to rebuild a damaged pod record from the bundles.</summary>
    private static Dictionary<string, string> Annotations(Pod pod, Container container, Image image, int attempt) => new()
    {
        ["io.kubernetes.pod.namespace"] = pod.Namespace, ["io.kubernetes.pod.name"] = pod.Name, ["io.kubernetes.pod.uid"] = pod.Metadata.Uid!,
        ["io.kubernetes.container.name"] = container.Name, ["io.kubernetes.container.restartCount"] = attempt.ToString(),
        ["io.kubernetes.image.name"] = image.Name.ToString(), ["io.kubernetes.image.digest"] = image.Digest,
    };
}
