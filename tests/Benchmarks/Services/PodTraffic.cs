using Linux;
using NodeAgent.PodNetwork;

namespace Benchmarks.Services;

/// <summary>Pod to pod on one node and across two, by routes and through VXLAN, by turns with two bare namespaces on a bridge.</summary>
internal static class PodTraffic
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(100), Turn = TimeSpan.FromMilliseconds(400);

    private const int RoundTrips = 500, RoundTripTurns = 10;

    /// <summary>What shall be reached of the bare namespaces' throughput; a round trip may take as much longer.</summary>
    private static readonly string[] Aims = ["", "", "0.97", "0.85"], LatencyAims = ["", "", "1.03", "1.18"];

    private static readonly string[] Kinds = ["bare namespaces", "on one node", "across nodes, host-gateway", "across nodes, VXLAN"];

    public static async Task<IReadOnlyList<Figure>> Measure(IptablesBackend iptables, int rounds, CancellationToken cancel)
    {
        using var bare = await BarePair.Create();
        await using var routed = await PodNodes.Create(OverlayMode.Auto, iptables, cancel);
        await using var tunnelled = await PodNodes.Create(OverlayMode.Always, iptables, cancel);
        using var peer = bare.Path();
        using var near = await routed.Path(0, 0);
        using var routes = await routed.Path(0, 1);
        using var tunnel = await tunnelled.Path(0, 1);
        return await Task.Run(() => Measure([peer, near, routes, tunnel], rounds, cancel), cancel);
    }

    /// <summary>Each round begins with another path: whoever comes first has no advantage.</summary>
    private static IReadOnlyList<Figure> Measure(IReadOnlyList<PodPath> paths, int rounds, CancellationToken cancel)
    {
        var rates = paths.Select(_ => new List<double>()).ToList();
        var latencies = paths.Select(_ => new List<double>()).ToList();
        foreach (var path in paths) path.RoundTrips(RoundTrips); // compiled, and connected in every cache
        for (var round = 0; round < rounds; round++)
        {
            var order = Enumerable.Range(round, paths.Count).Select(i => i % paths.Count).ToList();
            foreach (var kind in order)
            {
                cancel.ThrowIfCancellationRequested();
                rates[kind].Add(paths[kind].Stream(WarmUp, Turn) / 1e6);
            }
            for (var turn = 0; turn < RoundTripTurns; turn++)
                foreach (var kind in order) latencies[kind].AddRange(paths[kind].RoundTrips(RoundTrips));
        }
        var throughput = Kinds.Select((name, kind) => new Series(name, "MB/s", rates[kind])).ToList();
        var latency = Kinds.Select((name, kind) => new Series(name, "us", latencies[kind])).ToList();
        return
        [
            .. Enumerable.Range(1, Kinds.Length - 1).Select(kind => new Figure($"pod to pod {Kinds[kind]}: one TCP stream", throughput[kind], throughput[0], Aims[kind])),
            .. Enumerable.Range(1, Kinds.Length - 1).Select(kind => new Figure($"pod to pod {Kinds[kind]}: TCP round trip", latency[kind], latency[0], LatencyAims[kind])),
        ];
    }
}
