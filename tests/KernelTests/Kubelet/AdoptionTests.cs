using Linux;

namespace KernelTests.Kubelet;

/// <summary>What an agent finds that was started anew, or whose helpers were killed.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class AdoptionTests : IAsyncLifetime
{
    private TestNode node = null!;

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task Pods_survive_the_agent_and_are_adopted_with_the_same_process()
    {
        var pod = await node.Running(node.Run(["hold"]));
        var before = node.Record(pod).Containers.Single();
        await node.StopAgent();
        Assert.True(before.Process!.IsAlive);
        node.StartAgent();
        await node.Until("adoption", () => node.Log.Any(line => line.Contains($"adopted pod default/{pod.Name}")));
        before.Process.Signal(LibC.SIGKILL);
        pod = await node.WaitFor(pod.Name, "restarted", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        Assert.Equal(137, TestNode.Status(pod).LastState!.Terminated!.ExitCode);
        Assert.Single(await node.Runtime.List(CancellationToken.None));
    }

    [Fact]
    public async Task What_ended_and_what_was_deleted_while_no_agent_ran_is_noticed()
    {
        var ended = await node.Running(node.Run(["hold"], "Never"));
        var deleted = await node.Running(node.Run(["hold"]));
        await node.StopAgent();
        node.Record(ended).Containers.Single().Process!.Signal(LibC.SIGTERM);
        node.Api.Remove(deleted.Name);
        node.StartAgent();
        await node.WaitFor(ended.Name, "Succeeded", pod => pod.Status!.Phase == "Succeeded");
        await node.Until("the deleted pod is taken down", () => !Directory.Exists(node.Paths.RunPod(deleted.Metadata.Uid!)));
        Assert.Empty(await node.Runtime.List(CancellationToken.None));
    }

    [Fact]
    public async Task A_damaged_record_is_set_aside_and_rebuilt_without_a_restart()
    {
        var pod = await node.Running(node.Run(["hold"]));
        var process = node.Record(pod).Containers.Single().Process!;
        await node.StopAgent();
        var path = node.Paths.PodRecord(pod.Metadata.Uid!);
        File.WriteAllText(path, "{\"namespace\": \"defau");
        node.StartAgent();
        await node.Until("the record is rebuilt", () => node.Log.Any(line => line.Contains("record rebuilt")));
        await node.Until("it is written", () => File.Exists(path));
        Assert.True(File.Exists(path + ".damaged"));
        Assert.Equal(process, node.Record(pod).Containers.Single().Process);
        Assert.True(process.IsAlive);
        Assert.Equal(0, TestNode.Status(node.Api.Pod(pod.Name)!).RestartCount);
    }

    [Fact]
    public async Task A_container_whose_conmon_was_killed_is_started_anew()
    {
        var pod = await node.Running(node.Run(["hold"]));
        var before = node.Record(pod).Containers.Single();
        before.Conmon!.Signal(LibC.SIGKILL);
        pod = await node.WaitFor(pod.Name, "restarted", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        Assert.Equal("ContainerStatusUnknown", TestNode.Status(pod).LastState!.Terminated!.Reason);
        Assert.False(before.Process!.IsAlive);
        Assert.Single(await node.Runtime.List(CancellationToken.None));
    }

    [Fact]
    public async Task After_a_reboot_pods_start_anew_and_stale_layers_are_gone()
    {
        var pod = await node.Running(node.Run(["hold"]));
        var id = node.Record(pod).Containers.Single().Id;
        await node.StopAgent();
        // What a reboot does: no process, no mount, no /run.
        await node.Runtime.Delete(id, CancellationToken.None);
        foreach (var mount in Mounts.Read().Where(mount => mount.Target.StartsWith(node.Paths.Run, StringComparison.Ordinal)).Reverse()) Mounts.Remove(mount.Target);
        Directory.Delete(node.Paths.Run, recursive: true);
        node.StartAgent();
        pod = await node.WaitFor(pod.Name, "started anew", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        Assert.False(Directory.Exists(node.Paths.Layer(pod.Metadata.Uid!, id)));
        Assert.True(Directory.Exists(node.Paths.Layer(pod.Metadata.Uid!, node.Record(pod).Containers.Single().Id)));
    }
}
