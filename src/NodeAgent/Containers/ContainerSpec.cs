using KubeApi.Objects;
using Linux;
using NodeAgent.Images;
using NodeAgent.Kubelet;

namespace NodeAgent.Containers;

/// <summary>The paths and facts of this node that a container's OCI configuration names.</summary>
/// <param name="Overlay">The container's root file system.</param>
/// <param name="TerminationLog">The file that appears at terminationMessagePath.</param>
/// <param name="LowestOomScore">No container gets an oom_score_adj below this; see <see cref="OomScore.Lowest"/>.</param>
internal sealed record ContainerPlace(NodePaths Paths, string Overlay, string TerminationLog, string HostName, OciUser User,
    IReadOnlyList<string> ServiceEnvironment, int LowestOomScore);

/// <summary>A container cannot be described as asked; <see cref="Exception.Message"/> goes into its status (CreateContainerConfigError).</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);

/// <summary>
/// Pure: (pod, container, image, places) → OCI configuration. Defaults are those of the kubelet with containerd
/// (pkg/oci/spec.go, internal/cri/server/container_create_linux.go).
/// </summary>
internal static class ContainerSpec
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Most processes of one container; keeps a fork bomb in its pod.</summary>
    private const long PidsLimit = 32768;

    /// <exception cref="ContainerConfigException">No command, or a mount of an unknown volume.</exception>
    public static OciSpec Build(Pod pod, Container container, Image image, string id, int attempt, ContainerPlace place)
    {
        var privileges = ContainerPrivileges.Of(container.SecurityContext);
        return new OciSpec
        {
            Process = Process(pod, container, image.Config, place, privileges),
            Root = new OciRoot(place.Overlay, container.SecurityContext?.ReadOnlyRootFilesystem ?? false),
            Mounts = [.. ContainerMounts.Of(pod, container, place, privileges.Privileged)],
            Annotations = Annotations(pod, container, image, attempt),
            Linux = new OciLinux
            {
                Namespaces = Namespaces(pod.Metadata.Uid!, place.Paths),
                Resources = ContainerResources.Of(container.Resources, PidsLimit, privileges.Privileged),
                CgroupsPath = CgroupPath(pod.Metadata.Uid!, id),
                Sysctl = pod.Spec!.SecurityContext?.Sysctls?.ToDictionary(sysctl => sysctl.Name, sysctl => sysctl.Value),
                MaskedPaths = privileges.Privileged ? null : ContainerPrivileges.MaskedPaths,
                ReadonlyPaths = privileges.Privileged ? null : ContainerPrivileges.ReadonlyPaths,
            },
        };
    }

    /// <summary>From the root of the cgroup file system that the node sees.</summary>
    public static string CgroupPath(string podUid, string id) => $"/nodeagent/pod{podUid}/{id}";

    /// <summary>
    /// command replaces the image's entrypoint and its command; args replaces its command only (Kubernetes docs,
    /// "Define a command and arguments for a container").
    /// </summary>
    internal static IReadOnlyList<string> Arguments(Container container, ImageConfig image)
    {
        var command = container.Command is { Count: > 0 } ? container.Command : image.Entrypoint ?? [];
        var args = container.Args is { Count: > 0 } ? container.Args : container.Command is { Count: > 0 } ? [] : image.Cmd ?? [];
        return [.. command, .. args];
    }

    /// <summary>Later entries win: PATH and HOSTNAME, the image's, the Services', the container's with $(NAME) filled in.</summary>
    internal static IReadOnlyList<string> Environment(Container container, ImageConfig image, string hostName, IEnumerable<string> services)
    {
        var result = new List<KeyValuePair<string, string>> { new("PATH", DefaultPath), new("HOSTNAME", hostName) };
        foreach (var entry in (image.Env ?? []).Concat(services))
        {
            var equals = entry.IndexOf('=');
            Set(result, equals < 0 ? entry : entry[..equals], equals < 0 ? "" : entry[(equals + 1)..]);
        }
        foreach (var variable in container.Env ?? [])
            Set(result, variable.Name, Expansion.Of(variable.Value ?? "", result));
        if (container.Tty == true && result.All(entry => entry.Key != "TERM")) Set(result, "TERM", "xterm");
        return [.. result.Select(entry => $"{entry.Key}={entry.Value}")];
    }

    private static void Set(List<KeyValuePair<string, string>> environment, string name, string value)
    {
        environment.RemoveAll(entry => entry.Key == name);
        environment.Add(new(name, value));
    }

    private static OciProcess Process(Pod pod, Container container, ImageConfig image, ContainerPlace place, ContainerPrivileges privileges)
    {
        var environment = Environment(container, image, place.HostName, place.ServiceEnvironment);
        var pairs = environment.Select(entry => entry.Split('=', 2)).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1])).ToList();
        var arguments = Arguments(container, image).Select(argument => Expansion.Of(argument, pairs)).ToList();
        if (arguments.Count == 0) throw new ContainerConfigException($"no command specified: neither container \"{container.Name}\" nor its image has one");
        return new OciProcess
        {
            Terminal = container.Tty ?? false, User = place.User, Args = arguments, Env = environment,
            Cwd = First(container.WorkingDir, image.WorkingDir, "/"),
            Capabilities = privileges.Capabilities(place.User.Uid), NoNewPrivileges = privileges.NoNewPrivileges,
            OomScoreAdj = Math.Max(QosClass.OomScoreAdjust(pod), place.LowestOomScore),
        };
    }

    private static string First(params string?[] texts) => texts.First(text => !string.IsNullOrEmpty(text))!;

    /// <summary>Network, IPC and UTS are the pod's; the rest is the container's own.</summary>
    private static OciNamespace[] Namespaces(string uid, NodePaths paths) =>
    [
        new("network", paths.Namespace(uid, "net")), new("ipc", paths.Namespace(uid, "ipc")), new("uts", paths.Namespace(uid, "uts")),
        new("pid"), new("mount"), new("cgroup"),
    ];

    /// <summary>Under CRI's names. Enough to rebuild a damaged pod record from the bundles.</summary>
    private static Dictionary<string, string> Annotations(Pod pod, Container container, Image image, int attempt) => new()
    {
        ["io.kubernetes.pod.namespace"] = pod.Namespace, ["io.kubernetes.pod.name"] = pod.Name, ["io.kubernetes.pod.uid"] = pod.Metadata.Uid!,
        ["io.kubernetes.container.name"] = container.Name, ["io.kubernetes.container.restartCount"] = attempt.ToString(),
        ["io.kubernetes.image.name"] = image.Name.ToString(), ["io.kubernetes.image.digest"] = image.Digest,
    };
}
