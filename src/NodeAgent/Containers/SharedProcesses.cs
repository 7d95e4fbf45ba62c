using System.Security.Cryptography;
using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;

namespace NodeAgent.Containers;

/// <summary>
/// The PID namespace of a pod with shareProcessNamespace. It needs a first process that outlives every container and reaps
/// orphans, as Kubernetes' pause container does: catatonit (Debian package of that name, static), as Podman uses it, in a
/// container of its own without anything else in it, as nobody and without a single right, since the pod's containers may look at it.
/// </summary>
internal sealed class SharedProcesses(NodePaths paths, OciRuntime runtime)
{
    private const string Program = "/usr/bin/catatonit", Inside = "/pause";
    private const long Nobody = 65535;

    /// <summary>Containers of a pod start at the same time.</summary>
    private readonly SemaphoreSlim turn = new(1);

    private sealed record State(string Id, ProcessIdentity Process);

    /// <summary>Makes it where it is missing.</summary>
    /// <returns>The file that stands for the namespace.</returns>
    /// <exception cref="ContainerConfigException">catatonit is not installed.</exception>
    /// <exception cref="OciRuntimeException">With runc's words.</exception>
    public async Task<string> Ensure(Pod pod, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            var uid = pod.Metadata.Uid!;
            var state = StateFile.TryRead<State>(File(uid));
            if (state is not { Process.IsAlive: true })
            {
                await Remove(uid);
                state = await Start(pod, cancel);
            }
            return $"/proc/{state.Process.Pid}/ns/pid";
        }
        finally { turn.Release(); }
    }

    /// <summary>Ends it, and with it whatever is left in the namespace. Not finding it is no error.</summary>
    public async Task Remove(string uid)
    {
        if (!Directory.Exists(Bundle(uid))) return;
        // The id is that of the bundle's directory's only child, also where the state was not written any more.
        foreach (var bundle in Directory.GetDirectories(Bundle(uid)))
        {
            await runtime.Delete(Path.GetFileName(bundle), CancellationToken.None);
            runtime.ForgetExit(Path.GetFileName(bundle));
        }
        Directory.Delete(Bundle(uid), recursive: true);
    }

    private async Task<State> Start(Pod pod, CancellationToken cancel)
    {
        if (!System.IO.File.Exists(Program)) throw new ContainerConfigException($"shareProcessNamespace needs {Program} on the node (Debian package catatonit)", "CreateContainerError");
        var (uid, id) = (pod.Metadata.Uid!, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        var bundle = Path.Combine(Bundle(uid), id);
        Directory.CreateDirectory(Path.Combine(bundle, "rootfs"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        System.IO.File.WriteAllBytes(Path.Combine(bundle, "config.json"), Spec(pod, bundle, id).ToJson());
        var pid = await runtime.Create(new OciContainer(id, bundle, Path.Combine(bundle, "log")), cancel);
        await runtime.Start(id, cancel);
        var state = new State(id, ProcessIdentity.Of(pid) ?? throw new OciRuntimeException("the pod's first process ended at once"));
        StateFile.Write(File(uid), state);
        return state;
    }

    internal static OciSpec Spec(Pod pod, string bundle, string id) => new()
    {
        Process = new OciProcess
        {
            User = new OciUser(Nobody, Nobody), Args = [Inside, "-P"], Cwd = "/", Capabilities = new OciCapabilities([], [], []), NoNewPrivileges = true,
            OomScoreAdj = Math.Max(-998, OomScore.Lowest),
        },
        Root = new OciRoot(Path.Combine(bundle, "rootfs"), Readonly: true),
        Mounts =
        [
            new OciMount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            new OciMount("/dev", "tmpfs", "tmpfs", ["nosuid", "noexec", "mode=755", "size=64k"]), // /run itself may have no devices
            new OciMount(Inside, "bind", Program, ["bind", "ro", "nosuid", "nodev"]),
        ],
        Linux = new OciLinux
        {
            Namespaces = [new("pid"), new("mount"), new("network"), new("ipc"), new("uts"), new("cgroup")],
            CgroupsPath = $"/{PodCgroup.Path(pod)}/{id}",
            MaskedPaths = ContainerPrivileges.MaskedPaths, ReadonlyPaths = ContainerPrivileges.ReadonlyPaths,
        },
    };

    private string Bundle(string uid) => Path.Combine(paths.RunPod(uid), "pause");

    private string File(string uid) => Path.Combine(paths.RunPod(uid), "pause.json");
}
