using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;
using static KernelTests.Kubelet.PodSteps;

namespace KernelTests.Kubelet;

/// <summary>An agent that follows one which ended in the midst of things: nothing is done twice, nothing is forgotten.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class SuccessorTests : IAsyncLifetime
{
    private TestNode node = null!;

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    private void Forget(Pod pod, string container)
    {
        var record = node.Record(pod);
        StateFile.Write(node.Paths.PodRecord(record.Uid), record with { Containers = [.. record.Containers.Where(entry => entry.Name != container)] });
    }

    [Fact]
    public async Task A_container_that_was_started_and_not_recorded_is_adopted()
    {
        var pod = await node.Running(node.Run("Always", [Says("i1")], [Says("c", "hold")]));
        var process = node.Record(pod).Container("c")!.Process!;
        await node.StopAgent();
        Forget(pod, "c");
        node.StartAgent();
        await node.Until("it is found", () => node.Record(pod).Container("c") is { IsRunning: true });
        Assert.Equal(process, node.Record(pod).Container("c")!.Process);
        process.Signal(LibC.SIGKILL);
        pod = await node.WaitFor(pod.Name, "restarted", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        await node.Until("its second start", () => node.Said(pod.Name).Length == 3);
        Assert.Equal(["i1", "c", "c"], node.Said(pod.Name));
        Assert.Single(await node.Runtime.List(CancellationToken.None));
    }

    [Fact]
    public async Task A_container_that_was_created_and_not_started_is_made_anew()
    {
        var pod = await node.Running(node.Run("Always", [], [Says("c", "hold")]));
        var before = node.Record(pod).Container("c")!;
        await node.StopAgent();
        Forget(pod, "c");
        File.Delete(PodAdoption.StartedMark(node.Paths.Bundle(pod.Metadata.Uid!, before.Id)));
        node.StartAgent();
        await node.Until("another container", () => node.Record(pod).Container("c") is { IsRunning: true });
        Assert.NotEqual(before.Id, node.Record(pod).Container("c")!.Id);
        Assert.False(before.Process!.IsAlive);
        Assert.Equal(node.Record(pod).Container("c")!.Id, (await node.Runtime.List(CancellationToken.None)).Single().Id);
    }

    [Fact]
    public async Task An_init_container_that_runs_is_waited_for_and_those_that_succeeded_do_not_run_again()
    {
        var name = node.Run("Always", [Says("i1"), Says("i2", "sleep", "1500")], [Says("c", "hold")]);
        await node.Until("the second one", () => node.Api.Pod(name)?.Status is not null && node.Said(name).Contains("i2"));
        await node.StopAgent();
        node.StartAgent();
        await node.AllRun(name);
        await node.Until("the container's word", () => node.Said(name).Length >= 3);
        Assert.Equal(["i1", "i2", "c"], node.Said(name));
    }

    [Fact]
    public async Task A_preStop_command_goes_on_and_is_not_run_again()
    {
        var name = node.Run("Always", [], [Says("c", "trap", "/d/log", "c ends", "hold") with { Lifecycle = new Lifecycle { PreStop = Exec("append", "/d/log", "hook", "sleep", "2000", "append", "/d/log", "hook done") } }]);
        await node.AllRun(name);
        await node.Until("its start", () => node.Said(name).Length == 1);
        node.Delete(name, grace: 30);
        await node.Until("its hook", () => node.Said(name).Contains("hook"));
        await node.StopAgent();
        node.StartAgent();
        await node.Gone(name);
        Assert.Equal(["c", "hook", "hook done", "c ends"], node.Said(name));
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_grace_period_goes_on_where_it_was()
    {
        var pod = await node.Running(node.Run("Always", [], [Steps("c", "hold") with { Lifecycle = new Lifecycle { PreStop = new LifecycleHandler { Sleep = new SleepAction { Seconds = 2 } } } }]));
        node.Delete(pod.Name, grace: 6);
        await node.Until("its end has begun", () => node.Record(pod).Containers.Single().Stop is not null);
        var before = node.Record(pod).Containers.Single().Stop!;
        await node.StopAgent();
        node.StartAgent();
        await node.Until("the signal", () => StateFile.TryRead<PodRecord>(node.Paths.PodRecord(pod.Metadata.Uid!)) is not { } record || record.Containers.Single().Stop!.SignalledAt is not null);
        if (StateFile.TryRead<PodRecord>(node.Paths.PodRecord(pod.Metadata.Uid!)) is { } record) Assert.Equal(before.Deadline, record.Containers.Single().Stop!.Deadline);
        await node.Gone(pod.Name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task After_a_reboot_init_containers_run_again_and_pods_that_are_never_restarted_fail()
    {
        var again = await node.Running(node.Run("Always", [Says("i1")], [Says("c", "hold")]));
        var never = await node.Running(node.Run("Never", [], [Says("c", "hold")]));
        await node.StopAgent();
        await Reboot();
        node.StartAgent();
        var pod = await node.WaitFor(again.Name, "started anew", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        Assert.Equal(1, pod.Status!.InitContainerStatuses!.Single().RestartCount);
        Assert.Equal(["i1", "c", "i1", "c"], node.Said(pod.Name));
        pod = await node.WaitFor(never.Name, "Failed", pod => pod.Status!.Phase == "Failed");
        Assert.Equal((137, "ContainerStatusUnknown"), (TestNode.Status(pod).State!.Terminated!.ExitCode, TestNode.Status(pod).State!.Terminated!.Reason));
    }

    /// <summary>What a reboot does: no process, no mount, no /run.</summary>
    private async Task Reboot()
    {
        foreach (var container in await node.Runtime.List(CancellationToken.None)) await node.Runtime.Delete(container.Id, CancellationToken.None);
        foreach (var mount in Mounts.Read().Where(mount => mount.Target.StartsWith(node.Paths.Run, StringComparison.Ordinal)).Reverse()) Mounts.Remove(mount.Target);
        Directory.Delete(node.Paths.Run, recursive: true);
    }
}
