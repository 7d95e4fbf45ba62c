using KernelTests.Kubelet;
using KubeApi;
using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;

namespace KernelTests.Containers;

/// <summary>What a container's spec asks for, looked at from inside of real containers.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class ContainerTests : IAsyncLifetime
{
    private TestNode node = null!;

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    /// <summary>Output of /bin/look with these arguments.</summary>
    private async Task<string> Look(string[] what, Func<Container, Container>? container = null, Func<PodSpec, PodSpec>? spec = null)
    {
        var name = node.Run([], "Never", only => (container?.Invoke(only) ?? only) with { Command = [LookProgram.Path, .. what] }, spec);
        var pod = await node.WaitFor(name, "ended", pod => pod.Status!.Phase is "Succeeded" or "Failed");
        Assert.True(pod.Status!.Phase == "Succeeded", TestNode.Status(pod).State?.Terminated?.Message);
        return node.ContainerLog(pod);
    }

    private async Task<(string Reason, string Message)> Refused(Func<Container, Container> container, Func<PodSpec, PodSpec>? spec = null)
    {
        var pod = await node.WaitFor(node.Run(["hold"], container: container, spec: spec), "refused", pod => TestNode.Status(pod).State?.Waiting?.Reason is { } reason && reason != "ContainerCreating");
        var waiting = TestNode.Status(pod).State!.Waiting!;
        await node.Until("its event", () => node.Api.Events.Any(item => item.InvolvedObject.Name == pod.Name && item.Reason == "Failed" && item.Message!.Contains(waiting.Message!)));
        return (waiting.Reason!, waiting.Message!);
    }

    private static string Line(string text, string start) => text.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..].Trim();

    [Fact]
    public async Task Users_and_groups_are_those_asked_for()
    {
        Assert.Equal("0 0: 0\n", await Look(["ids"]));
        Assert.Equal("7 8: 8 50 60\n", await Look(["ids"], spec: spec => spec with { SecurityContext = new PodSecurityContext { RunAsUser = 7, RunAsGroup = 8, SupplementalGroups = [60, 50] } }));
        Assert.Equal("1234 1234: 1234\n", await Look(["ids"], container => container with { SecurityContext = new SecurityContext { RunAsUser = 1234 } }));
    }

    [Fact]
    public async Task A_container_is_confined_unless_it_asks_otherwise()
    {
        var seen = await Look(["cat=/proc/self/status", "migrate", "touch=/proc/sys/kernel/domainname", "cat=/proc/kcore", "touch=/file"]);
        Assert.Equal(("00000000a80425fb", "00000000a80425fb", "0", "2"), (Line(seen, "CapEff:"), Line(seen, "CapBnd:"), Line(seen, "NoNewPrivs:"), Line(seen, "Seccomp:")));
        Assert.Contains("migrate_pages: Operation not permitted", seen);
        Assert.Contains("/proc/sys/kernel/domainname: Read-only file system", seen);
        Assert.Contains("/file: writable", seen);

        seen = await Look(["cat=/proc/self/status", "migrate", "touch=/file"], container => container with
        {
            SecurityContext = new SecurityContext
            {
                AllowPrivilegeEscalation = false, ReadOnlyRootFilesystem = true, Capabilities = new Capabilities { Drop = ["ALL"], Add = ["NET_BIND_SERVICE"] },
                SeccompProfile = new SeccompProfile { Type = "Unconfined" },
            },
        });
        Assert.Equal(("0000000000000400", "1", "0"), (Line(seen, "CapEff:"), Line(seen, "NoNewPrivs:"), Line(seen, "Seccomp:")));
        Assert.DoesNotContain("migrate_pages: Operation not permitted", seen);
        Assert.Contains("/file: Read-only file system", seen);
    }

    [Fact]
    public async Task A_privileged_container_has_what_the_node_has()
    {
        var seen = await Look(["cat=/proc/self/status", "touch=/proc/sys/kernel/domainname", "cat=/proc/self/mountinfo", "mode=/dev/kmsg", "mode=/dev/null"],
            container => container with { SecurityContext = new SecurityContext { Privileged = true } });
        var own = File.ReadAllText("/proc/self/status");
        Assert.Equal((Line(own, "CapBnd:"), "0"), (Line(seen, "CapEff:"), Line(seen, "Seccomp:")));
        Assert.Contains("/proc/sys/kernel/domainname: writable", seen);
        Assert.Contains("/dev/null: 20666", seen);
        if (File.Exists("/dev/kmsg")) Assert.Contains("/dev/kmsg: 20", seen);
        Assert.DoesNotContain(" /proc/kcore ", seen);
    }

    [Fact]
    public async Task Limits_of_processes_and_devices_are_those_of_containerd()
    {
        var seen = await Look(["cat=/proc/self/limits", "mode=/dev/null", "mode=/dev/zero", "mode=/dev/full", "mode=/dev/random", "mode=/dev/urandom", "mode=/dev/tty", "mode=/dev/ptmx",
            "mode=/dev/shm", "mode=/dev/mqueue", "mode=/dev/termination-log", "cat=/proc/self/mountinfo", "cat=/proc/sys/net/ipv4/ip_unprivileged_port_start"]);
        var files = Line(seen, "Max open files").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(files[0], files[1]);
        Assert.True(int.Parse(files[0]) <= 1048576);
        foreach (var device in new[] { "null", "zero", "full", "random", "urandom", "tty" }) Assert.Contains($"/dev/{device}: 20666", seen);
        Assert.Contains("/dev/shm: 41777", seen);
        Assert.Contains("/dev/termination-log: 100666", seen);
        Assert.Contains("size=65536k", seen.Split('\n').Single(line => line.Contains(" /dev/shm ")));
        Assert.Contains("ip_unprivileged_port_start: \n0\n", seen);
    }

    [Fact]
    public async Task The_environment_has_fields_resources_and_the_keys_of_objects()
    {
        node.Settings = node.Settings with
        {
            Objects = new ObjectReader((_, name, _) => Task.FromResult<Secret?>(name == "s" ? new Secret { Data = new Dictionary<string, byte[]> { ["password"] = "hidden"u8.ToArray() } } : null),
                (_, name, _) => Task.FromResult<ConfigMap?>(name == "m" ? new ConfigMap { Data = new Dictionary<string, string> { ["COLOR"] = "red" } } : null)),
        };
        await node.StopAgent();
        node.StartAgent();
        var seen = await Look(["env", "$(COLOR) $(IP)"], container => container with
        {
            EnvFrom = [new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = "m" } }],
            Env =
            [
                new EnvVar { Name = "IP", ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = "status.podIP" } } },
                new EnvVar { Name = "HOST", ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = "status.hostIP" } } },
                new EnvVar { Name = "PASSWORD", ValueFrom = new EnvVarSource { SecretKeyRef = new SecretKeySelector { Name = "s", Key = "password" } } },
                new EnvVar { Name = "MEMORY", ValueFrom = new EnvVarSource { ResourceFieldRef = new ResourceFieldSelector { Resource = "limits.memory", Divisor = Quantity.Parse("1Mi") } } },
            ],
            Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("64Mi") } },
        });
        foreach (var line in new[] { "IP=10.244.9.2", "HOST=192.0.2.10", "PASSWORD=hidden", "MEMORY=64", "COLOR=red", "FROM=image", "HOME=/root", "red 10.244.9.2" })
            Assert.Contains(line, seen.Split('\n'));
    }

    [Fact]
    public async Task Values_of_Secrets_are_in_no_file_that_others_can_read_and_on_no_command_line()
    {
        node.Settings = node.Settings with { Objects = node.Settings.Objects with { Secret = (_, _, _) => Task.FromResult<Secret?>(new Secret { Data = new Dictionary<string, byte[]> { ["k"] = "canary-7f3a"u8.ToArray() } }) } };
        await node.StopAgent();
        node.StartAgent();
        var pod = await node.Running(node.Run(["hold"], container: container => container with { EnvFrom = [new EnvFromSource { SecretRef = new SecretEnvSource { Name = "s" } }] }));
        var bundle = node.Paths.Bundle(pod.Metadata.Uid!, node.Record(pod).Containers.Single().Id);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(bundle, "config.json")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(bundle));
        Assert.DoesNotContain("canary-7f3a", File.ReadAllText(node.Paths.PodRecord(pod.Metadata.Uid!)));
        foreach (var file in Directory.GetFiles(node.Paths.Logs, "*", SearchOption.AllDirectories)) Assert.DoesNotContain("canary-7f3a", File.ReadAllText(file));
        foreach (var process in new[] { node.Record(pod).Containers.Single().Process!, node.Record(pod).Containers.Single().Conmon! })
            Assert.DoesNotContain("canary-7f3a", File.ReadAllText($"/proc/{process.Pid}/cmdline"));
    }

    [Fact]
    public async Task What_is_missing_is_named_in_status_and_event_and_found_once_it_is_there()
    {
        Assert.Equal(("CreateContainerConfigError", "configmap \"m\" not found"),
            await Refused(container => container with { EnvFrom = [new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = "m" } }] }));
        var (reason, message) = await Refused(container => container with { SecurityContext = new SecurityContext { RunAsNonRoot = true } });
        Assert.Equal("CreateContainerConfigError", reason);
        Assert.StartsWith("container has runAsNonRoot and image will run as root", message);
        Assert.Equal("CreateContainerError", (await Refused(container => container with { SecurityContext = new SecurityContext { Capabilities = new Capabilities { Add = ["FLY"] } } })).Reason);
        Assert.Contains("no such file", (await Refused(container => container with
        {
            SecurityContext = new SecurityContext { SeccompProfile = new SeccompProfile { Type = "Localhost", LocalhostProfile = "none.json" } },
        })).Message);
        Secret? secret = null;
        node.Settings = node.Settings with { Objects = node.Settings.Objects with { Secret = (_, _, _) => Task.FromResult(secret) } };
        await node.StopAgent();
        node.StartAgent();
        var name = node.Run(["hold"], container: container => container with
        {
            Env = [new EnvVar { Name = "A", ValueFrom = new EnvVarSource { SecretKeyRef = new SecretKeySelector { Name = "s", Key = "k" } } }],
        });
        var pod = await node.WaitFor(name, "missing", pod => TestNode.Status(pod).State?.Waiting?.Message == "secret \"s\" not found");
        secret = new Secret { Data = new Dictionary<string, byte[]> { ["k"] = "v"u8.ToArray() } };
        node.Kubelet.ReferencesChanged(pod.Metadata.Uid!);
        await node.Running(name);
    }

    [Fact]
    public async Task A_pod_that_the_node_does_not_take_fails_with_Kubernetes_reason()
    {
        var unsafeSysctl = node.Run(["hold"], spec: spec => spec with { SecurityContext = new PodSecurityContext { Sysctls = [new global::KubeApi.Objects.Sysctl { Name = "kernel.panic", Value = "1" }] } });
        var pod = await node.WaitFor(unsafeSysctl, "Failed", pod => pod.Status!.Phase == "Failed");
        Assert.Equal(("SysctlForbidden", "Pod was rejected: forbidden sysctl: \"kernel.panic\" not allowlisted"), (pod.Status!.Reason, pod.Status.Message));
        await node.Until("its event", () => node.Api.Events.Any(item => item.Reason == "SysctlForbidden" && item.Message == "forbidden sysctl: \"kernel.panic\" not allowlisted"));
        Assert.Contains("shm_rmid_forced: \n1\n", await Look(["cat=/proc/sys/kernel/shm_rmid_forced"], spec: spec => spec with
        {
            SecurityContext = new PodSecurityContext { Sysctls = [new global::KubeApi.Objects.Sysctl { Name = "kernel.shm_rmid_forced", Value = "1" }] },
        }));
    }

    [Fact]
    public async Task Containers_of_a_pod_share_dev_shm_and_nothing_of_it_is_left()
    {
        var name = node.Run([], "Never", spec: spec => spec with
        {
            InitContainers = [new Container { Name = "first", Image = TestImage.Name, ImagePullPolicy = "IfNotPresent", Args = ["write", "/dev/shm/note", "seen", "0"] }],
            Containers = [spec.Containers[0] with { Command = [LookProgram.Path, "cat=/dev/shm/note"] }],
        });
        var pod = await node.WaitFor(name, "Succeeded", pod => pod.Status!.Phase == "Succeeded");
        Assert.Contains("seen", node.ContainerLog(pod));
        node.Delete(name, grace: 0);
        await node.Gone(name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task The_pods_cgroup_is_that_of_its_class_and_has_its_limits()
    {
        var amounts = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("500m"), ["memory"] = Quantity.Parse("64Mi") };
        var pod = await node.Running(node.Run(["hold"], container: container => container with { Resources = new ResourceRequirements { Limits = amounts, Requests = amounts } }));
        var path = PodCgroup.Path(pod);
        Assert.Equal($"nodeagent/pod{pod.Metadata.Uid}", path);
        var pid = node.Record(pod).Containers.Single().Process!.Pid;
        Assert.All(File.ReadAllLines($"/proc/{pid}/cgroup").Where(line => line.Contains(":memory:") || line.StartsWith("0::/n", StringComparison.Ordinal)), line => Assert.Contains(path, line));
        Assert.Equal($"{64 << 20}", Read(path, "memory", "memory.limit_in_bytes", "memory.max"));
        Assert.Equal("32768", Read(path, "pids", "pids.max", "pids.max"));
        var lesser = await node.Running(node.Run(["hold"], container: container => container with { Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("1") } } }));
        Assert.Equal(1024UL, Cgroups.IsUnified ? 1024UL : Cgroups.CpuShares("nodeagent/burstable"));
        foreach (var name in new[] { pod.Name, lesser.Name })
        {
            node.Delete(name, grace: 0);
            await node.Gone(name);
        }
        Assert.Null(PodCgroup.Find(pod.Metadata.Uid!));
        Assert.Null(PodCgroup.Find(lesser.Metadata.Uid!));
    }

    private static string Read(string path, string controller, string version1, string unified) =>
        File.ReadAllText(Cgroups.IsUnified ? $"/sys/fs/cgroup/{path}/{unified}" : $"/sys/fs/cgroup/{controller}/{path}/{version1}").Trim();

    [Fact]
    public async Task A_child_that_is_killed_for_lack_of_memory_makes_the_container_OOMKilled()
    {
        var name = node.Run([], "Never", container => container with
        {
            Command = [LookProgram.Path, "child"], Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("24Mi") } },
        });
        var pod = await node.WaitFor(name, "ended", pod => pod.Status!.Phase is "Failed" or "Succeeded");
        Assert.Equal("OOMKilled", TestNode.Status(pod).State!.Terminated!.Reason);
    }

    [Fact]
    public async Task Host_namespaces_are_the_nodes_and_others_the_pods()
    {
        var own = await Look(["cat=/proc/1/comm", "cat=/proc/self/mountinfo"]);
        Assert.Contains("/proc/1/comm: \nlook\n", own);
        var host = await Look(["cat=/proc/1/comm"], spec: spec => spec with { HostPID = true, HostIPC = true });
        Assert.Equal(File.ReadAllText("/proc/1/comm"), host["== /proc/1/comm: \n".Length..]);
    }

    [Fact]
    public async Task Mounts_of_the_node_reach_a_container_that_asks_for_them()
    {
        var shared = Directory.CreateTempSubdirectory("propagation-").FullName;
        try
        {
            Mounts.MakeShared(shared);
            Directory.CreateDirectory(Path.Combine(shared, "late"));
            var name = node.Run([], "Never", container => container with { Command = [LookProgram.Path, "ready", "sleep=3", "cat=/slave/late/file", "cat=/private/late/file"],
                VolumeMounts = [new VolumeMount { Name = "v", MountPath = "/slave", MountPropagation = "HostToContainer" }, new VolumeMount { Name = "v", MountPath = "/private", ReadOnly = true, RecursiveReadOnly = "Enabled" }] },
                spec => spec with { Volumes = [new Volume { Name = "v", HostPath = new HostPathVolumeSource { Path = shared } }] });
            var pod = await node.Running(name);
            await node.Until("it looks", () => node.ContainerLog(pod).Contains("ready"));
            Mounts.Add("tmpfs", Path.Combine(shared, "late"), "tmpfs", 0);
            File.WriteAllText(Path.Combine(shared, "late/file"), "come");
            await node.WaitFor(name, "Succeeded", pod => pod.Status!.Phase == "Succeeded");
            Assert.Contains("== /slave/late/file: \ncome", node.ContainerLog(pod));
            Assert.Contains("== /private/late/file: No such file", node.ContainerLog(pod));
        }
        finally
        {
            Mounts.Remove(Path.Combine(shared, "late"));
            Mounts.Remove(shared);
            Directory.Delete(shared, recursive: true);
        }
    }

    [Fact]
    public async Task Containers_that_share_processes_see_each_other_and_a_first_process_that_can_do_nothing()
    {
        var name = node.Run(["hold"], spec: spec => spec with
        {
            ShareProcessNamespace = true, Containers = [.. spec.Containers, new Container { Name = "side", Image = TestImage.Name, ImagePullPolicy = "IfNotPresent", Args = ["family"] }],
        });
        var pod = await node.WaitFor(name, "Running", pod => pod.Status!.ContainerStatuses!.All(status => status.State?.Running is not null));
        var (first, side) = (node.Record(pod).Container("c")!.Process!, node.Record(pod).Container("side")!.Process!);
        Assert.Equal(Namespace(first.Pid), Namespace(side.Pid));
        Assert.NotEqual(Namespace(Environment.ProcessId), Namespace(first.Pid));
        var seen = await node.Runtime.Exec(node.Record(pod).Container("c")!.Id, [LookProgram.Path, "cat=/proc/1/status", "touch=/proc/1/root/x"], 4096, CancellationToken.None);
        Assert.Equal(("catatonit", "0000000000000000", "1"), (Line(seen.Output, "Name:").Replace("pause", "catatonit"), Line(seen.Output, "CapEff:"), Line(seen.Output, "NoNewPrivs:")));
        Assert.DoesNotContain("/proc/1/root/x: writable", seen.Output);

        // A container that ends takes along what it started, though not the others.
        first.Signal(LibC.SIGKILL);
        await node.WaitFor(name, "restarted", pod => pod.Status!.ContainerStatuses![0] is { RestartCount: 1, State.Running: not null });
        Assert.True(side.IsAlive);
        Assert.Equal(Namespace(side.Pid), Namespace(node.Record(pod).Container("c")!.Process!.Pid));
        node.Delete(name, grace: 1);
        await node.Gone(name);
        Assert.Empty(await node.Leftovers());
    }

    private static string Namespace(int pid) => new FileInfo($"/proc/{pid}/ns/pid").LinkTarget!;

    [Fact]
    public async Task Containers_are_started_again_with_a_first_process_that_was_killed()
    {
        var name = node.Run(["hold"], spec: spec => spec with { ShareProcessNamespace = true });
        var pod = await node.Running(name);
        var process = node.Record(pod).Containers.Single().Process!;
        var first = File.ReadAllLines("/proc/" + process.Pid + "/status").First(line => line.StartsWith("NSpid:", StringComparison.Ordinal));
        Assert.Equal(3, first.Split('\t').Length); // one level below the node's
        using (var state = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(node.Paths.RunPod(pod.Metadata.Uid!), "pause.json"))))
            LibC.kill(state.RootElement.GetProperty("process").GetProperty("pid").GetInt32(), LibC.SIGKILL);
        await node.WaitFor(name, "restarted", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        Assert.False(process.IsAlive);
    }
}
