using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>Services as iptables rules.</summary>
/// <param name="run">How iptables is started; null = in this process' own network namespace.</param>
/// <param name="backend">Null = the one that the machine uses.</param>
internal sealed class IptablesBackEnd(RunProgram? run = null, IptablesBackend? backend = null) : IRuleBackEnd
{
    private IptablesKernel? kernel;
    private IptablesRules wanted = IptablesRules.Empty;
    private IptablesRules? written; // null = only the kernel knows

    public bool HasLeftovers => written?.HasLeftovers(wanted) == true;

    public async Task Apply(ServiceTable table, TableChanges changes, CancellationToken cancel)
    {
        if (!changes.IsEmpty) wanted = IptablesRenderer.Render(table);
        await Write(written ?? throw new InvalidOperationException("nothing was compared yet"), cancel);
    }

    public async Task<IReadOnlyList<Drift>> Compare(ServiceTable table, bool write, CancellationToken cancel)
    {
        var now = await (await Kernel(cancel)).Read(cancel);
        var next = IptablesRenderer.Render(table);
        var drift = Differences(now, next).ToList();
        if (!write) return drift;
        wanted = next;
        await Write(now, cancel);
        return drift;
    }

    private async Task Write(IptablesRules last, CancellationToken cancel)
    {
        written = null; // until all of it is in the kernel
        var (texts, result) = IptablesRules.Between(last, wanted, kernel!.ChainsPerCall);
        await kernel.Write(texts, cancel);
        written = result;
    }

    private static IEnumerable<Drift> Differences(IptablesRules now, IptablesRules next)
    {
        var (present, told) = (now.Lines().Select(entry => entry.Line).ToHashSet(), new KernelOrigins(now));
        foreach (var (line, origin) in next.Lines())
            if (!present.Remove(line)) yield return new("add", line, $"{origin}");
        foreach (var line in present) yield return new("delete", line, told.Of(line) ?? "no object");
    }

    public async Task<IReadOnlyList<StateLine>> State(ServiceTable? known, CancellationToken cancel)
    {
        var now = await (await Kernel(cancel)).Read(cancel);
        var origins = (known is null ? IptablesRules.Empty : IptablesRenderer.Render(known)).Lines().GroupBy(entry => entry.Line).ToDictionary(same => same.Key, same => same.First().Origin);
        var told = new KernelOrigins(now);
        return [.. now.Lines().Select(entry => new StateLine(entry.Line, origins.GetValueOrDefault(entry.Line)?.ToString() ?? told.Of(entry.Line) ?? "no object"))];
    }

    /// <summary>
    /// Removes every chain of ours and every rule that leads to one, from every table of both back ends of iptables. Goes on after an
    /// error; what is gone already is fine.
    /// </summary>
    /// <exception cref="AggregateException">What could not be removed.</exception>
    public async Task Cleanup(CancellationToken cancel)
    {
        var errors = new List<Exception>();
        foreach (var installed in Enum.GetValues<IptablesBackend>())
        {
            try { await new IptablesKernel(new Iptables(installed, run)).Cleanup(cancel); }
            catch (System.ComponentModel.Win32Exception) { } // this back end is not installed
            catch (Exception error) when (!cancel.IsCancellationRequested) { errors.Add(error); }
        }
        if (errors.Count > 0) throw new AggregateException(errors);
    }

    private async Task<IptablesKernel> Kernel(CancellationToken cancel) => kernel ??= new(new Iptables(backend ?? await IptablesBackends.Detect(run, cancel), run));
}
