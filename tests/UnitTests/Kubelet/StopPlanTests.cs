using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public class StopPlanTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void A_grace_period_longer_than_time_is_a_long_one()
    {
        var grace = StopPlan.Grace(new Pod { Spec = new PodSpec { TerminationGracePeriodSeconds = long.MaxValue } });
        Assert.InRange(StopPlan.Begin(null, grace, hasPreStop: true, Now).Deadline, Now.AddYears(60), Now.AddYears(70));
    }

    [Fact]
    public void Without_a_hook_the_signal_comes_at_once_and_the_kill_when_the_grace_period_is_over()
    {
        var stop = StopPlan.Begin(null, Seconds(30), hasPreStop: false, Now);
        Assert.Equal(StopStep.Signal, StopPlan.Next(stop, isTurn: true, Now).Step);
        stop = StopPlan.Signalled(stop, Now);
        Assert.Equal((StopStep.Wait, Now.AddSeconds(30)), StopPlan.Next(stop, true, Now.AddSeconds(29)));
        Assert.Equal(StopStep.Kill, StopPlan.Next(stop, true, Now.AddSeconds(30)).Step);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Between_signal_and_kill_there_are_two_seconds_at_least(int grace)
    {
        var stop = StopPlan.Signalled(StopPlan.Begin(null, Seconds(grace), false, Now), Now);
        Assert.Equal(Now.AddSeconds(2), stop.Deadline);
    }

    [Fact]
    public void The_preStop_hook_counts_into_the_grace_period_and_leaves_two_seconds()
    {
        var stop = StopPlan.Begin(null, Seconds(10), hasPreStop: true, Now);
        Assert.Equal((StopStep.Wait, Now.AddSeconds(10)), StopPlan.Next(stop, true, Now.AddSeconds(9)));
        Assert.Equal(StopStep.Signal, StopPlan.Next(stop with { PreStop = HookState.Done }, true, Now.AddSeconds(4)).Step);
        Assert.Equal(Now.AddSeconds(10), StopPlan.Signalled(stop, Now.AddSeconds(4)).Deadline);
        Assert.Equal(StopStep.Signal, StopPlan.Next(stop, true, Now.AddSeconds(10)).Step);
        Assert.Equal(Now.AddSeconds(12), StopPlan.Signalled(stop, Now.AddSeconds(10)).Deadline);
    }

    [Fact]
    public void Without_a_grace_period_no_hook_is_run() => Assert.Equal(HookState.Done, StopPlan.Begin(null, TimeSpan.Zero, hasPreStop: true, Now).PreStop);

    [Fact]
    public void A_shorter_grace_period_counts_from_now_and_a_longer_one_not_at_all()
    {
        var stop = StopPlan.Signalled(StopPlan.Begin(null, Seconds(30), false, Now), Now);
        Assert.Same(stop, StopPlan.Begin(stop, Seconds(60), false, Now.AddSeconds(5)));
        Assert.Equal(Now.AddSeconds(7), StopPlan.Begin(stop, Seconds(1), false, Now.AddSeconds(5)).Deadline);
        Assert.Equal(Now.AddSeconds(15), StopPlan.Begin(stop, Seconds(10), false, Now.AddSeconds(5)).Deadline);
        Assert.Equal(Now.AddSeconds(30), StopPlan.Begin(stop, Seconds(20), false, Now.AddSeconds(25)).Deadline);
    }

    [Fact]
    public void Sidecars_end_after_the_regular_containers_in_reverse_order_or_at_the_deadline()
    {
        var pod = Pods.Of("Always", "c");
        pod = pod with { Spec = pod.Spec! with { InitContainers = [.. new[] { "s1", "s2" }.Select(name => new Container { Name = name, RestartPolicy = "Always" })] } };
        var record = Pods.Record(Pods.Running("s1"), Pods.Running("s2"), Pods.Running("c"));
        Assert.Equal([false, false, true], new[] { "s1", "s2", "c" }.Select(name => StopPlan.IsTurn(pod, record, name)));
        record = record.With(Pods.Ended("c", 0, Now));
        Assert.Equal([false, true], new[] { "s1", "s2" }.Select(name => StopPlan.IsTurn(pod, record, name)));
        Assert.True(StopPlan.IsTurn(pod, record.With(Pods.Ended("s2", 0, Now)), "s1"));
        var stop = StopPlan.Begin(null, Seconds(5), false, Now);
        Assert.Equal((StopStep.Wait, Now.AddSeconds(5)), StopPlan.Next(stop, isTurn: false, Now));
        Assert.Equal(StopStep.Signal, StopPlan.Next(stop, isTurn: false, Now.AddSeconds(5)).Step);
    }

    [Theory]
    [InlineData("Always", "liveness", null, 45, "Container a failed liveness probe, will be restarted")]
    [InlineData("Always", "startup", 3L, 3, "Container a failed startup probe, will be restarted")]
    [InlineData("Never", "liveness", null, 45, "Container a failed liveness probe")]
    public void A_failed_probe_ends_its_container_with_its_own_grace_period(string policy, string kind, long? own, int grace, string message)
    {
        var pod = Pods.Of(policy, "a", "b");
        pod = pod with { Spec = pod.Spec! with { TerminationGracePeriodSeconds = 45 } };
        var record = Pods.Record(Pods.Running("a") with { Health = new ContainerHealth(true, true, new FailedProbe(kind, own)) }, Pods.Running("b"));
        Assert.Equal([new StopRequest("a", message, Seconds(grace))], StopPlan.OfContainers(pod, record));
    }

    [Fact]
    public void A_container_whose_image_was_changed_is_ended()
    {
        var record = Pods.Record(Pods.Running("a") with { AskedImage = "other" });
        Assert.Equal("Container a definition changed, will be restarted", StopPlan.OfContainers(Pods.Of("Always", "a"), record).Single().Message);
        Assert.Empty(StopPlan.OfContainers(Pods.Of("Always", "a"), Pods.Record(Pods.Running("a") with { AskedImage = "nginx" })));
    }

    [Fact]
    public void A_grace_period_of_any_length_can_be_reckoned_with()
    {
        var pod = new Pod { Metadata = new ObjectMeta { Name = "p" }, Spec = new PodSpec { Containers = [], TerminationGracePeriodSeconds = long.MaxValue } };
        var stop = StopPlan.Begin(null, StopPlan.Grace(pod), hasPreStop: false, Now);
        Assert.Equal(StopStep.Wait, StopPlan.Next(StopPlan.Signalled(stop, Now), true, Now.AddYears(60)).Step);
    }
}
