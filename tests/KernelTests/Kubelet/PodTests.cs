using KubeApi;
using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;

namespace KernelTests.Kubelet;

/// <summary>Pods from the API to real containers and back.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class PodTests : IAsyncLifetime
{
    private TestNode node = null!;

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task A_pod_runs_with_its_address_and_leaves_nothing_when_deleted()
    {
        var pod = await node.Running(node.Run(["hold"]));
        Assert.Equal(("Running", "10.244.9.2", "192.0.2.10"), (pod.Status!.Phase, pod.Status.PodIP, pod.Status.HostIP));
        Assert.Contains(pod.Status.Conditions!, condition => condition is { Type: "Ready", Status: "True" });
        Assert.StartsWith("runc://", TestNode.Status(pod).ContainerID);
        await node.Until("its output", () => node.ContainerLog(pod) == "holding\n");
        node.Delete(pod.Name, grace: 30);
        await node.Gone(pod.Name);
        Assert.Empty(await node.Leftovers());
        await node.Until("its events", () => new[] { "Pulled", "Created", "Started", "Killing" }.All(reason => node.Api.Events.Any(item => item.Reason == reason)));
    }

    [Fact]
    public async Task A_pod_whose_record_cannot_be_written_runs_as_soon_as_it_can()
    {
        var uid = Guid.NewGuid().ToString();
        var obstacle = node.Paths.PodRecord(uid) + ".tmp";
        Directory.CreateDirectory(obstacle);
        var name = node.Run(["hold"], uid: uid);
        await node.Until("its complaint", () => node.Log.Count(line => line.Contains(name) && line.Contains("pod.json")) >= 3);
        Directory.Delete(obstacle);
        await node.Running(name);
        await node.Until("its record", () => StateFile.TryRead<PodRecord>(node.Paths.PodRecord(uid))?.Container("c") is { IsRunning: true });
    }

    [Fact]
    public async Task A_command_sees_host_name_environment_user_and_directory()
    {
        var name = node.Run(["print", "TELL"], "Never", container => container with
        {
            Env = [new EnvVar { Name = "A", Value = "b" }, new EnvVar { Name = "TELL", Value = "$(FROM)-$(A)-$$(A)" }], // FROM is the image's, which is not filled in
            SecurityContext = new SecurityContext { RunAsUser = 1234 }, WorkingDir = "/etc",
        });
        var pod = await node.WaitFor(name, "Succeeded", pod => pod.Status!.Phase == "Succeeded");
        Assert.Equal($"{name} $(FROM)-b-$(A) 1234 /etc\n", node.ContainerLog(pod));
        Assert.Equal((0, "Completed"), (TestNode.Status(pod).State!.Terminated!.ExitCode, TestNode.Status(pod).State!.Terminated!.Reason));
    }

    [Fact]
    public async Task A_container_that_fails_is_started_again_and_its_exit_code_kept()
    {
        var pod = await node.WaitFor(node.Run(["exit", "3"]), "CrashLoopBackOff", pod => TestNode.Status(pod).State?.Waiting?.Reason == "CrashLoopBackOff");
        var status = TestNode.Status(pod);
        Assert.Equal((1, 3, "Error"), (status.RestartCount, status.LastState!.Terminated!.ExitCode, status.LastState.Terminated.Reason));
        Assert.Contains("back-off 10s restarting failed container=c", status.State!.Waiting!.Message);
        Assert.Equal("Running", pod.Status!.Phase);
    }

    [Fact]
    public async Task A_pod_that_is_not_restarted_fails_with_its_termination_message()
    {
        var pod = await node.WaitFor(node.Run(["write", "/dev/termination-log", "the reason", "7"], "Never"), "Failed", pod => pod.Status!.Phase == "Failed");
        var ended = TestNode.Status(pod).State!.Terminated!;
        Assert.Equal((7, "the reason"), (ended.ExitCode, ended.Message));
        Assert.DoesNotContain(Mounts.Read(), mount => mount.Target.Contains(pod.Metadata.Uid!));
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named_and_no_other_pod_waits()
    {
        var bad = node.Run([], container: container => container with { Command = ["/no/such"] });
        var noImage = node.Run([], container: container => container with { Image = "nowhere", ImagePullPolicy = "Never" });
        var unserved = node.Run([], spec: spec => spec with
        {
            Volumes = [new Volume { Name = "v", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = "c" } }],
            Containers = [spec.Containers[0] with { VolumeMounts = [new VolumeMount { Name = "v", MountPath = "/v" }] }],
        });
        await node.Running(node.Run(["hold"]));
        var pod = await node.WaitFor(bad, "RunContainerError", pod => TestNode.Status(pod).State?.Waiting?.Reason == "RunContainerError");
        Assert.Contains("no such file or directory", TestNode.Status(pod).State!.Waiting!.Message);
        await node.WaitFor(noImage, "ErrImageNeverPull", pod => TestNode.Status(pod).State?.Waiting?.Reason == "ErrImageNeverPull" && pod.Status!.Phase == "Pending");
        pod = await node.WaitFor(unserved, "CreateContainerConfigError", pod => TestNode.Status(pod).State?.Waiting?.Reason == "CreateContainerConfigError");
        Assert.Contains("spec.volumes[0].persistentVolumeClaim", TestNode.Status(pod).State!.Waiting!.Message);
    }

    [Fact]
    public async Task A_container_that_eats_more_than_its_limit_is_OOMKilled()
    {
        var name = node.Run(["eat"], "Never", container => container with
        {
            Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("24Mi") } },
        });
        var pod = await node.WaitFor(name, "Failed", pod => pod.Status!.Phase == "Failed");
        Assert.Equal(("OOMKilled", 137), (TestNode.Status(pod).State!.Terminated!.Reason, TestNode.Status(pod).State!.Terminated!.ExitCode));
    }

    [Fact]
    public async Task Files_in_an_emptyDir_outlive_the_container_and_not_the_pod()
    {
        var name = node.Run(["write", "/data/file", "kept", "1"], "OnFailure", container => container with { VolumeMounts = [new VolumeMount { Name = "data", MountPath = "/data" }] },
            spec => spec with { Volumes = [new Volume { Name = "data", EmptyDir = new EmptyDirVolumeSource() }] });
        var pod = await node.WaitFor(name, "a second run", pod => TestNode.Status(pod).RestartCount > 0);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(node.Paths.Volume(pod.Metadata.Uid!, "data"), "file")));
        node.Delete(name, grace: 0);
        await node.Gone(name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_container_that_ignores_SIGTERM_is_killed_when_the_grace_period_is_over()
    {
        var pod = await node.Running(node.Run(["stubborn"]));
        var pid = node.Record(pod).Containers.Single().Process!;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        node.Delete(pod.Name, grace: 2);
        await node.Gone(pod.Name);
        Assert.False(pid.IsAlive);
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(2), $"killed after {clock.Elapsed}");
        Assert.Empty(await node.Leftovers());
    }
}
