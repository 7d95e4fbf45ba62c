using System.Diagnostics;
using System.Net;
using System.Text;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.KernelState;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;

namespace Benchmarks.Services;

/// <summary>
/// Rules are deleted by hand in a namespace, where the agent's proxy and its watch over the kernel run: milliseconds until they are back, from
/// event to event of the kernel.
/// </summary>
internal sealed class DriftRepair : IAsyncDisposable
{
    /// <summary>Only a broken run reaches it.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>What the proxy itself did at the start is looked at by then.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1.5);

    /// <summary>After so many repairs of the same within a minute the next one would wait.</summary>
    private const int Uncontested = 5;

    private readonly string directory = Directory.CreateTempSubdirectory("drift-bench-").FullName;
    private readonly CancellationTokenSource stop = new();
    private readonly Space node;
    private readonly ProxyMode mode;
    private readonly int services;
    private readonly KernelEvents gone;
    private readonly IReadOnlyList<KernelEvents> back;
    private Task running = Task.CompletedTask;
    private volatile Repairs repairs = Fresh();
    private int told;

    private DriftRepair(ProxyMode mode, int services)
    {
        (this.mode, this.services) = (mode, services);
        node = new(directory, "node");
        gone = new(node.Namespace);
        back = [new(node.Namespace), new(node.Namespace), new(node.Namespace)];
    }

    /// <param name="deletions">Each of another rule, so that none is contested.</param>
    /// <param name="flushes">Of everything.</param>
    public static async Task<IReadOnlyList<Figure>> Measure(ProxyMode mode, int services, int deletions, int flushes, CancellationToken cancel)
    {
        await using var bench = new DriftRepair(mode, services);
        await bench.Start(cancel);
        var alterations = await Alterations.Of(bench.node, mode, cancel);
        List<double> deleted = [], flushed = [];
        for (var i = 0; i < deletions; i++)
        {
            var endpoint = MadeUpServices.Endpoint(i * 7919 % services, i / services % MadeUpServices.EndpointsPerService);
            deleted.Add(await bench.Repaired(endpoint.GetAddressBytes(), [endpoint], () => alterations.Delete(endpoint, cancel), cancel));
        }
        IReadOnlyList<IPAddress> some = [.. new[] { 0, services / 2, services - 1 }.Select(service => MadeUpServices.Endpoint(service, 0))];
        for (var i = 0; i < flushes; i++)
        {
            if (i % Uncontested == 0) bench.repairs = Fresh();
            flushed.Add(await bench.Repaired(bench.TableName, some, () => alterations.Flush(cancel), cancel));
        }
        await bench.MustBeWhole(deletions + flushes, cancel);
        var title = $"{mode.ToString().ToLowerInvariant()}, {services} Services";
        return
        [
            new($"{title}: a rule deleted by hand is back", new("ours", "ms", deleted), null, "below 1 s"),
            new($"{title}: all rules flushed are back", new("ours", "ms", flushed), null, "below 1 s"),
        ];
    }

    /// <summary>Events are not told to anybody here.</summary>
    private static Repairs Fresh() => new((_, _, _) => { }, NullLogger.Instance);

    /// <summary>As the attribute (length, type, text) that each event has of what is in the table that has the endpoints.</summary>
    private byte[] TableName => Encoding.ASCII.GetBytes(mode == ProxyMode.Nftables ? "\u0007\0\u0001\0na\0" : "\u0008\0\u0001\0nat\0");

    private IRuleBackEnd BackEnd() => mode == ProxyMode.Nftables
        ? new NftablesBackEnd(node.Namespace, new ForwardAccept(node.TryRun, IptablesBackend.Nft)) : new IptablesBackEnd(node.TryRun, IptablesBackend.Nft);

    /// <summary>As the agent does it, but for the regular comparison: what is found is found by the kernel's events.</summary>
    private async Task Start(CancellationToken cancel)
    {
        await node.Ip("link set lo up");
        var proxier = new Proxier(NullLogger.Instance, BackEnd(), new StaleFlows(new Conntrack(node.Namespace), NullLogger.Instance), TimeSpan.FromHours(1), (changes, by) =>
        {
            Interlocked.Increment(ref told);
            return repairs.Done(changes, by);
        });
        var watch = new RuleWatch(node.Namespace, NullLogger.Instance);
        watch.Altered += proxier.Altered;
        running = Task.WhenAll(proxier.Run(stop.Token), watch.Run(stop.Token));
        proxier.Replace(MadeUpServices.Services(services), MadeUpServices.Slices(services), MadeUpServices.Facts);
        await proxier.FirstWritten.WaitAsync(5 * Bound, cancel);
        await Task.Delay(Settle, cancel);
    }

    /// <param name="lost">Bytes in the kernel's event of the alteration.</param>
    /// <param name="restored">Endpoints; when rules with all of them are back, all is.</param>
    private async Task<double> Repaired(byte[] lost, IReadOnlyList<IPAddress> restored, Func<Task> alter, CancellationToken cancel)
    {
        var seen = restored.Select((endpoint, i) => back[i].Next(endpoint)).ToList();
        var altered = gone.Next(lost, gone: true);
        await alter();
        var from = await altered.WaitAsync(Bound, cancel);
        var until = (await Task.WhenAll(seen).WaitAsync(Bound, cancel)).Max();
        var took = Stopwatch.GetElapsedTime(from, until).TotalMilliseconds;
        // One that is alone: not one that waits for the pause after another.
        await Task.Delay(TimeSpan.FromMilliseconds(150 + 3 * Math.Min(took, 2000)), cancel);
        return took;
    }

    /// <exception cref="InvalidOperationException">Something has not come back, or was not told.</exception>
    private async Task MustBeWhole(int alterations, CancellationToken cancel)
    {
        var backEnd = BackEnd();
        using var ends = backEnd as IDisposable;
        var table = ServiceTable.Of(MadeUpServices.Services(services), MadeUpServices.Slices(services), MadeUpServices.Facts);
        var drift = await backEnd.Compare(table, write: false, cancel);
        if (drift.Count > 0) throw new InvalidOperationException($"{drift.Count} rules are not back, e.g. {drift[0]}");
        if (told < alterations) throw new InvalidOperationException($"of {alterations} alterations {told} were told");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        gone.Dispose();
        foreach (var listener in back) listener.Dispose();
        node.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
