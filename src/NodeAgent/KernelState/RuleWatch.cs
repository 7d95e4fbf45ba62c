using System.Diagnostics;
using Linux;
using Microsoft.Extensions.Logging;

namespace NodeAgent.KernelState;

/// <summary>
/// Notices when somebody else has changed rules of ours: nf_tables tells so by events, with the program's name; the tables of
/// iptables-legacy have to be asked, which costs some microseconds. Those who own the rules compare theirs then.
/// </summary>
/// <param name="node">The machine's network namespace.</param>
internal sealed class RuleWatch(NetworkNamespace node, ILogger log)
{
    /// <summary>
    /// In rules' text: chains of ours, and rules that lead to them; and as attributes (length, type, text) the table of nftables mode, and a chain FORWARD
    /// itself, which may drop pods' packets by policy from now on.
    /// </summary>
    private static readonly string[] Marks = [ServiceProxy.IptablesMode.IptablesTable.Prefix, "\u0007\0\u0001\0na\0", "\u000c\0\u0003\0FORWARD\0"];

    private static readonly string[] LegacyNames = ["nat", "filter", "raw"];

    /// <summary>How often legacy tables are asked; and since they cannot tell whose change it was, how long after an own write they are looked at, at the latest, at most.</summary>
    private static readonly TimeSpan LegacyEvery = TimeSpan.FromMilliseconds(200), Quiet = TimeSpan.FromMilliseconds(400), NeverQuiet = TimeSpan.FromSeconds(10), BetweenGuesses = TimeSpan.FromSeconds(3), LocalnetEvery = TimeSpan.FromMilliseconds(400);

    /// <summary>A program of ours has ended so long after what it did to nf_tables; until then it counts as somebody else's.</summary>
    private static readonly TimeSpan OwnEnds = TimeSpan.FromMilliseconds(30);

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(5);

    /// <summary>Whoever did it, e.g. "iptables[1234]", or null where that is unknown.</summary>
    public event Action<string?>? Altered;

    public Task Run(CancellationToken cancel) => Task.WhenAll(Repeat("nf_tables", WatchNftables, cancel), Repeat("iptables-legacy", AskLegacy, cancel), Repeat("route_localnet", AskLocalnet, cancel));

    private async Task Repeat(string what, Func<CancellationToken, Task> watch, CancellationToken cancel)
    {
        for (var told = false; !cancel.IsCancellationRequested; told = true)
        {
            try { await watch(cancel); }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (Exception error)
            {
                if (!told) log.LogWarning("Changes of {What} by others are found by the regular comparison only: {Error}", what, error.Message);
            }
            await Task.Delay(AfterError, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchNftables(CancellationToken cancel)
    {
        using var events = new NftablesEvents(node, Marks);
        while (true)
        {
            var change = await events.Next(cancel);
            if (change is not null) await Task.Delay(OwnEnds, cancel);
            if (change is null || !NetlinkPorts.IsOwn(change.Port)) Altered?.Invoke(change is null ? null : $"{change.Program}[{change.Pid}]");
        }
    }

    private async Task AskLegacy(CancellationToken cancel)
    {
        using var tables = new LegacyTables(node);
        var seen = new Dictionary<string, ulong?>();
        var (writes, unsure) = (Iptables.LegacyWrites, false);
        var (sinceOwn, sinceUnsure, sinceAlarm) = (Stopwatch.StartNew(), Stopwatch.StartNew(), new Stopwatch());
        while (true)
        {
            await Task.Delay(LegacyEvery, cancel);
            var now = tables.Names().Where(LegacyNames.Contains).ToDictionary(name => name, tables.Fingerprint);
            var changed = seen.Any(table => now.GetValueOrDefault(table.Key) != table.Value);
            seen = now;
            var (before, own) = (writes, Iptables.LegacyWrites);
            writes = own;
            if (own != before) sinceOwn.Restart();
            if (!unsure) sinceUnsure.Restart();
            unsure |= own != before; // somebody else's change may have come right before or after it
            var look = unsure && (sinceOwn.Elapsed > Quiet || sinceUnsure.Elapsed > NeverQuiet) && (!sinceAlarm.IsRunning || sinceAlarm.Elapsed > BetweenGuesses);
            if (!look && (!changed || own != before)) continue;
            unsure = false;
            sinceAlarm.Restart();
            Altered?.Invoke(null);
        }
    }

    /// <summary>A setting of which the kernel tells no events: nodePorts on localhost need it.</summary>
    private async Task AskLocalnet(CancellationToken cancel)
    {
        for (string? before = null; ; await Task.Delay(LocalnetEvery, cancel))
        {
            var now = node.Run(() => Sysctl.Read(ServiceProxy.IptablesMode.IptablesKernel.RouteLocalnet.Replace('.', '/')));
            if (before is not null && now != before) Altered?.Invoke(null);
            before = now;
        }
    }
}
