using System.Threading.Channels;

namespace ControlPlane.Store;

/// <summary>
/// The changes of the recent past in order, and those who want to hear of the next ones. Every revision is one change,
/// so that a change is found by its revision. What is older than <paramref name="retention"/> is forgotten once there
/// are more than <paramref name="fewest"/> changes; more than <paramref name="most"/> are never kept.
/// </summary>
/// <param name="revision">The revision at which history begins; nothing before is known.</param>
internal sealed class WatchLog(long revision, TimeSpan retention, int fewest = 1_000, int most = 20_000)
{
    private readonly object gate = new();
    private readonly Queue<(long Ticks, StoreEvent Event)> history = new();
    private readonly HashSet<StoreWatch> watches = [];
    private long oldest = revision, newest = revision;

    /// <summary>Every watcher has been given all changes up to here.</summary>
    public long Revision { get { lock (gate) return newest; } }

    public int Watchers { get { lock (gate) return watches.Count; } }

    /// <summary>Records a change and passes it on. Never waits for a watcher: one whose buffer is full is cut off.</summary>
    public void Append(StoreEvent change)
    {
        lock (gate)
        {
            history.Enqueue((Environment.TickCount64, change));
            newest = change.Current.Revision;
            Forget();
            watches.RemoveWhere(watch => !watch.Offer(change));
        }
    }

    /// <summary>
    /// Every change after <paramref name="from"/> exactly once, those of the past first. A revision of the future is
    /// waited for. Dispose the watch when done.
    /// </summary>
    /// <param name="filter">Called for each change by the writer, so it must be quick.</param>
    /// <param name="capacity">How many changes may wait for the watcher before it is cut off.</param>
    /// <exception cref="RevisionTooOldException">History does not reach back that far.</exception>
    public StoreWatch Watch(long from, Func<StoreEvent, bool> filter, int capacity = 4_096)
    {
        lock (gate)
        {
            if (from < oldest) throw new RevisionTooOldException(from, oldest);
            // Revisions are consecutive, so the position of the first wanted change is known.
            var backlog = history.Skip((int)Math.Min(from - oldest, history.Count)).Select(entry => entry.Event).Where(filter).ToList();
            var watch = new StoreWatch(this, from, filter, backlog, capacity);
            watches.Add(watch);
            return watch;
        }
    }

    internal void Remove(StoreWatch watch)
    {
        lock (gate) watches.Remove(watch);
    }

    /// <summary>Ends every watch, at shutdown.</summary>
    public void Close()
    {
        lock (gate)
        {
            foreach (var watch in watches) watch.End();
            watches.Clear();
        }
    }

    private void Forget()
    {
        var horizon = Environment.TickCount64 - (long)retention.TotalMilliseconds;
        while (history.Count > most || history.Count > fewest && history.Peek().Ticks < horizon)
            oldest = history.Dequeue().Event.Current.Revision;
    }
}

/// <summary>One watcher's place in the log. When it was too slow, reading ends with <see cref="SlowWatcherException"/>.</summary>
internal sealed class StoreWatch : IDisposable
{
    private readonly WatchLog log;
    private readonly long from;
    private readonly Func<StoreEvent, bool> filter;
    private readonly Channel<StoreEvent> channel;

    public StoreWatch(WatchLog log, long from, Func<StoreEvent, bool> filter, List<StoreEvent> backlog, int capacity)
    {
        (this.log, this.from, this.filter) = (log, from, filter);
        channel = Channel.CreateBounded<StoreEvent>(new BoundedChannelOptions(backlog.Count + capacity) { SingleReader = true });
        foreach (var change in backlog) channel.Writer.TryWrite(change);
    }

    public ChannelReader<StoreEvent> Changes => channel.Reader;

    /// <summary>False when the watcher is to be forgotten.</summary>
    internal bool Offer(StoreEvent change)
    {
        try
        {
            if (change.Current.Revision <= from || !filter(change) || channel.Writer.TryWrite(change)) return true;
            channel.Writer.TryComplete(new SlowWatcherException());
        }
        catch (Exception e) // a filter's mistake is its watcher's trouble, not the writer's
        {
            channel.Writer.TryComplete(e);
        }
        return false;
    }

    internal void End() => channel.Writer.TryComplete();

    public void Dispose() => log.Remove(this);
}

/// <summary>The watcher did not read fast enough and has missed changes: it must list again.</summary>
internal sealed class SlowWatcherException() : Exception("the watcher was too slow and was cut off");
