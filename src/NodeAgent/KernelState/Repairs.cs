using Microsoft.Extensions.Logging;

namespace NodeAgent.KernelState;

/// <summary>Tells of repairs in the log and as events of the Node, and says how long to wait before the next one; see <see cref="RepairPace"/>.</summary>
/// <param name="record">Records an event of the Node: type, reason, message. Similar ones are told as one by the recorder.</param>
internal sealed class Repairs(Action<string, string, string> record, ILogger log)
{
    public const string Reason = "KernelStateRepaired", ContestedReason = "KernelStateContested";

    private readonly RepairPace pace = new();
    private readonly Lock access = new();

    /// <summary>These were altered by somebody and are mended. From any thread.</summary>
    /// <param name="by">E.g. "iptables[1234]"; null = unknown.</param>
    /// <returns>How long the caller is to leave things alone now.</returns>
    public TimeSpan Done(IReadOnlyList<KernelChange> changes, string? by)
    {
        if (changes.Count == 0) return TimeSpan.Zero;
        var text = RepairText.Of(changes, by);
        log.LogWarning("{Repair}", text);
        record("Warning", Reason, text);
        TimeSpan pause;
        int times;
        lock (access) (pause, times) = pace.After(changes, DateTime.UtcNow);
        if (pause == TimeSpan.Zero) return pause;
        var contested = $"altered {times} times within a minute{(by is null ? "" : $", lastly by {by}")}: another program keeps undoing repairs; the next one follows after {pause.TotalSeconds:0} s. Last: {text}";
        log.LogWarning("{Contested}", contested);
        record("Warning", ContestedReason, contested);
        return pause;
    }
}
