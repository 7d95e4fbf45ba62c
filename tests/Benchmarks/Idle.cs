using System.Globalization;
using Lab;

namespace Benchmarks;

/// <summary>Memory and CPU of the programs while nothing happens. The peer of a program is a sleeping .NET process: the floor.</summary>
internal static class Idle
{
    /// <summary>The argument with which this program only sleeps, as the floor to compare with.</summary>
    public const string Sleep = "--sleep";

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Figure>> Measure(Cluster cluster)
    {
        using var floor = System.Diagnostics.Process.Start(Environment.ProcessPath!, [Sleep]);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(20)); // what start-up left to do
            var agent = cluster.Node(1).Processes("nodeagent").Single();
            var control = cluster.Control.Processes("controlplane").Single();
            var before = new[] { Cpu(agent), Cpu(control) };
            await Task.Delay(Window);
            var after = new[] { Cpu(agent), Cpu(control) };
            Series Percent(string name, int i) => new(name, "% of a core", [(after[i] - before[i]) / Window.TotalSeconds * 100]);
            var nothing = new Series("sleeping .NET process", "MB", [Memory(floor.Id)]);
            return
            [
                new Figure("idle memory, agent", new Series("agent", "MB", [Memory(agent)]), nothing, "below 100 MB"),
                new Figure("idle memory, control plane", new Series("control plane", "MB", [Memory(control)]), nothing, "below 150 MB"),
                new Figure("idle CPU, agent", Percent("agent", 0), null, "below 1 %"),
                new Figure("idle CPU, control plane", Percent("control plane", 1), null, "below 1 %"),
            ];
        }
        finally
        {
            floor.Kill();
        }
    }

    /// <summary>Resident memory in MB: shared libraries counted in full, as ps and top show it.</summary>
    public static double Memory(int pid) => Kilobytes($"/proc/{pid}/smaps_rollup", "Rss:") / 1024;

    private static double Kilobytes(string file, string field)
    {
        var line = File.ReadLines(file).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line[field.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Seconds of CPU so far, user and system (proc(5), /proc/PID/stat fields 14 and 15, in 1/100 s).</summary>
    public static double Cpu(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    }
}
