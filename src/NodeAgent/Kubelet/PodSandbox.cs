using System.Net;
using System.Text;
using KubeApi.Objects;
using Linux;
using NodeAgent.HostPorts;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>Joins a pod's pinned network namespace to the pod network, and takes it off again. Both may be repeated.</summary>
internal sealed record SandboxNetwork(Func<Pod, string, CancellationToken, Task<IPAddress>> Connect, Func<string, CancellationToken, Task> Disconnect)
{
    /// <summary>The address of pods that are on the node's own network.</summary>
    public string NodeAddress { get; init; } = "127.0.0.1";

    /// <summary>Null where there is no pod network.</summary>
    public HostPortMapper? HostPorts { get; init; }
}

/// <summary>
/// What the containers of a pod share: network, IPC and UTS namespace, held by bind mounts so that no process is
/// needed to keep them, the address, and the files in /etc. A pod with hostNetwork has the node's network, host name and address.
/// </summary>
/// <param name="dns">Asked for each new pod, since the node's own resolv.conf may change.</param>
internal sealed class PodSandbox(NodePaths paths, Func<DnsSettings> dns, SandboxNetwork network, KubeletEvents? events = null)
{
    /// <summary>HOST_NAME_MAX of Linux.</summary>
    private const int LongestHostName = 64;

    /// <summary>Creates what is missing; what exists stays, so that adopted containers keep their address.</summary>
    /// <exception cref="IOException">The kernel refused; what was made is undone by <see cref="Remove"/>.</exception>
    public async Task<SandboxRecord> Create(Pod pod, CancellationToken cancel)
    {
        var (uid, onNode, settings) = (pod.Metadata.Uid!, pod.Spec!.HostNetwork == true, dns());
        var hostName = PodFiles.KernelHostName(pod, settings.ClusterDomain);
        var fresh = !Exists(uid, onNode);
        if (fresh)
        {
            Namespaces(uid).Remove(); // some of them may be left
            (onNode ? new PinnedNamespaces("", paths.Namespace(uid, "ipc")) : Namespaces(uid) with { Hostname = hostName }).Create();
        }
        var address = onNode ? network.NodeAddress : (await network.Connect(pod, paths.Namespace(uid, "net"), cancel)).ToString();
        WriteFiles(pod, address, hostName, settings.ClusterDomain);
        if (fresh || !File.Exists(ResolvConf(uid))) WriteResolvConf(pod, settings);
        var hostPorts = HostPort.Of(pod, address);
        if (network.HostPorts is not null) await network.HostPorts.Open(uid, hostPorts, cancel);
        return new SandboxRecord(address) { HostNetwork = onNode, HostPorts = hostPorts };
    }

    /// <summary>All namespaces that the pod needs are pinned.</summary>
    public bool Exists(string uid, bool hostNetwork)
    {
        var mounted = Mounts.Read().Where(mount => mount.Type == "nsfs").Select(mount => mount.Target).ToHashSet();
        return (hostNetwork ? ["ipc"] : new[] { "net", "ipc", "uts" }).All(kind => mounted.Contains(paths.Namespace(uid, kind)));
    }

    /// <summary>Not finding something is no error.</summary>
    public async Task Remove(string uid, CancellationToken cancel)
    {
        if (network.HostPorts is not null) await network.HostPorts.Close(uid, cancel);
        await network.Disconnect(uid, cancel);
        SharedMemory.Remove(paths, uid);
        Namespaces(uid).Remove();
    }

    private PinnedNamespaces Namespaces(string uid) =>
        new(paths.Namespace(uid, "net"), paths.Namespace(uid, "ipc"), paths.Namespace(uid, "uts"));

    private void WriteFiles(Pod pod, string address, string hostName, string clusterDomain)
    {
        var etc = paths.Etc(pod.Metadata.Uid!);
        Directory.CreateDirectory(etc);
        WriteChanged(Path.Combine(etc, "hosts"), PodFiles.Hosts(pod, address, clusterDomain, pod.Spec!.HostNetwork == true ? NodeHosts() : ""));
        WriteChanged(Path.Combine(etc, "hostname"), hostName + "\n");
    }

    private string ResolvConf(string uid) => Path.Combine(paths.Etc(uid), "resolv.conf");

    /// <summary>Once in the life of a sandbox: running containers keep the servers that they started with.</summary>
    private void WriteResolvConf(Pod pod, DnsSettings settings)
    {
        var wanted = PodResolvConf.Of(pod, settings);
        var file = ResolvConf(pod.Metadata.Uid!);
        File.WriteAllText(file + ".tmp", wanted.Text);
        File.Move(file + ".tmp", file, overwrite: true); // whole or not at all; no container has it mounted yet
        foreach (var (reason, message) in wanted.Warnings) events?.Record(pod, null, "Warning", reason, message);
    }

    /// <summary>
    /// The host name that the pod's processes see, for their HOSTNAME. Containers may write to this file: of what is in it only a
    /// line of the length that a host name may have is taken.
    /// </summary>
    public static string HostName(NodePaths paths, string uid)
    {
        using var file = File.OpenRead(Path.Combine(paths.Etc(uid), "hostname"));
        var buffer = new byte[LongestHostName];
        return Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)).Split('\n', '\0')[0];
    }

    private static string NodeHosts() => File.Exists("/etc/hosts") ? File.ReadAllText("/etc/hosts") : "";

    /// <summary>In place: containers have this very file mounted. One that is right is not touched, since they may be reading it.</summary>
    private static void WriteChanged(string file, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        // Containers may have written to it, as much as they like: the length is looked at before it is read.
        if (new FileInfo(file) is { Exists: true } there && there.Length == bytes.Length && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes)) return;
        File.WriteAllBytes(file, bytes);
    }
}
