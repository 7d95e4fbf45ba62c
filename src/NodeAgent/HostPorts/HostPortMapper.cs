using System.ComponentModel;
using Linux;
using Microsoft.Extensions.Logging;
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
internal sealed class HostPortMapper(IReadOnlyDictionary<string, IReadOnlyList<HostPort>> adopted, ILogger log, RunProgram? run = null, IptablesBackend? backend = null,
    NetworkNamespace? inside = null)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private const int Passes = 3;

    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, IReadOnlyList<HostPort>> ports = new(adopted.Where(pod => pod.Value.Count > 0));
    private Iptables? iptables;

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

    /// <summary>Compares once, and then from time to time while there is something to compare.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(LookEvery);
        var due = true;
        try
        {
            do
            {
                if (!due && ports.Count == 0) continue;
                await gate.WaitAsync(cancel);
                try
                {
                    if (await Write(cancel) && !due) log.LogWarning("Somebody else has changed the rules for host ports; they are restored");
                    due = false;
                }
                catch (Exception e) when (e is CommandException or Win32Exception or IOException)
                {
                    due = true;
                    log.LogWarning("host ports: {Error}", e.Message);
                }
                finally { gate.Release(); }
            } while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>What is in the kernel, each rule with its pod.</summary>
    public async Task<IEnumerable<StateLine>> State(CancellationToken cancel)
    {
        static string Pod(string line) => line.Split('"') is { Length: >= 3 } parts && parts[1].Contains('/') ? $"Pod {parts[1]}" : "pods with host ports";
        return (await Read(cancel)).Lines().Select(entry => new StateLine(entry.Line, Pod(entry.Line)));
    }

    private void Replace(string uid, IReadOnlyList<HostPort> wanted)
    {
        if (wanted.Count == 0) ports.Remove(uid);
        else ports[uid] = wanted;
    }

    /// <returns>True if something was changed. A chain goes one change after the last rule that leads to it.</returns>
    private async Task<bool> Write(CancellationToken cancel)
    {
        var wanted = HostPortRules.Render(ports.Values.SelectMany(of => of));
        for (var pass = 0; pass < Passes; pass++)
        {
            var change = IptablesChange.Between(await Read(cancel), wanted);
            if (change.Texts.Count == 0) return pass > 0;
            foreach (var text in change.Texts) await iptables!.Restore(text, cancel);
        }
        return true;
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
