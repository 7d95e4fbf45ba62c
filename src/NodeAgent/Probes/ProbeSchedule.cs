using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>Pure: when a container is checked for the first time. Pods that start together are not checked together.</summary>
internal static class ProbeSchedule
{
    /// <summary>
    /// What decides about traffic is not left waiting longer than this, nor checked at once: few programs listen the
    /// moment they are started, and a failure costs a whole period.
    /// </summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Some forty days.</summary>
    private const int MostSeconds = 3_500_000;

    public static TimeSpan Period(Probe probe) => Seconds(probe.PeriodSeconds is > 0 and var seconds ? seconds : 10);

    public static TimeSpan Timeout(Probe probe) => Seconds(probe.TimeoutSeconds is > 0 and var seconds ? seconds : 1);

    /// <summary>The API takes any number; timers do not.</summary>
    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(Math.Min(seconds, MostSeconds));

    /// <param name="startedAt">Of the container.</param>
    /// <param name="settled">Its verdict is known and the check only confirms it: liveness, or a container that an earlier agent probed.</param>
    /// <param name="random">0 to 1.</param>
    /// <returns>How long to wait from <paramref name="now"/>.</returns>
    public static TimeSpan FirstCheck(Probe probe, DateTime startedAt, bool settled, DateTime now, double random)
    {
        var delayed = startedAt + Seconds(probe.InitialDelaySeconds ?? 0);
        var spread = settled || Period(probe) < Soon ? Period(probe) * random : Soon * (0.2 + 0.8 * random);
        return (delayed > now ? delayed - now : TimeSpan.Zero) + spread;
    }
}
