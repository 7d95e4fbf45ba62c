using System.ComponentModel;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.KernelState;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;

namespace NodeAgent.HostPorts;

/// <summary>
/// Opens the host ports of the node's pods and closes them again. While there are any, a loop compares them with the kernel. They stay when
/// the agent ends.
/// </summary>
/// <param name="adopted">Those that an earlier agent opened, by the pod's uid; what else is found in the kernel goes.</param>
/// <param name="run">How iptables is started; null = in this process' own network namespace.</param>
/// <param name="inside">The network namespace whose connections are meant; null = this process' own.</param>
/// <param name="repaired">Told of what others had altered, and who; says how long to leave it alone then.</param>
internal sealed class HostPortMapper(IReadOnlyDictionary<string, IReadOnlyList<HostPort>> adopted, ILogger log, RunProgram? run = null, IptablesBackend? backend = null,
    NetworkNamespace? inside = null, Func<IReadOnlyList<KernelChange>, string?, TimeSpan>? repaired = null)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(3), Retry = TimeSpan.FromSeconds(10);
    private const int Passes = 3;

    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, IReadOnlyList<HostPort>> ports = new(adopted.Where(pod => pod.Value.Count > 0));
    private readonly SemaphoreSlim altered = new(0);
    private volatile string? alteredBy;
    private Iptables? iptables;

    /// <summary>Somebody else may have changed the rules; from any thread.</summary>
    /// <param name="by">E.g. "iptables[1234]"; null = unknown.</param>
    public void Altered(string? by)
    {
        alteredBy = by ?? alteredBy;
        altered.Release();
    }

    /// <summary>Returns when they are open.</summary>
    /// <exception cref="IOException">Another pod has one of them, or the kernel refused.</exception>
    public async Task Open(string uid, IReadOnlyList<HostPort> wanted, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        var before = ports.GetValueOrDefault(uid) ?? [];
        try
        {
            if (before.SequenceEqual(wanted)) return;
            foreach (var (other, taken) in ports.Where(pod => pod.Key != uid))
                if (taken.FirstOrDefault(port => wanted.Any(port.ClashesWith)) is { } clash)
                    throw new IOException($"node(s) didn't have free ports for the requested pod ports: host port {clash} belongs to pod {clash.Pod}");
            Replace(uid, wanted);
            await Write(cancel);
            ForgetFlows(wanted);
        }
        catch (Exception e) when (e is CommandException or Win32Exception or NetlinkException)
        {
            Replace(uid, before); // a port that iptables refuses must not keep those of other pods closed
            throw new IOException($"host ports: {e.Message}", e);
        }
        finally { gate.Release(); }
    }

    /// <summary>A pod without host ports is fine. Where iptables refuses now, the loop goes on trying.</summary>
    public async Task Close(string uid, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (!ports.Remove(uid)) return;
            await Write(cancel);
        }
        catch (Exception e) when (e is CommandException or Win32Exception or IOException) { log.LogWarning("host ports: {Error}", e.Message); }
        finally { gate.Release(); }
    }

    /// <summary>Compares once, then when others may have changed something, and from time to time while there is something to compare.</summary>
    public async Task Run(CancellationToken cancel)
    {
        var due = true; // by an earlier agent, or by a call that failed
        try
        {
            while (true)
            {
                while (altered.Wait(0)) { }
                var by = Interlocked.Exchange(ref alteredBy, null);
                var pause = TimeSpan.Zero;
                if (due || ports.Count > 0)
                {
                    var (mended, failed) = await Look(cancel);
                    if (mended.Count > 0 && !due) pause = repaired?.Invoke(mended, by) ?? TimeSpan.Zero;
                    due = failed;
                }
                await Task.Delay(pause, cancel);
                await altered.WaitAsync(due ? Retry : LookEvery, cancel);
            }
        }
        catch (OperationCanceledException) { }
    }

    private async Task<(IReadOnlyList<KernelChange> Mended, bool Failed)> Look(CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try { return (await Write(cancel), false); }
        catch (Exception e) when (e is CommandException or Win32Exception or IOException)
        {
            log.LogWarning("host ports: {Error}", e.Message);
            return ([], true);
        }
        finally { gate.Release(); }
    }

    /// <summary>What would have to change, without changing it.</summary>
    public async Task<IReadOnlyList<KernelChange>> Plan(CancellationToken cancel) => RuleDrift.Between(await Read(cancel), Wanted, Owner);

    /// <summary>What is in the kernel, each rule with its pod.</summary>
    public async Task<IEnumerable<KernelEntry>> State(CancellationToken cancel) =>
        (await Read(cancel)).Lines().Select(entry => new KernelEntry("rule", entry.Line, Owner(entry.Line)));

    private static string Owner(string line) => line.Split('"') is { Length: >= 3 } parts && parts[1].Contains('/') ? $"Pod {parts[1]}" : "pods with host ports";

    private IptablesTable Wanted => HostPortRules.Render(ports.Values.SelectMany(of => of));

    private void Replace(string uid, IReadOnlyList<HostPort> wanted)
    {
        if (wanted.Count == 0) ports.Remove(uid);
        else ports[uid] = wanted;
    }

    /// <returns>What was not as it should be. A chain goes one change after the last rule that leads to it.</returns>
    private async Task<IReadOnlyList<KernelChange>> Write(CancellationToken cancel)
    {
        var wanted = Wanted;
        IReadOnlyList<KernelChange>? differences = null;
        for (var pass = 0; pass < Passes; pass++)
        {
            var now = await Read(cancel);
            differences ??= RuleDrift.Between(now, wanted, Owner);
            var change = IptablesChange.Between(now, wanted);
            if (change.Texts.Count == 0) break;
            foreach (var text in change.Texts) await iptables!.Restore(text, cancel);
        }
        return differences!;
    }

    private async Task<IptablesTable> Read(CancellationToken cancel)
    {
        iptables ??= new(backend ?? await IptablesBackends.Detect(run, cancel), run);
        return IptablesSave.Parse(HostPortRules.Table, await iptables.Save(HostPortRules.Table, cancel), HostPortRules.Owns);
    }

    /// <summary>A UDP client that goes on sending would otherwise stay with the pod that had the port before.</summary>
    private void ForgetFlows(IReadOnlyList<HostPort> opened)
    {
        var conntrack = new Conntrack(inside);
        foreach (var port in opened.Where(port => port.Protocol == "udp"))
            conntrack.Delete(conntrack.List(new(ConntrackProtocol.Udp, DestinationPort: port.Port)).Where(flow => port.PodAddress != $"{flow.ReplySource}").ToList());
    }
}
