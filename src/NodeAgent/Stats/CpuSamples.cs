namespace NodeAgent.Stats;

/// <summary>CPU time at a moment.</summary>
internal readonly record struct CpuSample(DateTime Time, long Nanoseconds);

/// <summary>
/// Two samples of the CPU time of each control group, from which the rate at any moment follows without waiting:
/// over the time since a sample that is old enough. Safe to use from several threads.
/// </summary>
internal sealed class CpuSamples
{
    /// <summary>Over less than this a rate says little.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    private readonly Lock state = new();
    private Dictionary<string, (CpuSample Older, CpuSample Newer)> kept = [];

    /// <summary>Takes the samples of all groups that there are; others are forgotten.</summary>
    public void Add(IEnumerable<(string Group, CpuSample Sample)> samples)
    {
        lock (state)
        {
            var next = new Dictionary<string, (CpuSample, CpuSample)>();
            foreach (var (group, sample) in samples) next[group] = (kept.TryGetValue(group, out var old) ? old.Newer : sample, sample);
            kept = next;
        }
    }

    /// <returns>Billionths of a CPU, and over what time; null where there is nothing to compare with yet.</returns>
    /// <param name="begun">When the group was made: it had used nothing then.</param>
    public (long NanoCores, TimeSpan Window)? Rate(string group, CpuSample now, DateTime? begun)
    {
        CpuSample before;
        lock (state)
        {
            if (kept.TryGetValue(group, out var samples) && now.Time > samples.Older.Time) before = now.Time - samples.Newer.Time >= Shortest ? samples.Newer : samples.Older;
            else if (begun is { } start && now.Time > start) before = new CpuSample(start, 0);
            else return null;
        }
        var window = now.Time - before.Time;
        return (Math.Max(0, (long)((now.Nanoseconds - before.Nanoseconds) / window.TotalSeconds)), window);
    }
}
