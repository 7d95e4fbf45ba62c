using System.Diagnostics;

namespace Benchmarks.Machines;

/// <summary>Machines: how fast they join, what their death costs, and how many one control plane and one host carry.</summary>
/// <param name="parts">Of <see cref="Parts"/>; none = all.</param>
/// <param name="bound">After this no further measurement begins, and the one that runs is ended; what is there by then is printed.</param>
internal sealed class MachinesBench(string top, bool quick, IReadOnlyList<string> parts, TimeSpan bound, Action<string> say)
{
    /// <summary>join: a machine becomes a node; power: a node's plug is pulled; hundred: real agents on this host; simulated: 1,000 nodes of one load program against one control plane.</summary>
    public static readonly string[] Parts = ["join", "power", "hundred", "simulated"];

    private readonly List<Figure> figures = [];
    private readonly Stopwatch running = Stopwatch.StartNew();

    public async Task<IReadOnlyList<Figure>> Run(CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ending.CancelAfter(bound);
        try
        {
            if (Wants("join")) figures.AddRange(await JoinTime.Measure(top, quick ? 3 : 20, Progress, ending.Token));
            if (Wants("power")) figures.AddRange(await PowerPulled.Measure(top, quick ? 3 : 20, Progress, ending.Token));
            if (Wants("hundred")) figures.AddRange(await Hundred.Measure(top, quick ? 10 : 100, settle: TimeSpan.FromSeconds(quick ? 20 : 60), window: TimeSpan.FromSeconds(quick ? 20 : 60), Progress, ending.Token));
            if (Wants("simulated")) figures.AddRange(await SimulatedFigures.Measure(top, quick ? 100 : 1_000, TimeSpan.FromSeconds(quick ? 20 : 60), Progress, ending.Token));
        }
        catch (OperationCanceledException)
        {
            say(cancel.IsCancellationRequested ? "interrupted: the rest is left out" : $"{bound.TotalMinutes:0} minutes are over: the rest is left out (--minutes, --part)");
        }
        return figures;
    }

    private bool Wants(string part) => parts.Count == 0 || parts.Contains(part);

    private void Progress(string line) => say($"{running.Elapsed:m\\:ss} {line}");
}
