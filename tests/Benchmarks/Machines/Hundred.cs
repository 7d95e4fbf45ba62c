using System.Diagnostics;
using System.Globalization;
using Lab;
using Linux;

namespace Benchmarks.Machines;

/// <summary>Many real agents on one host, a set of namespaces each: until all are Ready, and what they take while nothing happens. The peer is a cluster of two.</summary>
internal static class Hundred
{
    private const int Few = 2;

    private sealed record Result(double Ready, double StartCpu, IReadOnlyList<double> Agents, IReadOnlyList<double> Nodes, double AgentCpu, double ControlCpu, double ControlMemory);

    public static async Task<IReadOnlyList<Figure>> Measure(string top, int nodes, TimeSpan settle, TimeSpan window, Action<string> say, CancellationToken cancel)
    {
        var few = await Of(Few);
        var many = await Of(nodes);
        return
        [
            One("cluster up to all Ready", "s", result => result.Ready),
            One("CPU of all machines for a node until all are Ready", "s", result => result.StartCpu),
            Each("memory of an agent (Pss)", result => result.Agents, "below 120 MB"),
            Each("memory of a node's processes (Pss)", result => result.Nodes, ""),
            One("CPU of an idle agent", "% of a core", result => result.AgentCpu, "below 1 %"),
            One("CPU of the idle control plane", "% of a core", result => result.ControlCpu),
            One("memory of the control plane (Pss)", "MB", result => result.ControlMemory),
        ];

        Task<Result> Of(int count) => OfCluster(top, count, settle, window, say, cancel);

        string Title(string what) => $"{nodes} nodes on this host: {what}";

        Figure One(string what, string unit, Func<Result, double> value, string aim = "") =>
            new(Title(what), new($"{nodes} nodes", unit, [value(many)]), new($"{Few} nodes", unit, [value(few)]), aim);

        Figure Each(string what, Func<Result, IReadOnlyList<double>> values, string aim) =>
            new(Title(what), new($"{nodes} nodes", "MB", values(many)), new($"{Few} nodes", "MB", values(few)), aim);
    }

    private static async Task<Result> OfCluster(string top, int nodes, TimeSpan settle, TimeSpan window, Action<string> say, CancellationToken cancel)
    {
        var cluster = new Cluster("bench-hundred");
        await cluster.Down();
        try
        {
            say($"{nodes} nodes: cluster up ...");
            var clock = Stopwatch.StartNew();
            await Up(top, cluster.Name, nodes, say, cancel);
            var (ready, startCpu) = (clock.Elapsed.TotalSeconds, MachinesCpu(cluster) / nodes);
            say($"{nodes} nodes are Ready after {ready:0.0} s, {startCpu:0.00} s of CPU for a node; settling");
            await Task.Delay(settle, cancel);
            return await Idle(cluster, window, say, cancel) with { Ready = ready, StartCpu = startCpu };
        }
        finally
        {
            await cluster.Down();
        }
    }

    /// <summary>What it says is passed on, so that who waits sees how far it is.</summary>
    private static async Task Up(string top, string name, int nodes, Action<string> say, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo($"{top}/scripts/cluster", ["up", "--nodes", $"{nodes}", "--name", name]) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
            if (line.Contains("waiting", StringComparison.Ordinal) || line.Contains("Ready", StringComparison.Ordinal) || line.Contains("running", StringComparison.Ordinal) && !line.Contains(" node", StringComparison.Ordinal)) say(line.Trim());
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0) throw new InvalidOperationException($"cluster up ended with exit code {process.ExitCode}");
    }

    private static async Task<Result> Idle(Cluster cluster, TimeSpan window, Action<string> say, CancellationToken cancel)
    {
        var agents = cluster.Nodes.Select(node => node.Processes(Programs.Agent).Single()).ToList();
        var control = cluster.Control.Processes("controlplane").Single();
        var (before, controlBefore) = (agents.Sum(Benchmarks.Idle.Cpu), Benchmarks.Idle.Cpu(control));
        await Task.Delay(window, cancel);
        var percent = (agents.Sum(Benchmarks.Idle.Cpu) - before) / agents.Count / window.TotalSeconds * 100;
        var controlPercent = (Benchmarks.Idle.Cpu(control) - controlBefore) / window.TotalSeconds * 100;
        var memory = agents.Select(ProportionalMemory).ToList();
        var all = cluster.Nodes.Select(node => cluster.Cgroups.Processes(node.Name).Sum(ProportionalMemory)).ToList();
        say($"an agent {memory.Average():0.0} MB and {percent:0.00} % of a core, the control plane {ProportionalMemory(control):0} MB and {controlPercent:0.0} %");
        return new Result(0, 0, memory, all, percent, controlPercent, ProportionalMemory(control));
    }

    /// <summary>MB by proc(5) smaps_rollup, Pss: pages that n processes share count an nth for each. 0 for a process that has ended.</summary>
    private static double ProportionalMemory(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return double.Parse(line[4..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException) { return 0; }
    }

    /// <summary>Seconds of CPU that everything in the cluster's machines took, what has ended too (cgroup v1 cpuacct.usage in ns, v2 cpu.stat usage_usec).</summary>
    private static double MachinesCpu(Cluster cluster)
    {
        foreach (var directory in cluster.Cgroups.Directories(""))
        {
            if (File.Exists($"{directory}/cpuacct.usage")) return double.Parse(File.ReadAllText($"{directory}/cpuacct.usage"), CultureInfo.InvariantCulture) / 1e9;
            // Version 1 has a file of this name too, about something else.
            if (File.Exists($"{directory}/cpu.stat") && File.ReadLines($"{directory}/cpu.stat").First().Split(' ') is ["usage_usec", var used]) return double.Parse(used, CultureInfo.InvariantCulture) / 1e6;
        }
        throw new InvalidOperationException("no cgroup counts the CPU time of the machines");
    }
}
