namespace NodeAgent.Kubelet;

/// <summary>For how long a node's lease holds, and how often it is renewed.</summary>
internal readonly record struct LeaseTimes(TimeSpan Duration)
{
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(10);

    /// <summary>All nodes together renew at most a hundred times a second: 200 nodes each two seconds, 1,000 nodes each ten.</summary>
    private static readonly TimeSpan DurationPerNode = TimeSpan.FromMilliseconds(50);

    /// <summary>A lease survives four renewals that fail.</summary>
    private const int Renewals = 5;

    /// <param name="asked">The shortest.</param>
    /// <param name="nodes">How many nodes the cluster has.</param>
    public static LeaseTimes Of(TimeSpan asked, int nodes) => new(TimeSpan.FromSeconds(Math.Ceiling(Math.Max(asked.TotalSeconds, (nodes * DurationPerNode).TotalSeconds))));

    public int Seconds => (int)Duration.TotalSeconds;

    /// <param name="random">0 to 1: nodes that were started together renew apart.</param>
    public TimeSpan RenewAfter(double random) => Duration / Renewals * (1 - 0.1 * random);

    public TimeSpan RetryAfter => Duration / Renewals / 2 is var half && half < TimeSpan.FromSeconds(1) ? half : TimeSpan.FromSeconds(1);

    /// <summary>A write without an answer for so long is sent again: the connection may be one to a machine that is gone.</summary>
    public TimeSpan WriteTimeout => Duration / 2;
}
