namespace NodeAgent.Kubelet;

/// <summary>
/// How long a container waits before it is started again (kubelet, crash loop back-off): not at all the first time,
/// then 10 s, doubling to 5 min; forgotten after 10 min without a crash.
/// </summary>
internal static class RestartBackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10), Longest = TimeSpan.FromMinutes(5), Forgotten = TimeSpan.FromMinutes(10);

    /// <summary>How long to wait after the end of a container that <paramref name="ran"/> so long.</summary>
    /// <param name="delay">The delay that stands for this container.</param>
    public static TimeSpan Wait(TimeSpan delay, TimeSpan ran) => ran >= Forgotten ? TimeSpan.Zero : delay;

    /// <summary>The delay that stands for the container after this one.</summary>
    public static TimeSpan Next(TimeSpan delay, TimeSpan ran)
    {
        if (ran >= Forgotten || delay == TimeSpan.Zero) return First;
        return delay * 2 < Longest ? delay * 2 : Longest;
    }
}
