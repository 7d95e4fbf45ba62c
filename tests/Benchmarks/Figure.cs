namespace Benchmarks;

/// <summary>One measured quantity: its samples in <see cref="Unit"/>, in the order in which they were taken.</summary>
internal sealed record Series(string Name, string Unit, IReadOnlyList<double> Samples)
{
    public double Median => Percentile(50);

    public double P99 => Percentile(99);

    /// <summary>Nearest rank: with fewer than 100 samples the 99th percentile is the largest.</summary>
    private double Percentile(double percent)
    {
        var sorted = Samples.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}

/// <summary>
/// A figure of ours beside its peer from the same run, since absolute numbers say more about the machine than about us.
/// <paramref name="Aim"/> is what the project wants, in words.
/// </summary>
internal sealed record Figure(string Title, Series Ours, Series? Peer, string Aim)
{
    /// <summary>Ours divided by the peer's, by medians; null without a peer.</summary>
    public double? Ratio => Peer is null ? null : Ours.Median / Peer.Median;

    public double? RatioP99 => Peer is null ? null : Ours.P99 / Peer.P99;
}
