namespace ControlPlane.Scheduler;

/// <summary>
/// The pods that fit nowhere, each with what keeps it waiting. An event of the cluster brings back only those that it may
/// help, each after a delay that grows from a second to ten while it goes on failing (kube-scheduler's queue with its
/// unschedulable pods, back-off and queueing hints).
/// </summary>
/// <param name="retry">Takes the key of a pod to be tried again and how long to wait before.</param>
internal sealed class SchedulingQueue(Action<string, TimeSpan> retry, TimeProvider clock)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1), LongestBackoff = TimeSpan.FromSeconds(10);

    /// <summary>Nobody waits longer: an event that would have helped may have gone unnoticed.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private sealed record Waiting(PodInfo Pod, Obstacle Obstacles, int Failures, DateTimeOffset Since, DateTimeOffset NotBefore, bool IsBack);

    private readonly Dictionary<string, Waiting> waiting = [];
    private readonly Dictionary<Obstacle, long> lastEvents = [];
    private readonly Lock guard = new();
    private long events;

    /// <summary>Ask before an attempt: what happens during it must not be missed.</summary>
    public long Now
    {
        get { lock (guard) return events; }
    }

    /// <summary>The pod was tried and fits nowhere.</summary>
    /// <param name="startedAt"><see cref="Now"/> as of before the attempt.</param>
    public void Failed(string key, PodInfo pod, Obstacle obstacles, long startedAt)
    {
        lock (guard)
        {
            var now = clock.GetUtcNow();
            var failures = waiting.TryGetValue(key, out var before) && before.Pod.Id == pod.Id ? before.Failures + 1 : 1;
            waiting[key] = new Waiting(pod, obstacles, failures, now, now + Backoff(failures), IsBack: false);
            if (lastEvents.Any(last => last.Value > startedAt && (last.Key & obstacles) != 0)) BringBack(key, waiting[key], now);
        }
    }

    /// <summary>The pod has a node, is gone, or is not to be scheduled.</summary>
    public void Forget(string key)
    {
        lock (guard) waiting.Remove(key);
    }

    /// <summary>The pod itself is as it was: only an event may help it.</summary>
    public bool IsWaiting(string key)
    {
        lock (guard) return waiting.TryGetValue(key, out var entry) && !entry.IsBack;
    }

    /// <summary>Something changed that may remove these obstacles.</summary>
    /// <param name="mayHelp">Whether it helps a pod that waits for a node's own sake only; null: perhaps.</param>
    public void Happened(Obstacle obstacles, Func<PodInfo, bool>? mayHelp = null)
    {
        lock (guard)
        {
            events++;
            lastEvents[obstacles] = events;
            if (waiting.Count == 0) return;
            var now = clock.GetUtcNow();
            foreach (var (key, entry) in waiting.Where(entry => !entry.Value.IsBack && (entry.Value.Obstacles & obstacles) != 0).ToList())
                if (mayHelp is null || mayHelp(entry.Pod)) BringBack(key, entry, now);
        }
    }

    /// <summary>Brings back who has waited for too long.</summary>
    public void Sweep()
    {
        lock (guard)
        {
            var now = clock.GetUtcNow();
            foreach (var (key, entry) in waiting.Where(entry => !entry.Value.IsBack && now - entry.Value.Since >= LongestWait).ToList()) BringBack(key, entry, now);
        }
    }

    private void BringBack(string key, Waiting entry, DateTimeOffset now)
    {
        waiting[key] = entry with { IsBack = true };
        retry(key, entry.NotBefore > now ? entry.NotBefore - now : TimeSpan.Zero);
    }

    private static TimeSpan Backoff(int failures) =>
        failures > 4 ? LongestBackoff : TimeSpan.FromTicks(Math.Min(LongestBackoff.Ticks, FirstBackoff.Ticks << (failures - 1)));
}
