using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>Services as iptables rules.</summary>
/// <param name="run">How iptables is started; null = in this process' own network namespace.</param>
/// <param name="backend">Null = the one that the machine uses.</param>
internal sealed class IptablesBackEnd(RunProgram? run = null, IptablesBackend? backend = null) : IRuleBackEnd
{
    private static readonly string LocalnetEntry = $"sysctl {IptablesKernel.RouteLocalnet.Replace('.', '/')} = 1";

    private IptablesKernel? kernel;
    private WrittenRules? written; // null = only the kernel knows

    public bool HasLeftovers => written?.HasLeftovers == true;

    public async Task Apply(ServiceTable table, TableChanges changes, CancellationToken cancel)
    {
        if (written is not { } last)
        {
            await Compare(table, write: true, cancel);
            return;
        }
        written = null; // until all of it is in the kernel
        if (changes.Node && last.GuardsLocalhost && !table.Node.LocalhostNodePorts) await kernel!.ForbidLocalnet(cancel);
        await kernel!.Write(last.Change(table, changes, kernel.ChainsPerCall), cancel);
        if (changes.Node && table.Node.LocalhostNodePorts) await kernel.AllowLocalnet(write: true, cancel);
        written = last;
    }

    public async Task<IReadOnlyList<Drift>> Compare(ServiceTable table, bool write, CancellationToken cancel)
    {
        var now = await (await Kernel(cancel)).Read(cancel);
        var trees = DispatchTree.All(table.Node.Origin).ToList();
        var wanted = IptablesRenderer.Render(table, trees);
        var last = written;
        var drift = IptablesDrift.Between(now, wanted, (name, chain) => last?.IsLeftover(name, chain) == true).ToList();
        if (write)
        {
            written = null;
            if (NodeRules.GuardsLocalhost(now.Filter) && !table.Node.LocalhostNodePorts) await kernel!.ForbidLocalnet(cancel);
            var (texts, result) = IptablesRules.Between(now, wanted, kernel!.ChainsPerCall);
            await kernel.Write(texts, cancel);
            written = new(table.Node, trees, result.Nat.Chains.Keys.Except(wanted.Nat.Chains.Keys), result.Filter.Chains.Keys.Except(wanted.Filter.Chains.Keys));
        }
        // Only behind the guard that keeps neighbours from this node's loopback.
        if (table.Node.LocalhostNodePorts && await kernel!.AllowLocalnet(write, cancel)) drift.Add(new("change", LocalnetEntry, table.Node.Origin.ToString()));
        return drift;
    }

    public async Task<IReadOnlyList<StateLine>> State(ServiceTable? known, CancellationToken cancel)
    {
        var now = await (await Kernel(cancel)).Read(cancel);
        var origins = (known is null ? IptablesRules.Empty : IptablesRenderer.Render(known)).Lines().GroupBy(entry => entry.Line).ToDictionary(same => same.Key, same => same.First().Origin);
        var told = new KernelOrigins(now);
        var lines = now.Lines().Select(entry => new StateLine(entry.Line, origins.GetValueOrDefault(entry.Line)?.ToString() ?? told.Of(entry.Line) ?? "no object"));
        var localnet = NodeRules.GuardsLocalhost(now.Filter) && !await kernel!.AllowLocalnet(write: false, cancel);
        return [.. lines, .. localnet ? [new StateLine(LocalnetEntry, known?.Node.Origin.ToString() ?? "this Node")] : Array.Empty<StateLine>()];
    }

    /// <summary>
    /// Removes every chain of ours and every rule that leads to one, from every table of both back ends of iptables: also those of host
    /// ports and of the local DNS. Goes on after an error; what is gone already is fine.
    /// </summary>
    /// <exception cref="AggregateException">What could not be removed.</exception>
    public Task Cleanup(CancellationToken cancel) => Remove(null, cancel);

    /// <summary>The same with what this mode has written alone: another mode serves the Services now.</summary>
    public Task Leave(CancellationToken cancel)
    {
        written = null;
        return Remove(IptablesKernel.Owns, cancel);
    }

    private async Task Remove(Func<string, string, bool>? owns, CancellationToken cancel)
    {
        var errors = new List<Exception>();
        foreach (var installed in Enum.GetValues<IptablesBackend>())
        {
            try { await new IptablesKernel(new Iptables(installed, run), run).Cleanup(owns, cancel); }
            catch (System.ComponentModel.Win32Exception) { } // this back end is not installed
            catch (Exception error) when (!cancel.IsCancellationRequested) { errors.Add(error); }
        }
        if (errors.Count > 0) throw new AggregateException(errors);
    }

    private async Task<IptablesKernel> Kernel(CancellationToken cancel) => kernel ??= new(new Iptables(backend ?? await IptablesBackends.Detect(run, cancel), run), run);
}
