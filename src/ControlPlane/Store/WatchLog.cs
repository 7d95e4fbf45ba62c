using System.Threading.Channels;

namespace ControlPlane.Store;

/// <summary>
/// The changes of the recent past in order, and those who want to hear of the next ones. Every revision is one change,
/// so that a change is found by its revision. What is older than <paramref name="retention"/> is forgotten once there
/// are more than <paramref name="fewest"/> changes; more than <paramref name="most"/>, or than fit into
/// <paramref name="mostBytes"/>, are never kept.
/// </summary>
/// <param name="revision">The revision at which history begins; nothing before is known.</param>
internal sealed class WatchLog(long revision, TimeSpan retention, int fewest = 1_000, int most = 20_000, long mostBytes = 128 << 20)
{
    private readonly object gate = new();
    private readonly Queue<(long Ticks, StoreEvent Event)> history = new();
    private readonly WatchIndex watches = new();
    private long oldest = revision, newest = revision, bytes;

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
            bytes += change.Current.Json.Length;
            Forget();
            watches.Offer(change);
        }
    }

    /// <summary>
    /// Every change after <paramref name="from"/> exactly once, those of the past first. A revision of the future is
    /// waited for. Dispose the watch when done.
    /// </summary>
    /// <param name="filter">Called for each change in the scope by the writer, so it must be quick.</param>
    /// <param name="capacity">How many changes may wait for the watcher before it is cut off; there is a bound on their bytes, too.</param>
    /// <param name="cutOff">Called once if that happens, by the writer, so it must be quick.</param>
    /// <param name="scope">What the filter passes at most: it is not called for changes outside, once those of the past are through.</param>
    /// <exception cref="RevisionTooOldException">History does not reach back that far.</exception>
    public StoreWatch Watch(long from, Func<StoreEvent, bool> filter, int capacity = 4_096, Action? cutOff = null, WatchScope scope = default)
    {
        lock (gate)
        {
            if (from < oldest) throw new RevisionTooOldException(from, oldest);
            // Revisions are consecutive, so the position of the first wanted change is known.
            var backlog = from >= newest ? [] : history.Skip((int)(from - oldest)).Select(entry => entry.Event).Where(filter).ToList();
            var watch = new StoreWatch(this, from, filter, backlog, capacity, cutOff) { Scope = scope };
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
            foreach (var watch in watches.Clear()) watch.End();
        }
    }

    private void Forget()
    {
        var horizon = Environment.TickCount64 - (long)retention.TotalMilliseconds;
        while (history.Count > most || history.Count > fewest && history.Peek().Ticks < horizon || bytes > mostBytes && history.Count > 1)
        {
            var forgotten = history.Dequeue().Event.Current;
            oldest = forgotten.Revision;
            bytes -= forgotten.Json.Length;
        }
    }
}

/// <summary>One watcher's place in the log. When it was too slow, reading ends with <see cref="SlowWatcherException"/>.</summary>
internal sealed class StoreWatch : IDisposable
{
    private readonly WatchLog log;
    private readonly long from;
    private readonly Func<StoreEvent, bool> filter;
    private readonly Action? cutOff;
    private readonly Channel<StoreEvent> channel;
    private readonly long most;
    private long waiting; // bytes of the changes in the channel

    /// <summary>The objects are shared with the store, but a watcher that does not read keeps their old versions alive.</summary>
    private const long MostWaiting = 16 << 20;

    public StoreWatch(WatchLog log, long from, Func<StoreEvent, bool> filter, List<StoreEvent> backlog, int capacity, Action? cutOff)
    {
        (this.log, this.from, this.filter, this.cutOff) = (log, from, filter, cutOff);
        channel = Channel.CreateBounded<StoreEvent>(new BoundedChannelOptions(backlog.Count + capacity) { SingleReader = true });
        foreach (var change in backlog) channel.Writer.TryWrite(change);
        waiting = backlog.Sum(change => (long)change.Current.Json.Length);
        most = waiting + MostWaiting; // the backlog was asked for, so it does not count
    }

    public required WatchScope Scope { get; init; }

    /// <summary>Done, or failed, when there is nothing more to read.</summary>
    public Task Completion => channel.Reader.Completion;

    /// <exception cref="SlowWatcherException">The watcher was cut off, and has read what it was given before.</exception>
    public ValueTask<bool> WaitToRead(CancellationToken cancel = default) => channel.Reader.TryPeek(out _) ? new(true) : channel.Reader.WaitToReadAsync(cancel);

    public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out StoreEvent? change)
    {
        if (!channel.Reader.TryRead(out change)) return false;
        Interlocked.Add(ref waiting, -change.Current.Json.Length);
        return true;
    }

    /// <summary>False when the watcher is to be forgotten.</summary>
    internal bool Offer(StoreEvent change)
    {
        try
        {
            if (change.Current.Revision <= from || !filter(change)) return true;
            if (Interlocked.Add(ref waiting, change.Current.Json.Length) <= most && channel.Writer.TryWrite(change)) return true;
            channel.Writer.TryComplete(new SlowWatcherException());
            cutOff?.Invoke();
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
