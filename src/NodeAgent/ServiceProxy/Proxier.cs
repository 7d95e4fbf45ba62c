using System.Diagnostics;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// Keeps the kernel's rules for Services as the API wants them. <see cref="Update"/> only notes what there is now; one loop computes the
/// rules, compares them with what it wrote last and writes the difference. At the start, after any error and every <c>compareEvery</c> it
/// compares with the kernel itself, so that running rules are adopted and those changed by hand come back.
/// </summary>
/// <param name="run">How iptables is started; null = in this process' own network namespace.</param>
/// <param name="backend">Null = the one that the machine uses.</param>
/// <param name="compareEvery">Null = 10 s, or twenty times what a comparison takes where that is longer.</param>
/// <param name="inside">The network namespace whose connections are meant; null = this process' own.</param>
internal sealed class Proxier(ILogger log, RunProgram? run = null, IptablesBackend? backend = null, TimeSpan? compareEvery = null, NetworkNamespace? inside = null)
{
    private static readonly TimeSpan CompareEvery = TimeSpan.FromSeconds(10), ShortestPause = TimeSpan.FromMilliseconds(10),
        LeftoversAfter = TimeSpan.FromSeconds(1), FirstRetry = TimeSpan.FromMilliseconds(200), LongestRetry = TimeSpan.FromSeconds(5);

    private sealed record Snapshot(IReadOnlyCollection<Service> Services, IReadOnlyCollection<EndpointSlice> Slices, NodeFacts Node);

    private readonly SemaphoreSlim dirty = new(0);
    private readonly StaleFlows staleFlows = new(new Conntrack(inside), log);
    private readonly Stopwatch sinceCompare = new();
    private volatile Snapshot? latest;

    private IptablesKernel? kernel;
    private Snapshot? rendered;
    private ServiceRules? rules;
    private IptablesRules wanted = IptablesRules.Empty;
    private IptablesRules? written; // null = only the kernel knows
    private int failures;
    private TimeSpan comparePeriod = compareEvery ?? CompareEvery;

    /// <summary>
    /// What there is now. To be called first when Services, EndpointSlices and the own Node were all listed once (earlier it would take away
    /// rules that are in use), then after every change; from any thread, as often as you like.
    /// </summary>
    public void Update(IReadOnlyCollection<Service> services, IReadOnlyCollection<EndpointSlice> slices, NodeFacts node)
    {
        latest = new(services, slices, node);
        dirty.Release();
    }

    /// <summary>Runs until cancelled. The rules stay in the kernel when it ends: traffic goes on without the agent.</summary>
    public async Task Run(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await dirty.WaitAsync(UntilNextLook(), cancel);
                while (dirty.Wait(0)) { }
                var started = Stopwatch.GetTimestamp();
                await TrySync(cancel);
                var pause = 2 * Stopwatch.GetElapsedTime(started);
                await Task.Delay(pause > ShortestPause ? pause : ShortestPause, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
    }

    /// <summary>How long there is nothing to do if nothing changes: until another try, the removal of waiting chains, or the next comparison.</summary>
    private TimeSpan UntilNextLook()
    {
        if (latest is null) return Timeout.InfiniteTimeSpan;
        if (Math.Max(failures, staleFlows.Failures) is > 0 and var tries)
            return TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << Math.Min(tries, 10), LongestRetry.Ticks));
        var left = comparePeriod - sinceCompare.Elapsed;
        if (written?.HasLeftovers(wanted) == true && left > LeftoversAfter) return LeftoversAfter;
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
            written = null;
            failures++;
            log.SyncFailed(error);
        }
    }

    private async Task Sync(CancellationToken cancel)
    {
        kernel ??= new(new Iptables(backend ?? await IptablesBackends.Detect(run, cancel), run));
        Render(latest!);
        var started = Stopwatch.GetTimestamp();
        var compares = written is null || sinceCompare.Elapsed >= comparePeriod;
        var last = compares ? await kernel.Read(cancel) : written!;
        if (written is not null && compares && !last.HasRulesOf(written)) log.ChangedByOthers();
        written = null; // until all of it is in the kernel
        var (texts, result) = IptablesRules.Between(last, wanted, kernel.ChainsPerCall);
        await kernel.Write(texts, cancel);
        written = result;
        if (texts.Count > 0) log.Synced(rules!.Frontends.Count, texts.Count, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        if (compares) Compared(Stopwatch.GetElapsedTime(started));
        staleFlows.Forget(rules!.Frontends, cancel);
    }

    private void Compared(TimeSpan took)
    {
        sinceCompare.Restart();
        if (compareEvery is null) comparePeriod = 20 * took > CompareEvery ? 20 * took : CompareEvery;
    }

    private void Render(Snapshot snapshot)
    {
        if (ReferenceEquals(snapshot, rendered)) return;
        var before = rules?.Problems ?? [];
        rules = ServiceRules.From(snapshot.Services, snapshot.Slices, snapshot.Node);
        wanted = IptablesRenderer.Render(rules);
        rendered = snapshot;
        foreach (var problem in rules.Problems.Except(before)) log.LeftOut(problem);
    }

    /// <summary>
    /// What is in the kernel now, each rule with the API object that it came from: <c>-A …  ←  Service default/my-nginx (resourceVersion 123)</c>.
    /// Needs no running loop; without an <see cref="Update"/> before it knows the objects by the rules alone, so not their versions.
    /// </summary>
    public async Task<IReadOnlyList<string>> State(CancellationToken cancel = default)
    {
        var now = await new IptablesKernel(new Iptables(backend ?? await IptablesBackends.Detect(run, cancel), run)).Read(cancel);
        var known = latest is { } snapshot ? IptablesRenderer.Render(ServiceRules.From(snapshot.Services, snapshot.Slices, snapshot.Node)) : IptablesRules.Empty;
        var origins = known.Lines().GroupBy(entry => entry.Line).ToDictionary(same => same.Key, same => same.First().Origin);
        var told = new KernelOrigins(now);
        return now.Lines().Select(entry => $"{entry.Line}  ←  {origins.GetValueOrDefault(entry.Line)?.ToString() ?? told.Of(entry.Line) ?? "no object"}").ToList();
    }

    /// <summary>
    /// Removes every chain of ours and every rule that leads to one, from every table of both back ends, and nothing else. Goes on after an
    /// error; what is gone already is fine.
    /// </summary>
    /// <exception cref="AggregateException">What could not be removed.</exception>
    public static async Task Cleanup(RunProgram? run = null, CancellationToken cancel = default)
    {
        var errors = new List<Exception>();
        foreach (var backend in Enum.GetValues<IptablesBackend>())
        {
            try { await new IptablesKernel(new Iptables(backend, run)).Cleanup(cancel); }
            catch (System.ComponentModel.Win32Exception) { } // this back end is not installed
            catch (Exception error) when (!cancel.IsCancellationRequested) { errors.Add(error); }
        }
        if (errors.Count > 0) throw new AggregateException(errors);
    }
}
