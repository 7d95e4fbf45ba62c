using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

/// <summary>Init containers and sidecars: whose turn it is. "i1" is an init container, "s1" a sidecar, "c" the regular container.</summary>
public class InitPlanTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static Pod Pod(string policy, params string[] init)
    {
        var pod = Pods.Of(policy, "c");
        return pod with
        {
            Spec = pod.Spec! with { InitContainers = [.. init.Select(name => new Container { Name = name, Image = "i", RestartPolicy = name[0] == 's' ? "Always" : null })] },
        };
    }

    private static ContainerRecord Starting(string name) => Pods.Running(name) with { Health = new ContainerHealth(Started: false, Ready: false) };

    private static IEnumerable<string> Started(Pod pod, params ContainerRecord[] containers) =>
        PodPlan.Of(pod, Pods.Record(containers), Now).Start.Select(start => start.Container.Name);

    [Fact]
    public void Init_containers_run_one_after_another_before_the_regular_ones()
    {
        var pod = Pod("Always", "i1", "i2");
        Assert.Equal(["i1"], Started(pod));
        Assert.Empty(Started(pod, Pods.Running("i1")));
        Assert.Equal(["i2"], Started(pod, Pods.Ended("i1", 0, Now)));
        Assert.Equal(["c"], Started(pod, Pods.Ended("i1", 0, Now), Pods.Ended("i2", 0, Now)));
    }

    [Theory]
    [InlineData("Always", true)]
    [InlineData("OnFailure", true)]
    [InlineData("Never", false)]
    public void An_init_container_that_fails_is_started_again_unless_the_pod_says_Never(string policy, bool again)
    {
        var plan = PodPlan.Of(Pod(policy, "i1", "i2"), Pods.Record(Pods.Ended("i1", 1, Now)), Now);
        Assert.Equal(again ? ["i1"] : [], plan.Start.Select(start => start.Container.Name));
        Assert.Equal(!again, plan.Over);
    }

    [Fact]
    public void An_init_container_that_fails_waits_longer_each_time()
    {
        var failed = Pods.Ended("i1", 1, Now) with { Attempt = 3, RestartDelay = TimeSpan.FromSeconds(40) };
        Assert.Equal(Now.AddSeconds(40), PodPlan.Of(Pod("Always", "i1"), Pods.Record(failed), Now).BackOff["i1"]);
        Assert.Equal(4, PodPlan.Of(Pod("Always", "i1"), Pods.Record(failed), Now.AddMinutes(1)).Start.Single().Attempt);
    }

    [Fact]
    public void A_sidecar_lets_the_next_one_start_when_its_startup_probe_has_passed_and_its_hook_is_done()
    {
        var pod = Pod("Always", "s1", "i1");
        Assert.Equal(["s1"], Started(pod));
        Assert.Empty(Started(pod, Starting("s1")));
        Assert.Empty(Started(pod, Pods.Running("s1") with { PostStartPending = true }));
        Assert.Equal(["i1"], Started(pod, Pods.Running("s1")));
        Assert.Equal(["c"], Started(pod, Pods.Running("s1"), Pods.Ended("i1", 0, Now)));
    }

    [Theory]
    [InlineData("Always")]
    [InlineData("OnFailure")]
    [InlineData("Never")]
    public void A_sidecar_that_ends_is_always_started_again_while_the_others_go_on(string policy)
    {
        var pod = Pod(policy, "s1", "i1");
        Assert.Equal(["s1"], Started(pod, Pods.Ended("s1", 0, Now), Pods.Running("i1")));
        Assert.Equal(["s1"], Started(pod, Pods.Ended("s1", 1, Now), Pods.Ended("i1", 0, Now), Pods.Running("c")));
    }

    [Fact]
    public void A_sidecar_that_ended_before_anything_after_it_began_holds_up_the_rest()
    {
        var pod = Pod("Always", "s1", "i1");
        Assert.Equal(["s1"], Started(pod, Pods.Ended("s1", 1, Now)));
        Assert.Empty(Started(pod, Starting("s1")));
    }

    [Fact]
    public void Sidecars_do_not_keep_a_pod_from_being_over()
    {
        var plan = PodPlan.Of(Pod("Never", "s1"), Pods.Record(Pods.Running("s1"), Pods.Ended("c", 0, Now)), Now);
        Assert.True(plan.Over);
        Assert.Empty(plan.Start);
    }

    [Fact]
    public void In_a_new_sandbox_init_containers_run_again_before_the_regular_ones()
    {
        var pod = Pod("Always", "i1", "s1", "i2");
        var record = Pods.Record(Pods.Ended("i1", 0, Now), Pods.Ended("s1", 137, Now), Pods.Ended("i2", 0, Now), Pods.Ended("c", 137, Now)) with { Sandbox = null };
        Assert.Equal(1, record.SandboxAttempt);
        var plan = PodPlan.Of(pod, record, Now);
        Assert.Equal(("i1", 1), (plan.Start.Single().Container.Name, plan.Start.Single().Attempt));
        record = record.With(Pods.Ended("i1", 0, Now) with { Sandbox = 1, Attempt = 1 }) with { Sandbox = new SandboxRecord("10.244.1.3", Attempt: 1) };
        Assert.Equal("s1", PodPlan.Of(pod, record, Now).Start.Single().Container.Name);
    }

    [Fact]
    public void A_pod_that_is_never_restarted_is_over_when_its_sandbox_is_lost()
    {
        var record = Pods.Record(Pods.Ended("i1", 0, Now), Pods.Ended("c", 137, Now)) with { Sandbox = null };
        Assert.True(PodPlan.Of(Pod("Never", "i1"), record, Now).Over);
    }

    [Fact]
    public void Ephemeral_containers_start_once_beside_whatever_the_others_do()
    {
        var pod = Pod("Always", "i1");
        pod = pod with { Spec = pod.Spec! with { EphemeralContainers = [new EphemeralContainer { Name = "e", Image = "i" }] } };
        Assert.Equal(["e"], Started(pod, Pods.Running("i1")));
        Assert.Empty(Started(pod, Pods.Running("i1"), Pods.Ended("e", 1, Now)));
    }

    [Fact]
    public void An_ephemeral_container_waits_for_the_container_whose_processes_it_sees()
    {
        var pod = Pods.Of("Always", "c");
        pod = pod with { Spec = pod.Spec! with { EphemeralContainers = [new EphemeralContainer { Name = "e", Image = "i", TargetContainerName = "c" }] } };
        Assert.Equal(["c"], Started(pod));
        Assert.Equal("c", PodPlan.Of(pod, Pods.Record(Pods.Running("c")), Now).Start.Single().Target!.Name);
    }
}
