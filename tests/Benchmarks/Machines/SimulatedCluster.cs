using System.Diagnostics;
using Benchmarks.Api;
using KubeApi;
using KubeApi.Objects;

namespace Benchmarks.Machines;

/// <summary>One control plane process of out/ with simulated nodes: they register, get 30 pods each by Deployments and the scheduler, and go on.</summary>
internal sealed class SimulatedCluster(string top, int nodes, TimeSpan window, Action<string> say)
{
    public const int PodsPerNode = 30;

    private const int PodsPerDeployment = 100;

    /// <summary>Of no use to wait longer: something is broken.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);

    private readonly int pods = nodes * PodsPerNode;

    /// <summary>What was measured of one size.</summary>
    internal sealed record Result(double Registered, double Started, double PodCpu, double Heartbeats, double Cpu, double Memory, double LoadCpu, IReadOnlyDictionary<string, List<double>> Latencies);

    public async Task<Result> Measure(CancellationToken cancel)
    {
        var directory = Directory.CreateTempSubdirectory("nodeagent-bench-").FullName;
        try
        {
            await using var server = await ServerProcess.Start($"{top}/out/controlplane/controlplane", directory, cancel, "--cluster-cidr", "10.64.0.0/13");
            using var client = new ApiClient(server.Admin, "bench");
            var clock = Stopwatch.StartNew();
            await using var simulated = SimulatedNodes.Start(server, directory, nodes);
            await Until("nodes Ready", nodes, async () => (await client.List<Node>(new ListOptions(), cancel)).Items.Count(IsReady), server, simulated, cancel);
            var registered = clock.Elapsed.TotalSeconds;
            var cpu = server.Cpu;
            clock.Restart();
            say($"{nodes} nodes are Ready after {registered:0.0} s; making {pods / PodsPerDeployment} Deployments");
            for (var i = 0; i < pods / PodsPerDeployment; i++) await Deploy(client, i, cancel);
            await Until("pods Ready", pods, async () => (await client.List<Deployment>(new ListOptions(), cancel)).Items.Sum(deployment => deployment.Status?.ReadyReplicas ?? 0), server, simulated, cancel);
            var started = clock.Elapsed.TotalSeconds;
            var podCpu = (server.Cpu - cpu) * 1000 / pods;
            say($"{nodes} nodes, {pods} pods in {started:0.0} s; settling");
            await server.Settle(cancel);
            return await Steady(server, simulated, client, cancel) with { Registered = registered, Started = started, PodCpu = podCpu };
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<Result> Steady(ServerProcess server, SimulatedNodes simulated, ApiClient client, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var renewals = 0;
        var counting = Task.Run(() => CountRenewals(client, () => renewals++, stop.Token), cancel);
        await Task.Delay(1000, cancel);
        var (cpu, load, before) = (server.Cpu, simulated.Cpu, renewals);
        await Task.Delay(window, cancel);
        var seconds = window.TotalSeconds;
        var (perSecond, percent, loadPercent, memory) = ((renewals - before) / seconds, (server.Cpu - cpu) / seconds * 100, (simulated.Cpu - load) / seconds * 100, server.Memory);
        await stop.CancelAsync();
        await counting;
        say($"{perSecond:0.0} heartbeats/s, control plane {percent:0.0} % of a core, {memory:0} MB; the simulated nodes {loadPercent:0.0} %, {simulated.Memory:0} MB; asking the API");
        var latency = new ApiLatency(server);
        var some = (await client.List<Pod>(new ListOptions("team-0"), cancel)).Items;
        await latency.Measure(some, (int)Math.Max(100, window.TotalSeconds * 10), cancel);
        return new Result(0, 0, 0, perSecond, percent, memory, loadPercent, latency.Samples);
    }

    private static async Task CountRenewals(ApiClient client, Action renewed, CancellationToken cancel)
    {
        try
        {
            var now = (await client.List<Lease>(new ListOptions("kube-node-lease"), cancel)).Metadata.ResourceVersion;
            await foreach (var change in client.Watch<Lease>(new ListOptions("kube-node-lease", ResourceVersion: now), cancel))
                if (change.Type == "MODIFIED") renewed();
        }
        catch (OperationCanceledException) { }
    }

    private async Task Until(string what, int wanted, Func<Task<int>> count, ServerProcess server, SimulatedNodes simulated, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var nextWord = TimeSpan.FromSeconds(5);
        for (var present = 0; (present = await count()) < wanted; await Task.Delay(nodes < 50 ? 20 : 500, cancel))
        {
            if (clock.Elapsed > Bound) throw new TimeoutException($"{present} of {wanted} {what} after {Bound.TotalMinutes:0} minutes");
            if (clock.Elapsed < nextWord) continue;
            say($"{present} of {wanted} {what} after {clock.Elapsed.TotalSeconds:0} s; CPU so far: control plane {server.Cpu:0} s, simulated nodes {simulated.Cpu:0} s");
            nextWord += TimeSpan.FromSeconds(5);
        }
    }

    private static bool IsReady(Node node) => node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static async Task Deploy(ApiClient client, int number, CancellationToken cancel)
    {
        var labels = new Dictionary<string, string> { ["app"] = "web" };
        await client.Create(new Namespace { Metadata = new ObjectMeta { Name = $"team-{number}" } }, cancel);
        await client.Create(new Deployment
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = $"team-{number}" },
            Spec = new DeploymentSpec
            {
                Replicas = PodsPerDeployment, Selector = new LabelSelector { MatchLabels = labels },
                Template = new PodTemplateSpec
                {
                    Metadata = new ObjectMeta { Labels = labels },
                    Spec = new PodSpec
                    {
                        Containers =
                        [
                            new Container
                            {
                                Name = "nginx", Image = "registry.example.com/team/nginx:1.27.3", Ports = [new ContainerPort { Port = 80 }],
                                Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m"), ["memory"] = Quantity.Parse("128Mi") } },
                            },
                        ],
                    },
                },
            },
        }, cancel);
    }
}
