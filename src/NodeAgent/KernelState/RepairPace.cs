namespace NodeAgent.KernelState;

/// <summary>
/// Slows down a fight: whatever is altered again and again is mended at once only a few times, then after ever longer pauses, since another
/// program that is sure to be right would otherwise keep both of them busy for ever. Pure but for its memory, which is bounded.
/// </summary>
internal sealed class RepairPace
{
    private const int MostAtOnce = 5, MostRemembered = 1024;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1), LongestPause = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, (int Count, DateTime Last)> repaired = [];

    /// <summary>To be told of every repair.</summary>
    /// <returns>How long to wait before the next one, and how often the most contested of these was mended lately.</returns>
    public (TimeSpan Pause, int Times) After(IReadOnlyList<KernelChange> repairs, DateTime now)
    {
        if (repaired.Count > MostRemembered)
            foreach (var (old, _) in repaired.OrderBy(entry => entry.Value.Last).Take(repaired.Count - MostRemembered / 2).ToList()) repaired.Remove(old);
        var most = 0;
        foreach (var thing in repairs.Select(repair => repair.Entry.Thing).Distinct().Take(MostRemembered))
        {
            var (count, last) = repaired.GetValueOrDefault(thing);
            count = now - last > Window ? 1 : count + 1;
            repaired[thing] = (count, now);
            most = Math.Max(most, count);
        }
        if (most <= MostAtOnce) return (TimeSpan.Zero, most);
        return (TimeSpan.FromSeconds(Math.Min(1 << Math.Min(most - MostAtOnce - 1, 10), LongestPause.TotalSeconds)), most);
    }
}
