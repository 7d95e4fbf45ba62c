using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public class PodPlanTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_new_pod_starts_all_its_containers()
    {
        var plan = PodPlan.Of(Pods.Of("Always", "a", "b"), Pods.Record(), Now);
        Assert.Equal(["a", "b"], plan.Start.Select(start => start.Container.Name));
        Assert.All(plan.Start, start => Assert.Equal(0, start.Attempt));
    }

    [Fact]
    public void A_running_container_needs_nothing()
    {
        var plan = PodPlan.Of(Pods.Of("Always", "a"), Pods.Record(Pods.Running("a")), Now);
        Assert.Empty(plan.Start);
        Assert.Empty(plan.BackOff);
        Assert.False(plan.Over);
    }

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("Always", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("Never", 0, false)]
    [InlineData("Never", 1, false)]
    public void restartPolicy_decides_what_happens_to_an_ended_container(string policy, int exitCode, bool again)
    {
        var plan = PodPlan.Of(Pods.Of(policy, "a"), Pods.Record(Pods.Ended("a", exitCode, Now)), Now);
        Assert.Equal(again ? 1 : 0, plan.Start.Count);
        Assert.Equal(!again, plan.Over);
    }

    [Fact]
    public void The_delay_before_a_restart_doubles_to_five_minutes_and_is_forgotten_after_ten()
    {
        var delays = new List<double>();
        var record = Pods.Ended("a", 1, Now);
        for (var i = 0; i < 8; i++)
        {
            var next = PodPlan.Of(Pods.Of("Always", "a"), Pods.Record(record), Now.AddHours(1)).Start.Single();
            delays.Add(next.RestartDelay.TotalSeconds);
            record = record with { Attempt = next.Attempt, RestartDelay = next.RestartDelay };
        }
        Assert.Equal([10, 20, 40, 80, 160, 300, 300, 300], delays);
        Assert.Equal(TimeSpan.Zero, RestartBackOff.Wait(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)));
        Assert.Equal(TimeSpan.FromSeconds(10), RestartBackOff.Next(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void A_container_in_back_off_is_started_when_that_is_over_and_not_before()
    {
        var record = Pods.Record(Pods.Ended("a", 1, Now) with { RestartDelay = TimeSpan.FromSeconds(10) });
        var plan = PodPlan.Of(Pods.Of("Always", "a"), record, Now.AddSeconds(9));
        Assert.Empty(plan.Start);
        Assert.Equal(Now.AddSeconds(10), plan.BackOff["a"]);
        Assert.Single(PodPlan.Of(Pods.Of("Always", "a"), record, Now.AddSeconds(10)).Start);
    }

    [Fact]
    public void One_that_is_to_run_another_image_is_started_at_once_and_without_a_past()
    {
        var pod = Pods.Of("Always", "a");
        var failed = Pods.Ended("a", 1, Now) with { RestartDelay = TimeSpan.FromSeconds(40), AskedImage = "other" };
        var start = PodPlan.Of(pod, Pods.Record(failed), Now).Start.Single();
        Assert.Equal((failed.Attempt + 1, TimeSpan.Zero), (start.Attempt, start.RestartDelay));
        Assert.Empty(PodPlan.Of(pod, Pods.Record(failed with { AskedImage = pod.Spec!.Containers[0].Image }), Now).Start);
    }

    [Fact]
    public void After_a_reboot_the_restart_count_goes_on()
    {
        var pod = Pods.Of("Always", "a") with
        {
            Status = new PodStatus
            {
                ContainerStatuses = [new ContainerStatus { Name = "a", RestartCount = 4, ContainerID = "runc://abc", State = new ContainerState { Running = new ContainerStateRunning { StartedAt = Now } } }],
            },
        };
        var start = PodPlan.Of(pod, LostContainers.Record(pod, Now), Now).Start.Single();
        Assert.Equal((5, "abc", "ContainerStatusUnknown"), (start.Attempt, start.Previous!.Id, start.Previous.Exit.Reason));
    }
}
