using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

/// <summary>What a pod with init containers ("i1", …) and sidecars ("s1", …) says of itself; "c" is its regular container.</summary>
public class InitStatusTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static Pod Pod(string policy, params string[] init)
    {
        var pod = Pods.Of(policy, "c");
        return pod with
        {
            Spec = pod.Spec! with { InitContainers = [.. init.Select(name => new Container { Name = name, Image = "nginx", RestartPolicy = name[0] == 's' ? "Always" : null })] },
        };
    }

    private static PodStatus Compute(Pod pod, bool terminal, params ContainerRecord[] containers)
    {
        var record = Pods.Record(containers);
        return PodStatusOf.Compute(pod, new PodObservation(record, new Dictionary<string, WaitingContainer>(), PodPlan.Of(pod, record, Now).BackOff, Terminal: terminal), "192.0.2.1", Now);
    }

    private static PodCondition Condition(PodStatus status, string type) => status.Conditions!.Single(condition => condition.Type == type);

    [Fact]
    public void While_init_containers_run_the_pod_is_Pending_and_not_Initialized()
    {
        var status = Compute(Pod("Always", "i1", "i2"), false, Pods.Running("i1"));
        Assert.Equal("Pending", status.Phase);
        var initialized = Condition(status, "Initialized");
        Assert.Equal(("False", "ContainersNotInitialized", "containers with incomplete status: [i1 i2]"), (initialized.Status, initialized.Reason, initialized.Message));
        Assert.Equal(["PodInitializing"], status.ContainerStatuses!.Select(container => container.State!.Waiting!.Reason!));
        Assert.Equal("PodInitializing", status.InitContainerStatuses![1].State!.Waiting!.Reason);
        Assert.Equal((false, false), (status.InitContainerStatuses[0].Ready, status.InitContainerStatuses[0].Started));
    }

    [Fact]
    public void A_finished_init_container_is_ready_and_the_pod_runs()
    {
        var status = Compute(Pod("Always", "i1"), false, Pods.Ended("i1", 0, Now), Pods.Running("c"));
        Assert.Equal(("Running", true, "True"), (status.Phase, status.InitContainerStatuses!.Single().Ready, Condition(status, "Initialized").Status));
        Assert.Equal("True", Condition(status, "Ready").Status);
    }

    [Fact]
    public void An_init_container_in_back_off_keeps_the_pod_Pending()
    {
        var status = Compute(Pod("Always", "i1"), false, Pods.Ended("i1", 1, Now) with { RestartDelay = TimeSpan.FromSeconds(10) });
        Assert.Equal(("Pending", "CrashLoopBackOff"), (status.Phase, status.InitContainerStatuses!.Single().State!.Waiting!.Reason));
    }

    [Fact]
    public void An_init_container_that_failed_for_good_fails_the_pod_whose_containers_never_ran()
    {
        var status = Compute(Pod("Never", "i1"), true, Pods.Ended("i1", 7, Now));
        Assert.Equal(("Failed", "Error"), (status.Phase, status.InitContainerStatuses!.Single().State!.Terminated!.Reason));
        Assert.Equal("PodInitializing", status.ContainerStatuses!.Single().State!.Waiting!.Reason);
        Assert.Equal(("False", "PodFailed"), (Condition(status, "Ready").Status, Condition(status, "Ready").Reason));
    }

    [Fact]
    public void A_sidecar_counts_for_readiness_and_not_for_success()
    {
        var pod = Pod("Never", "s1");
        var unready = Pods.Running("s1") with { Health = new ContainerHealth(true, false) };
        var status = Compute(pod, false, unready, Pods.Running("c"));
        Assert.Equal("containers with unready status: [s1]", Condition(status, "Ready").Message);
        Assert.Equal((true, false), (status.InitContainerStatuses!.Single().Started, status.InitContainerStatuses!.Single().Ready));
        status = Compute(pod, true, Pods.Ended("s1", 137, Now), Pods.Ended("c", 0, Now));
        Assert.Equal(("Succeeded", "PodCompleted"), (status.Phase, Condition(status, "Initialized").Reason));
    }

    [Fact]
    public void A_pod_does_not_succeed_before_its_sidecars_have_ended()
    {
        var status = Compute(Pod("Never", "s1"), false, Pods.Running("s1"), Pods.Ended("c", 0, Now));
        Assert.Equal("Running", status.Phase);
    }

    [Fact]
    public void A_container_whose_postStart_hook_is_not_done_does_not_run_yet()
    {
        var status = Compute(Pods.Of("Always", "c"), false, Pods.Running("c") with { PostStartPending = true });
        Assert.Equal(("Pending", "ContainerCreating", false), (status.Phase, status.ContainerStatuses!.Single().State!.Waiting!.Reason, status.ContainerStatuses!.Single().Started));
    }

    [Theory]
    [InlineData(0, "Succeeded")]
    [InlineData(143, "Failed")]
    public void A_deleted_pod_ends_in_a_terminal_phase(int exitCode, string phase)
    {
        var pod = Pods.Of("Always", "c");
        pod = pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now } };
        Assert.Equal("Running", Compute(pod, false, Pods.Running("c")).Phase);
        Assert.Equal(phase, Compute(pod, true, Pods.Ended("c", exitCode, Now)).Phase);
    }

    [Fact]
    public void A_container_that_never_ran_of_a_pod_that_ended_counts_as_lost()
    {
        var pod = Pods.Of("Always", "c");
        var ended = Compute(pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now } }, true).ContainerStatuses!.Single().State!.Terminated!;
        Assert.Equal((137, "ContainerStatusUnknown"), (ended.ExitCode, ended.Reason));
    }

    [Fact]
    public void A_pod_that_the_node_ends_fails_with_its_reason_once_nothing_of_it_runs()
    {
        var pod = Pods.Of("Always", "c");
        PodStatus With(ContainerRecord container, bool terminal) => PodStatusOf.Compute(pod, new PodObservation(
            Pods.Record(container) with { Failure = new PodFailure("Evicted", "The node was low on resource: memory.", Condition: new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "TerminationByKubelet" }) },
            new Dictionary<string, WaitingContainer>(), new Dictionary<string, DateTime>(), Terminal: terminal), "192.0.2.1", Now);
        Assert.Equal(("Running", null), (With(Pods.Running("c"), false).Phase, With(Pods.Running("c"), false).Reason));
        var status = With(Pods.Ended("c", 137, Now), true);
        Assert.Equal(("Failed", "Evicted", "The node was low on resource: memory."), (status.Phase, status.Reason, status.Message));
        Assert.Equal(("True", Now), (Condition(status, "DisruptionTarget").Status, Condition(status, "DisruptionTarget").LastTransitionTime));
    }

    [Fact]
    public void Termination_messages_of_a_pod_share_twelve_kilobytes()
    {
        var pod = Pods.Of("Never", "a", "b", "c", "d");
        var record = Pods.Record([.. "abcd".Select(name => Pods.Ended($"{name}", 1, Now) with { Exit = new ExitRecord(1, "Error", new string('x', 4096), Now) })]);
        var status = PodStatusOf.Compute(pod, new PodObservation(record, new Dictionary<string, WaitingContainer>(), new Dictionary<string, DateTime>(), Terminal: true), "192.0.2.1", Now);
        Assert.All(status.ContainerStatuses!, container => Assert.Equal(3072, container.State!.Terminated!.Message!.Length));
    }
}
