using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;
using static KernelTests.Kubelet.PodSteps;

namespace KernelTests.Kubelet;

/// <summary>From the first init container to the end of the last sidecar. What containers do they write, in order, into a file of a common volume.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class LifecycleTests : IAsyncLifetime
{
    private TestNode node = null!;

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    private Task<Pod> Phase(string name, string phase) => node.WaitFor(name, phase, pod => pod.Status!.Phase == phase);

    private Task Event(string reason, string message) =>
        node.Until($"event {reason}: {message}", () => node.Api.Events.Any(item => item.Reason == reason && item.Message == message));

    [Fact]
    public async Task Init_containers_and_sidecars_start_in_order_and_sidecars_end_last()
    {
        var name = node.Run("Never", [Says("i1"), Sidecar("s1"), Says("i2"), Sidecar("s2")], [Says("c", "sleep", "300", "append", "/d/log", "c ends")]);
        var pod = await Phase(name, "Succeeded");
        Assert.Equal(["i1", "s1", "i2", "s2", "c", "c ends", "s2 ends", "s1 ends"], node.Said(name));
        Assert.All(pod.Status!.InitContainerStatuses!, status => Assert.Equal(0, status.State!.Terminated!.ExitCode));
        Assert.Contains(pod.Status.Conditions!, condition => condition is { Type: "Initialized", Status: "True", Reason: "PodCompleted" });
        node.Delete(name, grace: 0);
        await node.Gone(name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task An_init_container_that_fails_is_tried_again_or_fails_the_pod()
    {
        var fails = node.Run("Never", [Says("i1", "exit", "3")], [Says("c")]);
        var again = node.Run("Always", [Says("i1", "exit", "3")], [Says("c")]);
        var pod = await Phase(fails, "Failed");
        Assert.Equal(3, pod.Status!.InitContainerStatuses!.Single().State!.Terminated!.ExitCode);
        pod = await node.WaitFor(again, "CrashLoopBackOff", pod => pod.Status!.InitContainerStatuses!.Single().State?.Waiting?.Reason == "CrashLoopBackOff");
        Assert.Equal(("Pending", "PodInitializing"), (pod.Status!.Phase, pod.Status.ContainerStatuses!.Single().State!.Waiting!.Reason));
        Assert.Contains(pod.Status.Conditions!, condition => condition is { Type: "Initialized", Status: "False", Reason: "ContainersNotInitialized" });
        Assert.DoesNotContain("c", node.Said(again));
    }

    [Fact]
    public async Task A_deleted_pod_ends_its_containers_first_and_its_sidecars_in_reverse_order()
    {
        var name = node.Run("Always", [Sidecar("s1"), Sidecar("s2")], [Says("c", "trap", "/d/log", "c ends", "hold")]);
        await node.WaitFor(name, "its last start", _ => node.Said(name).Length == 3);
        await node.AllRun(name);
        node.Delete(name, grace: 30);
        await node.Gone(name);
        Assert.Equal(["s1", "s2", "c", "c ends", "s2 ends", "s1 ends"], node.Said(name));
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_container_counts_as_running_when_its_postStart_hook_is_done()
    {
        var name = node.Run("Always", [], [Says("c", "hold") with { Lifecycle = new Lifecycle { PostStart = Exec("sleep", "3000", "append", "/d/log", "hook") } }, Says("after", "hold")]);
        await node.WaitFor(name, "its start", _ => node.Said(name).Length > 0);
        Assert.Equal("ContainerCreating", node.Api.Pod(name)!.Status!.ContainerStatuses![0].State!.Waiting!.Reason);
        await node.AllRun(name);
        await node.WaitFor(name, "the last container's word", _ => node.Said(name).Length >= 3);
        Assert.Equal(["c", "hook", "after"], node.Said(name));
    }

    [Fact]
    public async Task A_postStart_hook_that_fails_ends_its_container_which_is_started_again()
    {
        var name = node.Run("Always", [], [Says("c", "trap", "/d/log", "c ends", "hold") with { Lifecycle = new Lifecycle { PostStart = Exec("exit", "4") } }]);
        await node.WaitFor(name, "restarted", pod => TestNode.Status(pod).RestartCount == 1);
        await Event("FailedPostStartHook", "PostStartHook failed");
        await Event("Killing", "FailedPostStartHook");
        Assert.Equal(["c", "c ends"], node.Said(name).Take(2));
    }

    [Fact]
    public async Task The_preStop_hook_is_run_before_the_signal_and_counts_into_the_grace_period()
    {
        var name = node.Run("Never", [], [Says("c", "trap", "/d/log", "c ends", "hold") with { Lifecycle = new Lifecycle { PreStop = Exec("append", "/d/log", "hook", "sleep", "500", "append", "/d/log", "hook done") } }],
            spec => spec with { ActiveDeadlineSeconds = 2 });
        var pod = await Phase(name, "Failed");
        Assert.Equal(["c", "hook", "hook done", "c ends"], node.Said(name));
        Assert.Equal(("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"), (pod.Status!.Reason, pod.Status.Message));
        Assert.Equal(0, TestNode.Status(pod).State!.Terminated!.ExitCode);
    }

    [Fact]
    public async Task Times_longer_than_a_timer_takes_are_times_like_others()
    {
        var name = node.Run("Always", [], [Says("c", "trap", "/d/log", "c ends", "hold")], spec => spec with { ActiveDeadlineSeconds = int.MaxValue, TerminationGracePeriodSeconds = long.MaxValue });
        await node.AllRun(name);
        node.Delete(name, grace: int.MaxValue);
        await node.Gone(name);
    }

    [Fact]
    public async Task A_preStop_hook_that_fails_is_told_and_the_container_ends_all_the_same()
    {
        var name = node.Run("Always", [], [Says("c", "trap", "/d/log", "c ends", "hold") with { Lifecycle = new Lifecycle { PreStop = Exec("exit", "1") } }]);
        await node.AllRun(name);
        node.Delete(name, grace: 30);
        await node.Gone(name);
        await Event("FailedPreStopHook", "PreStopHook failed");
    }

    [Fact]
    public async Task A_preStop_hook_that_takes_too_long_leaves_the_container_two_seconds()
    {
        var name = node.Run("Always", [], [Says("c", "trap", "/d/log", "c ends", "hold") with { Lifecycle = new Lifecycle { PreStop = new LifecycleHandler { Sleep = new SleepAction { Seconds = 600 } } } }]);
        await node.WaitFor(name, "its start", pod => node.Said(name).Length > 0 && TestNode.Status(pod).State?.Running is not null);
        var started = DateTime.UtcNow;
        node.Delete(name, grace: 2);
        await node.Gone(name);
        Assert.InRange(DateTime.UtcNow - started, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_shorter_grace_period_shortens_an_end_that_has_begun()
    {
        var pod = await node.Running(node.Run(["stubborn"], grace: 600));
        node.Delete(pod.Name, grace: 600);
        await node.Until("the signal", () => node.Record(pod).Containers.Single().Stop?.SignalledAt is not null);
        node.Delete(pod.Name, grace: 1);
        await node.Gone(pod.Name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_pod_that_is_gone_from_the_API_is_ended_at_once()
    {
        var pod = await node.Running(node.Run(["stubborn"], grace: 600));
        var process = node.Record(pod).Containers.Single().Process!;
        node.Api.Remove(pod.Name);
        await node.Until("it is taken down", () => !Directory.Exists(node.Paths.RunPod(pod.Metadata.Uid!)));
        Assert.False(process.IsAlive);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_pod_deleted_while_its_init_container_runs_goes_in_time()
    {
        var name = node.Run("Always", [Says("i1", "trap", "/d/log", "i1 ends", "hold")], [Says("c")]);
        await node.WaitFor(name, "its init container", pod => pod.Status!.InitContainerStatuses?[0].State?.Running is not null);
        node.Delete(name, grace: 30);
        await node.Gone(name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_pod_ends_also_where_its_monitor_is_stopped()
    {
        var pod = await node.Running(node.Run(["hold"], grace: 1));
        node.Record(pod).Containers.Single().Conmon!.Signal(19 /* SIGSTOP */);
        node.Delete(pod.Name, grace: 1);
        await node.Gone(pod.Name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task An_evicted_pod_fails_with_its_reason_and_keeps_its_statuses()
    {
        var pod = await node.Running(node.Run(["hold"]));
        node.Evict(pod, new PodFailure("Evicted", "The node was low on resource: memory.", 5));
        pod = await Phase(pod.Name, "Failed");
        Assert.Equal(("Evicted", "The node was low on resource: memory.", 0), (pod.Status!.Reason, pod.Status.Message, TestNode.Status(pod).State!.Terminated!.ExitCode));
        Assert.Empty(await node.Runtime.List(CancellationToken.None));
    }

    [Fact]
    public async Task A_pod_that_the_control_plane_has_declared_failed_is_ended()
    {
        var pod = await node.Running(node.Run(["hold"]));
        node.Api.Put(pod with { Status = pod.Status! with { Phase = "Failed", Reason = "NodeLost" } });
        await node.WaitFor(pod.Name, "its end", pod => TestNode.Status(pod).State?.Terminated is not null);
        Assert.Equal(("Failed", "NodeLost"), (node.Api.Pod(pod.Name)!.Status!.Phase, node.Api.Pod(pod.Name)!.Status!.Reason));
        Assert.Empty(await node.Runtime.List(CancellationToken.None));
    }

    [Fact]
    public async Task Ephemeral_containers_run_once_in_a_running_pod()
    {
        var pod = await node.Running(node.Run(["hold"]));
        node.Api.Put(pod with { Spec = pod.Spec! with { EphemeralContainers = [new EphemeralContainer { Name = "e", Image = TestImage.Name, ImagePullPolicy = "IfNotPresent", Args = ["exit", "3"] }] } });
        pod = await node.WaitFor(pod.Name, "its end", pod => pod.Status!.EphemeralContainerStatuses?.Single().State?.Terminated is not null);
        Assert.Equal((3, 0), (pod.Status!.EphemeralContainerStatuses!.Single().State!.Terminated!.ExitCode, pod.Status.EphemeralContainerStatuses!.Single().RestartCount));
        Assert.Equal("Running", pod.Status.Phase);
    }

    [Fact]
    public async Task A_container_whose_image_is_changed_is_started_anew_with_it()
    {
        var pod = await node.Running(node.Run(["hold"]));
        node.Api.Put(pod with { Spec = pod.Spec! with { Containers = [pod.Spec.Containers[0] with { Image = "act:1" }] } });
        await node.WaitFor(pod.Name, "restarted", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        await Event("Killing", "Container c definition changed, will be restarted");
    }
}
