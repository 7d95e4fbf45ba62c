using KubeApi.Objects;
using NodeAgent;
using NodeAgent.Kubelet;
using NodeAgent.ServiceProxy;
using UnitTests.ApiServer;

namespace UnitTests.Kubelet;

public class LeaseTimesTests
{
    [Theory]
    [InlineData(10, 1, 10)]
    [InlineData(10, 200, 10)]
    [InlineData(10, 201, 11)]
    [InlineData(10, 1000, 50)]
    [InlineData(40, 200, 40)]
    public void A_lease_holds_longer_where_there_are_many_nodes(int asked, int nodes, int seconds)
    {
        var times = LeaseTimes.Of(TimeSpan.FromSeconds(asked), nodes);
        Assert.Equal(seconds, times.Seconds);
        Assert.Equal(TimeSpan.FromSeconds(seconds / 5.0), times.RenewAfter(random: 0));
        Assert.InRange(times.RenewAfter(random: 1), TimeSpan.FromSeconds(seconds / 5.0) * 0.9, TimeSpan.FromSeconds(seconds / 5.0));
        Assert.True(nodes / times.RenewAfter(random: 1).TotalSeconds <= 112, "renewals a second");
    }
}

/// <summary>On a real server.</summary>
public class NodeLeaseTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_lease_is_renewed_whatever_the_machines_clock_is_set_to()
    {
        using var directory = new TemporaryDirectory();
        using var api = server.Api();
        using var stop = new CancellationTokenSource();
        var clock = new SetClock();
        var lease = new NodeLease(api, "clocked", new NodePaths(directory.Path), new ProgrammedProgress(), TimeSpan.FromSeconds(5), () => 1, _ => { }) { Clock = clock };
        var running = lease.Run(stop.Token);
        var renewed = await Renewed(null);
        foreach (var hours in new[] { -24, 48, 0 })
        {
            clock.Offset = TimeSpan.FromHours(hours);
            renewed = await Renewed(renewed);
            Assert.InRange(renewed - DateTime.UtcNow, clock.Offset - TimeSpan.FromMinutes(2), clock.Offset + TimeSpan.FromMinutes(2));
        }
        await stop.CancelAsync();
        await running;

        async Task<DateTime> Renewed(DateTime? before)
        {
            var end = DateTime.UtcNow.AddSeconds(60);
            while (DateTime.UtcNow < end)
            {
                // A write that was under way when the clock was set says the time before.
                if ((await api.Find<Lease>("kube-node-lease", "clocked", default))?.Spec is { LeaseDurationSeconds: 5, RenewTime: { } time } && time != before && (time - DateTime.UtcNow - clock.Offset).Duration() < TimeSpan.FromMinutes(2)) return time;
                await Task.Delay(50);
            }
            throw new TimeoutException("the lease is not renewed");
        }
    }

    /// <summary>Time passes as it does; the wall clock is what somebody set it to.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
