using System.CommandLine;
using Benchmarks;
using Benchmarks.Api;
using Benchmarks.Agent;
using Benchmarks.Machines;
using Benchmarks.Services;
using Lab;

if (args is [Idle.Sleep]) Thread.Sleep(Timeout.Infinite);
if (args is [KestrelPeer.Argument, var port, var directory]) KestrelPeer.Serve(int.Parse(port), directory);
if (args is [SimulatedNodes.Argument, var apiPort, var data, var count])
{
    await SimulatedNodes.Run(apiPort, data, count);
    return 0;
}
if (args is [DnsServerProcess.Argument, var services]) DnsServerProcess.Serve(int.Parse(services));

// bench TOP: started by scripts/bench with the top of the repository, whose out/ has the programs and images.
var top = new Argument<DirectoryInfo>("TOP") { Description = "The top of the repository" };
var json = new Option<FileInfo?>("--json") { Description = "Also write the figures to this file, as JSON" };
var only = new Option<string[]>("--only") { Description = "Measure only these", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong("network", "dns", "api", "pods", "logs", "up", "idle", "node", "services", "machines");
var quick = new Option<bool>("--quick") { Description = "services, machines: fewer of all, and fewer rounds" };
var part = new Option<string[]>("--part") { Description = "services, machines: measure only these parts", AllowMultipleArgumentsPerToken = true };
part.AcceptOnlyFromAmong([.. ServicesBench.Parts, .. MachinesBench.Parts]);
var minutes = new Option<int>("--minutes") { Description = "services, machines: begin nothing more after this", DefaultValueFactory = _ => 15 };
var root = new RootCommand("Figures of this machine, each beside its peer.") { top, json, only, quick, part, minutes };
root.SetAction(async (parsed, cancel) =>
{
    var figures = new List<Figure>();
    var wanted = parsed.GetValue(only) is { Length: > 0 } some ? some : ["network", "api", "pods", "up", "idle", "node"];
    foreach (var area in wanted)
    {
        Say($"measuring {area} ...");
        figures.AddRange(await Measure(area, new(parsed.GetValue(top)!.FullName, parsed.GetValue(quick), parsed.GetValue(part) ?? [], TimeSpan.FromMinutes(parsed.GetValue(minutes))), cancel));
    }
    Report.Print(figures, Console.Out);
    if (parsed.GetValue(json) is { } file) Report.Write(figures, file.FullName);
});
var arguments = root.Parse(args);
// On Ctrl-C what was measured is printed, and the clusters go down first.
var code = await arguments.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
return arguments.Errors.Count > 0 ? 2 : code;

static Task<IReadOnlyList<Figure>> Measure(string area, Asked asked, CancellationToken cancel) => area switch
{
    "network" => PodNetworkBench.Run(pods: 100),
    "dns" => DnsBench.Run(Say),
    "api" => ApiServerBench.Run(asked.Top, Say, cancel),
    "pods" => WithCluster(asked.Top, cluster => Pods(cluster, Rootfs.OfNginx(asked.Top))),
    "logs" => WithCluster(asked.Top, async cluster => [await LogThroughput.Measure(cluster, 10)]),
    "up" => ClusterUp(asked.Top),
    "node" => Node(asked.Top, cancel),
    "services" => new ServicesBench(asked.Top, asked.Quick, asked.Parts, asked.Bound, Say).Run(cancel),
    "machines" => new MachinesBench(asked.Top, asked.Quick, asked.Parts, asked.Bound, Say).Run(cancel),
    _ => WithCluster(asked.Top, cluster => Idle.Measure(cluster)),
};

static async Task<IReadOnlyList<Figure>> Pods(Cluster cluster, string rootfs)
{
    await PodStartup.Measure(cluster, 5, _ => { }); // warm-up
    var pods = await PodStartup.Measure(cluster, 50, Say);
    return [new Figure("pod create to first HTTP answer", pods, await RuncRun.Measure(rootfs, 20), "p50 below 500 ms")];
}

static async Task<IReadOnlyList<Figure>> Node(string top, CancellationToken cancel) =>
[
    .. await WithCluster(top, async cluster => [.. await NodeBench.Run(cluster, Rootfs.OfNginx(top), Say, cancel), await LogThroughput.Measure(cluster, 10)]),
    .. await DnsBench.Run(Say),
];

static async Task<IReadOnlyList<Figure>> ClusterUp(string top) =>
    [new Figure("cluster up to first HTTP 200 by clusterIP", await ClusterUpTime.Measure($"{top}/scripts", 5, Say), null, "below 5 s")];

static async Task<IReadOnlyList<Figure>> WithCluster(string top, Func<Cluster, Task<IReadOnlyList<Figure>>> measure)
{
    var cluster = new Cluster("bench");
    await cluster.Down();
    try
    {
        await Linux.CommandRunner.Run($"{top}/scripts/cluster", ["up", "--nodes", "2", "--name", cluster.Name]);
        return await measure(cluster);
    }
    finally
    {
        await cluster.Down();
    }
}

static void Say(string line) => Console.Error.WriteLine($"bench: {line}");

/// <summary>What the command line says beside the areas.</summary>
internal sealed record Asked(string Top, bool Quick, IReadOnlyList<string> Parts, TimeSpan Bound);
