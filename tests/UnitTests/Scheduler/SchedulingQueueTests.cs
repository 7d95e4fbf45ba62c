using ControlPlane.Scheduler;
using Xunit;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Scheduler;

public class SchedulingQueueTests
{
    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Time = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Time;
    }

    private readonly Clock clock = new();
    private readonly List<(string Key, double Seconds)> retried = [];
    private readonly SchedulingQueue queue;

    public SchedulingQueueTests() => queue = new SchedulingQueue((key, delay) => retried.Add((key, delay.TotalSeconds)), clock);

    private void Fail(string key, Obstacle obstacles, long? startedAt = null) => queue.Failed(key, new PodInfo(Pod(key)), obstacles, startedAt ?? queue.Now);

    [Fact]
    public void An_event_brings_back_only_those_that_it_may_help()
    {
        Fail("big", Obstacle.Resources);
        Fail("picky", Obstacle.NodeAffinity);
        Fail("shy", Obstacle.PodAffinity);
        clock.Time += TimeSpan.FromMinutes(1);
        queue.Happened(Obstacle.Resources | Obstacle.Ports);
        Assert.Equal([("big", 0.0)], retried);
        Assert.True(queue.IsWaiting("picky"));
        Assert.False(queue.IsWaiting("big"));
    }

    [Fact]
    public void An_event_of_a_node_helps_those_that_fit_there()
    {
        Fail("small", Obstacle.Resources);
        Fail("big", Obstacle.Resources);
        clock.Time += TimeSpan.FromMinutes(1);
        queue.Happened(Obstacle.Resources, pod => pod.Pod.Name == "small");
        Assert.Equal(["small"], retried.Select(retry => retry.Key));
    }

    [Fact]
    public void The_delay_grows_while_a_pod_goes_on_failing_and_begins_anew_for_another_pod()
    {
        for (var i = 0; i < 6; i++)
        {
            Fail("p", Obstacle.Resources);
            queue.Happened(Obstacle.Resources);
        }
        Assert.Equal([1.0, 2, 4, 8, 10, 10], retried.Select(retry => retry.Seconds));
        queue.Forget("p");
        Fail("p", Obstacle.Resources);
        queue.Happened(Obstacle.Resources);
        Assert.Equal(1, retried[^1].Seconds);
    }

    [Fact]
    public void What_happens_during_an_attempt_is_not_missed()
    {
        var startedAt = queue.Now;
        queue.Happened(Obstacle.Resources);
        Fail("p", Obstacle.Resources, startedAt);
        Fail("q", Obstacle.Taints, startedAt);
        Assert.Equal(["p"], retried.Select(retry => retry.Key));
    }

    [Fact]
    public void Many_events_bring_a_pod_back_once()
    {
        Fail("p", Obstacle.Resources);
        for (var i = 0; i < 10; i++) queue.Happened(Obstacle.All);
        Assert.Single(retried);
    }

    [Fact]
    public void Nobody_waits_for_ever()
    {
        Fail("p", Obstacle.NodeAffinity);
        clock.Time += TimeSpan.FromMinutes(4);
        queue.Sweep();
        Assert.Empty(retried);
        clock.Time += TimeSpan.FromMinutes(1);
        queue.Sweep();
        Assert.Single(retried);
    }
}
