using System.Collections.Concurrent;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>How long to wait before a failed pod of a set is replaced on its node: 1 s, 2 s, 4 s … 15 min, forgotten after twice the longest.</summary>
internal sealed class FailureBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<(string Set, string Node), (TimeSpan Delay, DateTime At)> failures = [];

    /// <summary>When the next replacement may happen; the past where there was none lately.</summary>
    public DateTime RetryAt(string set, string node) => failures.TryGetValue((set, node), out var last) ? last.At + last.Delay : DateTime.MinValue;

    public void Failed(string set, string node, DateTime now)
    {
        foreach (var (key, entry) in failures)
            if (now - entry.At > Longest * 2) failures.TryRemove(key, out _);
        failures.AddOrUpdate((set, node), (First, now), (_, last) => (last.Delay * 2 < Longest ? last.Delay * 2 : Longest, now));
    }
}
