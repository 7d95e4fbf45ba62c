using System.Collections.Concurrent;
using System.Threading.Channels;

namespace KubeApi;

/// <summary>
/// Keys waiting to be reconciled (client-go workqueue): a key is queued once however often it is added, is never
/// worked on twice at the same time, and comes back after growing delays when its work fails.
/// </summary>
public sealed class WorkQueue<TKey> where TKey : notnull
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(5), LongestDelay = TimeSpan.FromSeconds(60), LongestTimer = TimeSpan.FromDays(1);

    private readonly Channel<TKey> ready = Channel.CreateUnbounded<TKey>();
    private readonly Lock state = new();
    private readonly HashSet<TKey> waiting = [], working = [];
    private readonly ConcurrentDictionary<TKey, int> failures = [];

    public void Add(TKey key)
    {
        lock (state)
        {
            // What is being worked on is queued again only when that ends, see Done.
            if (waiting.Add(key) && !working.Contains(key)) ready.Writer.TryWrite(key);
        }
    }

    /// <summary>Adds the key when the delay is over, at the latest after a day (no timer counts further than weeks); not waited for.</summary>
    public void AddAfter(TKey key, TimeSpan delay) =>
        _ = Task.Delay(delay < TimeSpan.Zero ? TimeSpan.Zero : delay > LongestTimer ? LongestTimer : delay).ContinueWith(_ => Add(key), TaskScheduler.Default);

    /// <summary>Works until cancelled. An exception of <paramref name="reconcile"/> is reported and the key tried again later.</summary>
    public Task Run(Func<TKey, CancellationToken, Task> reconcile, Action<TKey, Exception> report, int workers, CancellationToken cancel) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => Work(reconcile, report, cancel), CancellationToken.None)));

    private async Task Work(Func<TKey, CancellationToken, Task> reconcile, Action<TKey, Exception> report, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var key = await ready.Reader.ReadAsync(cancel);
                lock (state)
                {
                    waiting.Remove(key);
                    working.Add(key);
                }
                await Try(key, reconcile, report, cancel);
                Done(key);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
    }

    private async Task Try(TKey key, Func<TKey, CancellationToken, Task> reconcile, Action<TKey, Exception> report, CancellationToken cancel)
    {
        try
        {
            await reconcile(key, cancel);
            failures.TryRemove(key, out _);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // A conflict only says that the cache was behind: the newer object is on its way, nobody needs to read of it.
            if (e is not ApiException { IsConflict: true }) report(key, e);
            var count = failures.AddOrUpdate(key, 1, (_, n) => n + 1);
            AddAfter(key, TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Min(count - 1, 20))));
        }
    }

    private void Done(TKey key)
    {
        lock (state)
        {
            working.Remove(key);
            if (waiting.Contains(key)) ready.Writer.TryWrite(key);
        }
    }
}
