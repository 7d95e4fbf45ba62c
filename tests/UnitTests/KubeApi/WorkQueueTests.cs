using System.Collections.Concurrent;
using KubeApi;

namespace UnitTests.KubeApi;

public class WorkQueueTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_key_added_often_while_it_waits_is_worked_on_once()
    {
        var queue = new WorkQueue<string>();
        for (var i = 0; i < 100; i++) queue.Add("a");
        queue.Add("end");
        Assert.Equal(["a", "end"], await WorkUntilEnd(queue, (_, _) => Task.CompletedTask));
    }

    [Fact]
    public async Task A_key_added_during_its_work_is_worked_on_again_afterwards()
    {
        var queue = new WorkQueue<string>();
        var rounds = 0;
        queue.Add("a");
        var done = await WorkUntilEnd(queue, (key, _) =>
        {
            if (key == "a" && rounds++ == 0) queue.Add("a");
            else if (key == "a") queue.Add("end");
            return Task.CompletedTask;
        });
        Assert.Equal(["a", "a", "end"], done);
    }

    [Fact]
    public async Task A_key_is_never_worked_on_twice_at_the_same_time()
    {
        var queue = new WorkQueue<int>();
        var (busy, overlaps, count) = (new ConcurrentDictionary<int, bool>(), 0, 0);
        var finished = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource(Bound);
        for (var key = 0; key < 5; key++) queue.Add(key);
        var run = queue.Run(async (key, _) =>
        {
            if (!busy.TryAdd(key, true)) Interlocked.Increment(ref overlaps);
            await Task.Yield();
            if (Interlocked.Increment(ref count) >= 2000) finished.TrySetResult();
            else
            {
                queue.Add(key);
                queue.Add((key + 1) % 5);
            }
            busy.TryRemove(key, out bool _);
        }, (_, _) => { }, workers: 8, cancel.Token);
        await finished.Task.WaitAsync(Bound);
        cancel.Cancel();
        await run;
        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task Failed_work_is_reported_and_done_again()
    {
        var queue = new WorkQueue<string>();
        var (rounds, reports) = (0, new ConcurrentQueue<string>());
        queue.Add("a");
        await WorkUntilEnd(queue, (key, _) =>
        {
            if (key == "a" && ++rounds < 4) throw new InvalidOperationException($"failure {rounds}");
            if (key == "a") queue.Add("end");
            return Task.CompletedTask;
        }, (_, e) => reports.Enqueue(e.Message));
        Assert.Equal(["failure 1", "failure 2", "failure 3"], reports);
    }

    [Fact]
    public async Task A_conflict_is_tried_again_without_a_report()
    {
        var queue = new WorkQueue<string>();
        var (rounds, reports) = (0, 0);
        queue.Add("a");
        await WorkUntilEnd(queue, (key, _) =>
        {
            if (key == "a" && ++rounds < 3) throw new ApiException(new global::KubeApi.Objects.Status { Code = 409, Reason = "Conflict" });
            if (key == "a") queue.Add("end");
            return Task.CompletedTask;
        }, (_, _) => reports++);
        Assert.Equal((3, 0), (rounds, reports));
    }

    [Fact]
    public async Task A_delayed_key_comes_and_others_do_not_wait_for_it()
    {
        var queue = new WorkQueue<string>();
        queue.AddAfter("end", TimeSpan.FromMilliseconds(50));
        queue.AddAfter("never", TimeSpan.MaxValue);
        queue.AddAfter("past", TimeSpan.FromDays(-1));
        queue.Add("now");
        var done = await WorkUntilEnd(queue, (_, _) => Task.CompletedTask);
        Assert.Equal(["end", "now", "past"], done.Order());
    }

    private static async Task<IReadOnlyList<string>> WorkUntilEnd(WorkQueue<string> queue, Func<string, CancellationToken, Task> reconcile, Action<string, Exception>? report = null)
    {
        using var cancel = new CancellationTokenSource();
        var (done, end) = (new ConcurrentQueue<string>(), new TaskCompletionSource());
        var run = queue.Run(async (key, token) =>
        {
            await reconcile(key, token);
            done.Enqueue(key);
            if (key == "end") end.TrySetResult();
        }, (key, e) => report?.Invoke(key, e), workers: 1, cancel.Token);
        await end.Task.WaitAsync(Bound);
        cancel.Cancel();
        await run.WaitAsync(Bound);
        return [.. done];
    }
}
