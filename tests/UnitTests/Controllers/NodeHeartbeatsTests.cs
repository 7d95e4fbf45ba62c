using ControlPlane.Controllers;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

/// <summary>When a node counts as lost, whatever clocks say.</summary>
public class NodeHeartbeatsTests
{
    private readonly JumpingClock clock = new(Now);
    private readonly ListeningTime listening;
    private readonly NodeHeartbeats heartbeats;

    public NodeHeartbeatsTests()
    {
        listening = new ListeningTime(clock);
        heartbeats = new NodeHeartbeats(listening, grace: At(10), startupGrace: At(30));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static LeaseSpec Lease(DateTime renewed, int seconds = 10) => new() { RenewTime = renewed, LeaseDurationSeconds = seconds };

    /// <summary>Time passes, and the process runs.</summary>
    private void Pass(double seconds)
    {
        for (var left = seconds; left > 0; left -= 0.25)
        {
            clock.Advance(At(Math.Min(left, 0.25)));
            listening.Tick();
        }
    }

    [Fact]
    public void A_node_is_lost_when_its_lease_has_not_moved_for_the_grace_period()
    {
        heartbeats.Renewed("n", Lease(Now));
        heartbeats.Renewed("n", Lease(Now.AddSeconds(2)));
        Pass(9.75);
        Assert.Equal(At(0.25), heartbeats.Left("n"));
        heartbeats.Renewed("n", Lease(Now.AddSeconds(2))); // told again, not renewed
        Pass(0.25);
        Assert.Equal((At(0), At(10)), (heartbeats.Left("n"), heartbeats.Silence("n")));
        heartbeats.Renewed("n", Lease(Now.AddSeconds(20)));
        Assert.Equal(At(10), heartbeats.Left("n"));
    }

    [Fact]
    public void What_time_a_lease_says_does_not_matter()
    {
        heartbeats.Renewed("n", Lease(Now));
        heartbeats.Reported("n", Now);
        foreach (var hours in new[] { -1, 5, -8760, 8760 })
        {
            Pass(9);
            Assert.True(heartbeats.Left("n") > TimeSpan.Zero);
            heartbeats.Renewed("n", Lease(Now.AddHours(hours))); // the node's clock was set
            clock.Jump(At(-3600 * hours)); // and so was ours
            Assert.Equal(At(10), heartbeats.Left("n"));
        }
    }

    [Fact]
    public void A_status_is_a_sign_of_life_too()
    {
        heartbeats.Reported("n", Now);
        Pass(9);
        heartbeats.Reported("n", Now.AddSeconds(9));
        Assert.Equal(At(10), heartbeats.Left("n"));
    }

    [Fact]
    public void A_lease_that_is_longer_than_the_grace_period_holds_as_long_as_it_says()
    {
        heartbeats.Renewed("n", Lease(Now, 40));
        heartbeats.Renewed("n", Lease(Now.AddSeconds(1), 40));
        Assert.Equal(At(40), heartbeats.Left("n"));
        heartbeats.Renewed("n", Lease(Now.AddSeconds(2), 4));
        Assert.Equal(At(10), heartbeats.Left("n"));
    }

    [Fact]
    public void After_a_start_of_the_control_plane_old_leases_count_from_then_and_longer()
    {
        heartbeats.Renewed("n", Lease(Now.AddHours(-1)));
        heartbeats.Reported("n", Now.AddHours(-1));
        Assert.Equal(At(30), heartbeats.Left("n"));
        Pass(20);
        heartbeats.Renewed("n", Lease(Now.AddSeconds(20)));
        Assert.Equal(At(10), heartbeats.Left("n"));
    }

    [Fact]
    public void Time_in_which_this_process_did_not_run_does_not_count()
    {
        heartbeats.Renewed("n", Lease(Now));
        heartbeats.Renewed("n", Lease(Now.AddSeconds(1)));
        Pass(5);
        clock.Advance(At(3600)); // stopped, or suspended with its machine
        Assert.Equal(At(4), heartbeats.Left("n"));
        listening.Tick();
        Pass(1);
        Assert.Equal(At(3), heartbeats.Left("n"));
        listening.Discount(At(2));
        Assert.Equal(At(5), heartbeats.Left("n"));
    }
}
