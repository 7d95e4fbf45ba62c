using System.Net;
using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>Joins a pod's pinned network namespace to the pod network, and takes it off again. Both may be repeated.</summary>
internal sealed record SandboxNetwork(Func<Pod, string, CancellationToken, Task<IPAddress>> Connect, Func<string, CancellationToken, Task> Disconnect);

/// <summary>
/// What the containers of a pod share: network, IPC and UTS namespace, held by bind mounts so that no process is
/// needed to keep them, the address, and the files in /etc.
/// </summary>
internal sealed class PodSandbox(NodePaths paths, DnsSettings dns, SandboxNetwork network)
{
    /// <summary>Creates what is missing; what exists stays, so that adopted containers keep their address.</summary>
    /// <exception cref="IOException">The kernel refused; what was made is undone by <see cref="Remove"/>.</exception>
    public async Task<SandboxRecord> Create(Pod pod, CancellationToken cancel)
    {
        var uid = pod.Metadata.Uid!;
        if (!Exists(uid))
        {
            Namespaces(uid).Remove(); // some of them may be left
            (Namespaces(uid) with { Hostname = PodFiles.HostName(pod) }).Create();
        }
        var address = await network.Connect(pod, paths.Namespace(uid, "net"), cancel);
        WriteFiles(pod, address.ToString());
        return new SandboxRecord(address.ToString());
    }

    /// <summary>All three namespaces are pinned.</summary>
    public bool Exists(string uid)
    {
        var mounted = Mounts.Read().Where(mount => mount.Type == "nsfs").Select(mount => mount.Target).ToHashSet();
        return new[] { "net", "ipc", "uts" }.All(kind => mounted.Contains(paths.Namespace(uid, kind)));
    }

    /// <summary>Not finding something is no error.</summary>
    public async Task Remove(string uid, CancellationToken cancel)
    {
        await network.Disconnect(uid, cancel);
        SharedMemory.Remove(paths, uid);
        Namespaces(uid).Remove();
    }

    private PinnedNamespaces Namespaces(string uid) =>
        new(paths.Namespace(uid, "net"), paths.Namespace(uid, "ipc"), paths.Namespace(uid, "uts"));

    private void WriteFiles(Pod pod, string address)
    {
        var etc = paths.Etc(pod.Metadata.Uid!);
        Directory.CreateDirectory(etc);
        // Written in place: containers have these very files mounted.
        File.WriteAllText(Path.Combine(etc, "hosts"), PodFiles.Hosts(pod, address, dns.ClusterDomain));
        File.WriteAllText(Path.Combine(etc, "hostname"), PodFiles.HostName(pod) + "\n");
        File.WriteAllText(Path.Combine(etc, "resolv.conf"), PodFiles.ResolvConf(pod, dns));
    }
}
