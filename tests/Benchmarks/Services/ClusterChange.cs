using System.Diagnostics;
using System.Net;
using KubeApi;
using KubeApi.Objects;
using Lab;
using Linux;

namespace Benchmarks.Services;

/// <summary>
/// A Lab cluster with two nodes and real programs: from the write of an EndpointSlice to the rule in every node's kernel, as the kernels
/// tell it, while there are more and more Services; and what the agent takes for it. The peer is the answer to the writer itself.
/// </summary>
internal sealed class ClusterChange(Cluster cluster, ApiClient client, string mode, Action<Figure> add, Action<string> say)
{
    private const int Writers = 16;

    /// <summary>For the largest first load; only a broken run reaches it.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    private int addresses, present;

    /// <param name="mode">The agents' --proxy-mode.</param>
    public static async Task Measure(string top, string mode, IReadOnlyList<int> sizes, int changes, Action<Figure> add, Action<string> say, CancellationToken cancel)
    {
        var cluster = new Cluster("bench-services");
        await cluster.Down();
        try
        {
            await CommandRunner.Run($"{top}/scripts/cluster", ["up", "--nodes", "2", "--name", cluster.Name, "--proxy-mode", mode], cancel: cancel);
            using var client = new ApiClient(Kubeconfig.Load(cluster.KubeconfigPath), "bench");
            var bench = new ClusterChange(cluster, client, mode, add, say);
            foreach (var size in sizes) await bench.At(size, changes, cancel);
        }
        finally
        {
            await cluster.Down();
        }
    }

    private async Task At(int size, int changes, CancellationToken cancel)
    {
        say($"a cluster with {size} Services, {mode} ...");
        await Grow(size, cancel);
        var nodes = cluster.Nodes.Select(node => NetworkNamespace.OfProcess(node.InitPid!.Value)).ToList();
        var events = nodes.Select(node => new KernelEvents(node)).ToList();
        try
        {
            await Change(events, 0, cancel); // everything before it is in the kernels with it
            for (var i = 1; i <= 3; i++) await Change(events, i % size, cancel);
            await Task.Delay(TimeSpan.FromSeconds(5), cancel); // what else the agents had to do
            var agent = cluster.Node(1).Processes("nodeagent").Single();
            var cpu = Idle.Cpu(agent);
            List<double> kernel = [], answer = [];
            for (var i = 0; i < changes; i++)
            {
                var (last, answered) = await Change(events, i * 7919 % size, cancel);
                kernel.Add(last);
                answer.Add(answered);
                // A change that is alone: not one that waits for the pause after another.
                await Task.Delay(TimeSpan.FromMilliseconds(50 + 3 * Math.Min(last, 1000)), cancel);
            }
            var perChange = (Idle.Cpu(agent) - cpu) * 1000 / changes;
            var title = $"{mode}, {size} Services in a cluster";
            add(new($"{title}: slice written to rule in both kernels", new("ours", "ms", kernel), new("writer's answer", "ms", answer), mode == "nftables" ? "below 5 ms, flat" : ""));
            add(new($"{title}: agent's CPU for such a change", new("ours", "ms", [perChange]), null, ""));
            add(new($"{title}: agent's memory", new("ours", "MB", [Idle.Memory(agent)]), null, ""));
        }
        finally
        {
            foreach (var listener in events) listener.Dispose();
            foreach (var node in nodes) node.Dispose();
        }
    }

    /// <returns>Milliseconds from before the write to the last node's kernel, and to the API server's answer.</returns>
    private async Task<(double Kernel, double Answer)> Change(IReadOnlyList<KernelEvents> events, int service, CancellationToken cancel)
    {
        var fresh = MadeUpServices.NeverSeen(addresses++);
        var slice = Stored(MadeUpServices.Slice(service, [.. MadeUpServices.Endpoints(service).Take(MadeUpServices.EndpointsPerService - 1), fresh]));
        var seen = events.Select(listener => listener.Next(fresh)).ToList();
        var started = Stopwatch.GetTimestamp();
        await client.Update(slice, cancel);
        var answer = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var times = await Task.WhenAll(seen).WaitAsync(Bound, cancel);
        return (Stopwatch.GetElapsedTime(started, times.Max()).TotalMilliseconds, answer);
    }

    private async Task Grow(int size, CancellationToken cancel)
    {
        var added = Enumerable.Range(present, size - present);
        await Parallel.ForEachAsync(added, new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancel }, async (service, token) =>
        {
            await client.Create(Stored(MadeUpServices.Service(service)), token);
            await client.Create(Stored(MadeUpServices.Slice(service, MadeUpServices.Endpoints(service))), token);
        });
        present = size;
    }

    /// <summary>Without the version that made-up objects have: the API server gives them theirs.</summary>
    private static T Stored<T>(T obj) where T : KubeObject => obj with { Metadata = obj.Metadata with { ResourceVersion = null } };
}
