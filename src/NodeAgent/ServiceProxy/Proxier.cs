using System.Diagnostics;
using KubeApi.Objects;
using Microsoft.Extensions.Logging;
using NodeAgent.KernelState;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// Keeps the kernel's rules for Services as the API wants them. The methods that take news only note them; one loop puts them into the
/// table and has the back end write what changed. At the start, after any error, when somebody else may have changed rules and every
/// <c>compareEvery</c> it compares with the kernel itself, so that running rules are adopted and those changed by hand come back.
/// </summary>
/// <param name="compareEvery">Null = 3 min, or a hundred times what a comparison takes where that is longer.</param>
/// <param name="repaired">Told of what others had altered, and who; says how long to leave it alone then.</param>
internal sealed class Proxier(ILogger log, IRuleBackEnd backEnd, StaleFlows staleFlows, TimeSpan? compareEvery = null,
    Func<IReadOnlyList<KernelChange>, string?, TimeSpan>? repaired = null)
{
    private static readonly TimeSpan CompareEvery = TimeSpan.FromMinutes(3), ShortestPause = TimeSpan.FromMilliseconds(10), UnhealthyAfter = TimeSpan.FromSeconds(60),
        LeftoversAfter = TimeSpan.FromSeconds(1), FirstRetry = TimeSpan.FromMilliseconds(200), LongestRetry = TimeSpan.FromSeconds(5), InARow = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim dirty = new(0);
    private readonly Stopwatch sinceCompare = new();
    private readonly Lock state = new();
    private readonly Dictionary<string, (Service? Before, Service? After)> services = [];
    private readonly Dictionary<string, (EndpointSlice? Before, EndpointSlice? After)> slices = [];
    private (IReadOnlyCollection<Service> Services, IReadOnlyCollection<EndpointSlice> Slices)? replacement;
    private NodeFacts? node;
    private volatile bool complete;

    private ServiceTable? table;
    private TableChanges unwritten = TableChanges.None;
    private bool known; // what the kernel has; else it has to be compared
    private bool first = true;
    private readonly TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int failures;
    private TimeSpan comparePeriod = compareEvery ?? CompareEvery;
    private (bool Suspected, string? By) meddling;
    private long contestedUntil; // Environment.TickCount64
    private int falseAlarms; // in a row
    private readonly Stopwatch sinceFalseAlarm = new();
    private long? waitingSince; // the same; news that are not in the kernel

    /// <summary>Told what is in the kernel after each write that succeeded; it knows what was delivered.</summary>
    public ProgrammedProgress Progress { get; init; } = new();

    /// <summary>Done when the kernel first had all that was known.</summary>
    public Task FirstWritten => written.Task;

    /// <summary>A Service that came, changed or went; from any thread.</summary>
    public void Changed(Service? before, Service? after)
    {
        lock (state) services[(after ?? before)!.Key] = (before, after);
        dirty.Release();
    }

    /// <summary>A slice that came, changed or went; from any thread.</summary>
    public void Changed(EndpointSlice? before, EndpointSlice? after)
    {
        lock (state)
        {
            var key = (after ?? before)!.Key;
            slices[key] = (slices.TryGetValue(key, out var earlier) ? earlier.Before : before, after);
        }
        dirty.Release();
    }

    /// <summary>
    /// What the rules need to know of the node. To be called first when Services, EndpointSlices and the own Node were all listed once:
    /// earlier it would take away rules that are in use.
    /// </summary>
    public void Changed(NodeFacts facts)
    {
        lock (state) (node, complete) = (facts, true);
        dirty.Release();
    }

    /// <summary>All that there is, instead of what was told before: what is not here is gone.</summary>
    public void Replace(IReadOnlyCollection<Service> allServices, IReadOnlyCollection<EndpointSlice> allSlices, NodeFacts facts)
    {
        lock (state)
        {
            services.Clear();
            slices.Clear();
            (replacement, node, complete) = ((allServices, allSlices), facts, true);
        }
        dirty.Release();
    }

    /// <summary>Somebody else may have changed rules in the kernel; from any thread.</summary>
    /// <param name="by">E.g. "iptables[1234]"; null = unknown.</param>
    public void Altered(string? by)
    {
        lock (state) meddling = (true, by ?? meddling.By);
        dirty.Release();
    }

    /// <summary>After each time that what was told is in the kernel: what changed since the last, and the node as the rules know it; on the loop's thread.</summary>
    public event Action<TableChanges, NodeFacts>? Synced;

    /// <summary>False while news have not come into the kernel for a minute: for health checks. A queue that is empty is healthy.</summary>
    public bool Healthy
    {
        get { lock (state) return waitingSince is not { } since || Environment.TickCount64 - since < UnhealthyAfter.TotalMilliseconds; }
    }

    /// <summary>Somebody waits to hear that what was told is in the kernel, which it may be without another rule.</summary>
    public void Look() => dirty.Release();

    /// <summary>Runs until cancelled. The rules stay in the kernel when it ends: traffic goes on without the agent.</summary>
    public async Task Run(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await dirty.WaitAsync(UntilNextLook(), cancel);
                while (dirty.Wait(0)) { }
                if (!complete) continue;
                var started = Stopwatch.GetTimestamp();
                await TrySync(cancel);
                var pause = 2 * Stopwatch.GetElapsedTime(started);
                await Task.Delay(pause > ShortestPause ? pause : ShortestPause, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
    }

    /// <summary>How long there is nothing to do if nothing changes: until another try, the removal of what waits for it, or the next comparison.</summary>
    private TimeSpan UntilNextLook()
    {
        if (!complete) return Timeout.InfiniteTimeSpan;
        if (Math.Max(failures, staleFlows.Failures) is > 0 and var tries)
            return TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << Math.Min(tries, 10), LongestRetry.Ticks));
        var left = comparePeriod - sinceCompare.Elapsed;
        if (backEnd.HasLeftovers && left > LeftoversAfter) left = LeftoversAfter;
        bool suspected;
        lock (state) suspected = meddling.Suspected;
        if (suspected && TimeSpan.FromMilliseconds(contestedUntil - Environment.TickCount64) is var calm && calm < left) left = calm;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task TrySync(CancellationToken cancel)
    {
        try
        {
            await Sync(cancel);
            failures = 0;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            known = false;
            failures++;
            log.SyncFailed(error);
        }
    }

    private async Task Sync(CancellationToken cancel)
    {
        // Before the news are in the table: whatever differs then is somebody's doing.
        if (known && IsSuspected()) await Compare(cancel);
        var delivered = Progress.Delivered; // before the changes are taken: what comes in between is taken, too, and said later
        TakeNews();
        var changes = unwritten;
        var started = Stopwatch.GetTimestamp();
        if (known && (!changes.IsEmpty || backEnd.HasLeftovers)) await backEnd.Apply(table!, changes, cancel);
        if (!known || sinceCompare.Elapsed >= comparePeriod) await Compare(cancel);
        unwritten = TableChanges.None;
        Written();
        Progress.Programmed(delivered);
        if (!changes.IsEmpty) log.Synced(table!.Services.Count, changes.Services.Count, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        Synced?.Invoke(changes, table!.Node);
        staleFlows.Forget(changes.Services, table!.Node, cancel);
    }

    private bool IsSuspected()
    {
        lock (state) return meddling.Suspected && Environment.TickCount64 >= contestedUntil;
    }

    private async Task Compare(CancellationToken cancel)
    {
        (bool Suspected, string? By) suspicion;
        lock (state) (suspicion, meddling) = (meddling, default);
        var started = Stopwatch.GetTimestamp();
        var drift = await backEnd.Compare(table!, write: true, cancel);
        // What an error or an earlier agent left is not somebody's doing.
        if (drift.Count > 0 && !first && (known || suspicion.Suspected)) Tell([.. drift.Where(IsNoNews).Select(difference => difference.AsChange())], suspicion.By);
        (known, first) = (true, false);
        written.TrySetResult();
        if (suspicion.Suspected && drift.Count == 0) FalseAlarm(Stopwatch.GetElapsedTime(started));
        sinceCompare.Restart();
        if (compareEvery is null && 100 * Stopwatch.GetElapsedTime(started) is var longer) comparePeriod = longer > CompareEvery ? longer : CompareEvery;
    }

    /// <summary>One may come by chance, and a real one right after it; of many in a row a tenth of the time at most is spent on them.</summary>
    private void FalseAlarm(TimeSpan taken)
    {
        falseAlarms = sinceFalseAlarm.IsRunning && sinceFalseAlarm.Elapsed < InARow ? falseAlarms + 1 : 0;
        sinceFalseAlarm.Restart();
        contestedUntil = Environment.TickCount64 + (long)(Math.Min(1 << Math.Min(falseAlarms, 4), 10) * taken).TotalMilliseconds;
    }

    /// <summary>News that could not be written are no drift.</summary>
    private bool IsNoNews(Drift difference) => !unwritten.Node && !unwritten.Services.Any(change => difference.Origin.Contains(change.Service, StringComparison.Ordinal));

    private void Tell(IReadOnlyList<KernelChange> drift, string? by)
    {
        if (drift.Count == 0) return;
        if (repaired is null) log.ChangedByOthers(drift[0], drift.Count - 1);
        else contestedUntil = Environment.TickCount64 + (long)repaired(drift, by).TotalMilliseconds;
    }

    private void Written()
    {
        lock (state) waitingSince = services.Count + slices.Count > 0 || replacement is not null ? Environment.TickCount64 : null;
    }

    /// <summary>Puts what came into the table; what could not be written stays to be written.</summary>
    private void TakeNews()
    {
        lock (state)
        {
            if (services.Count + slices.Count > 0 || replacement is not null) waitingSince ??= Environment.TickCount64;
            table ??= new ServiceTable(node!);
            table.SetNode(node!);
            if (replacement is { } all) table.Replace(all.Services, all.Slices);
            replacement = null;
            foreach (var (before, after) in services.Values)
                if (after is null) table.Remove(before!); else table.Put(after);
            foreach (var (before, after) in slices.Values)
            {
                if (before is not null) table.Remove(before); // its label may have named another Service
                if (after is not null) table.Put(after);
            }
            services.Clear();
            slices.Clear();
        }
        var problems = table.Problems.ToHashSet();
        var changes = table.Take();
        foreach (var problem in table.Problems.Where(problem => !problems.Contains(problem))) log.LeftOut(problem);
        // An Apply that failed is made up for by a comparison; only who follows the changes still has to learn of them.
        unwritten = new([.. unwritten.Services, .. changes.Services], unwritten.Node || changes.Node);
    }
}
