using KubeApi.Objects;
using NodeAgent.Probes;

namespace UnitTests.Probes;

public class ProbeThresholdTests
{
    [Fact]
    public void Only_enough_failures_in_a_row_make_a_verdict()
    {
        var threshold = new ProbeThreshold(new Probe { FailureThreshold = 3, SuccessThreshold = 1 });
        Assert.Equal([null, null, true, null, null, false, false], Verdicts(threshold, "FFSFFFF"));
    }

    [Fact]
    public void Only_enough_successes_in_a_row_make_a_verdict_and_a_warning_is_one()
    {
        var threshold = new ProbeThreshold(new Probe { FailureThreshold = 1, SuccessThreshold = 2 });
        Assert.Equal([null, false, null, true, true], Verdicts(threshold, "SFSWS"));
    }

    [Fact]
    public void A_check_that_could_not_be_made_counts_neither_way()
    {
        var threshold = new ProbeThreshold(new Probe { FailureThreshold = 2 });
        Assert.Equal([null, null, null, false], Verdicts(threshold, "UFUF"));
    }

    [Theory]
    [InlineData(0, 0, 1.0, false, 1.0)] // soon, not at once
    [InlineData(0, 0, 0.0, false, 0.2)]
    [InlineData(0, 0, 0.5, true, 5.0)] // somewhere in the period
    [InlineData(30, 10, 0.0, false, 20.2)] // from the container's start on
    [InlineData(5, 60, 0.5, true, 5.0)] // the delay is over long since
    public void The_first_check_is_after_the_delay_and_not_that_of_all_pods_at_once(int initialDelay, int age, double random, bool settled, double seconds)
    {
        var now = DateTime.UtcNow;
        var probe = new Probe { InitialDelaySeconds = initialDelay, PeriodSeconds = 10 };
        Assert.Equal(seconds, ProbeSchedule.FirstCheck(probe, now.AddSeconds(-age), settled, now, random).TotalSeconds, 3);
    }

    private static IEnumerable<bool?> Verdicts(ProbeThreshold threshold, string results) => results.Select(letter => threshold.Count(letter switch
    {
        'S' => ProbeResult.Success,
        'W' => ProbeResult.Warning,
        'F' => ProbeResult.Failure,
        _ => ProbeResult.Unknown,
    })).ToList();

    [Fact]
    public void The_longest_times_that_the_API_takes_are_such_that_timers_take_too()
    {
        var probe = new Probe { PeriodSeconds = int.MaxValue, TimeoutSeconds = int.MaxValue, InitialDelaySeconds = int.MaxValue };
        using var limit = new CancellationTokenSource();
        limit.CancelAfter(ProbeSchedule.Timeout(probe));
        using var timer = new PeriodicTimer(ProbeSchedule.Period(probe));
        limit.CancelAfter(ProbeSchedule.FirstCheck(probe, DateTime.UtcNow, settled: false, DateTime.UtcNow, random: 1));
    }
}
