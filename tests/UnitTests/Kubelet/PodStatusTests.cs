using KubeApi.Objects;
using NodeAgent.Containers;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public class PodStatusTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_pod_whose_containers_run_is_Running_and_Ready()
    {
        var status = Compute(Pods.Of("Always", "a"), Pods.Record(Pods.Running("a")));
        Assert.Equal(("Running", "10.244.1.2", "192.0.2.1", "BestEffort"), (status.Phase, status.PodIP, status.HostIP, status.QosClass));
        Assert.Equal(["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"], status.Conditions!.Select(condition => condition.Type));
        Assert.All(status.Conditions!, condition => Assert.Equal("True", condition.Status));
        Assert.Equal("docker.io/library/nginx@sha256:aa", status.ContainerStatuses!.Single().ImageID);
    }

    [Fact]
    public void Transition_times_change_with_the_condition_only()
    {
        var pod = Pods.Of("Always", "a");
        var first = Compute(pod, Pods.Record());
        var second = Compute(pod with { Status = first }, Pods.Record(Pods.Running("a")), Now.AddMinutes(1));
        Assert.Equal(Now, second.Conditions!.Single(condition => condition.Type == "Initialized").LastTransitionTime);
        Assert.Equal(Now.AddMinutes(1), second.Conditions!.Single(condition => condition.Type == "Ready").LastTransitionTime);
    }

    [Fact]
    public void A_container_that_waits_says_why()
    {
        var waiting = new Dictionary<string, WaitingContainer> { ["a"] = new("ErrImagePull", "no such image", Now) };
        var status = Compute(Pods.Of("Always", "a", "b"), Pods.Record(Pods.Running("b")), waiting: waiting);
        Assert.Equal("Pending", status.Phase);
        Assert.Equal(("ErrImagePull", "no such image"), (status.ContainerStatuses![0].State!.Waiting!.Reason, status.ContainerStatuses[0].State!.Waiting!.Message));
        Assert.Equal("containers with unready status: [a]", status.Conditions!.Single(condition => condition.Type == "Ready").Message);
    }

    [Fact]
    public void One_that_cannot_be_started_says_why_and_after_a_while_that_it_waits_for_its_next_turn()
    {
        var record = Pods.Record(Pods.Ended("a", 128, Now) with { StartedAt = null, Attempt = 3, RestartDelay = TimeSpan.FromSeconds(40) });
        var later = new Dictionary<string, DateTime> { ["a"] = Now.AddSeconds(40) };
        string Reason(double seconds) => PodStatusOf.Compute(Pods.Of("Always", "a"), new PodObservation(record, new Dictionary<string, WaitingContainer>(), later) { Now = Now.AddSeconds(seconds) }, "192.0.2.1", Now.AddSeconds(seconds))
            .ContainerStatuses!.Single().State!.Waiting!.Reason!;
        Assert.Equal(("RunContainerError", "RunContainerError", "CrashLoopBackOff"), (Reason(0), Reason(9.9), Reason(10)));
    }

    [Fact]
    public void A_container_in_back_off_shows_how_it_ended()
    {
        var record = Pods.Record(Pods.Ended("a", 3, Now) with { Attempt = 2, RestartDelay = TimeSpan.FromSeconds(80) });
        var status = Compute(Pods.Of("Always", "a"), record, backOff: new Dictionary<string, DateTime> { ["a"] = Now.AddSeconds(80) });
        var container = status.ContainerStatuses!.Single();
        Assert.Equal(("Running", "CrashLoopBackOff", 3, 2), (status.Phase, container.State!.Waiting!.Reason, container.LastState!.Terminated!.ExitCode, container.RestartCount));
        Assert.Equal("back-off 1m20s restarting failed container=a pod=p_default(u1)", container.State.Waiting.Message);
    }

    [Theory]
    [InlineData("Never", 0, 0, "Succeeded")]
    [InlineData("Never", 0, 1, "Failed")]
    [InlineData("OnFailure", 0, 0, "Succeeded")]
    [InlineData("OnFailure", 0, 1, "Running")]
    [InlineData("Always", 0, 0, "Running")]
    public void The_phase_of_ended_containers_follows_restartPolicy(string policy, int first, int second, string phase)
    {
        var (pod, record) = (Pods.Of(policy, "a", "b"), Pods.Record(Pods.Ended("a", first, Now), Pods.Ended("b", second, Now)));
        Assert.Equal(phase, Compute(pod, record, terminal: PodPlan.Of(pod, record, Now).Over).Phase);
    }

    [Fact]
    public void Conditions_of_others_and_readiness_gates_are_respected()
    {
        var pod = Pods.Of("Always", "a");
        pod = pod with { Spec = pod.Spec! with { ReadinessGates = [new PodReadinessGate { ConditionType = "gate" }] } };
        Assert.Equal("False", Ready(Compute(pod, Pods.Record(Pods.Running("a")))));
        pod = pod with { Status = new PodStatus { Conditions = [new PodCondition { Type = "gate", Status = "True" }] } };
        var status = Compute(pod, Pods.Record(Pods.Running("a")));
        Assert.Equal("True", Ready(status));
        Assert.Contains(status.Conditions!, condition => condition.Type == "gate");
    }

    [Fact]
    public void The_nodes_own_conditions_win_over_the_servers_and_others_are_the_servers()
    {
        PodCondition At(string type, DateTime time) => new() { Type = type, Status = "True", LastTransitionTime = time };
        var newest = PodStatusOf.Newest(new PodStatus { Conditions = [At("Ready", Now), At("gate", Now)] },
            new PodStatus { Conditions = [At("Ready", Now.AddMinutes(1)), At("gate", Now.AddMinutes(1))] })!;
        Assert.Equal([Now.AddMinutes(1), Now], newest.Conditions!.Select(condition => condition.LastTransitionTime!.Value));
    }

    private static string Ready(PodStatus status) => status.Conditions!.Single(condition => condition.Type == "Ready").Status;

    private static PodStatus Compute(Pod pod, PodRecord record, DateTime? now = null, Dictionary<string, WaitingContainer>? waiting = null, Dictionary<string, DateTime>? backOff = null, bool terminal = false) =>
        PodStatusOf.Compute(pod, new PodObservation(record, waiting ?? [], backOff ?? [], Terminal: terminal), "192.0.2.1", now ?? Now);
}
