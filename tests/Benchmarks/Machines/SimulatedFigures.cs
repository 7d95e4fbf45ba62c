namespace Benchmarks.Machines;

/// <summary>Simulated nodes with 30 pods each against one control plane; the peer is the same with ten nodes, in the same run.</summary>
internal static class SimulatedFigures
{
    private const int Few = 10;

    public static async Task<IReadOnlyList<Figure>> Measure(string top, int nodes, TimeSpan window, Action<string> say, CancellationToken cancel)
    {
        var few = await Of(Few);
        var many = await Of(nodes);
        var title = $"{nodes} simulated nodes, {nodes * SimulatedCluster.PodsPerNode} pods";
        return
        [
            Figure("all registered and Ready", "s", result => result.Registered),
            Figure("nodes Ready a second", "/s", result => result == few ? Few / few.Registered : nodes / many.Registered),
            Figure("Deployments to all pods Ready", "s", result => result.Started),
            Figure("pods Ready a second", "/s", result => (result == few ? Few : nodes) * SimulatedCluster.PodsPerNode / result.Started),
            Figure("control plane's CPU for a pod until Ready", "ms", result => result.PodCpu, "flat"),
            Figure("heartbeats", "/s", result => result.Heartbeats),
            Figure("control plane's CPU, nothing but heartbeats", "% of a core", result => result.Cpu),
            Figure("control plane's CPU for a heartbeat", "ms", result => result.Cpu * 10 / result.Heartbeats, "flat"),
            Figure("control plane's memory", "MB", result => result.Memory, "below 1 GB with 1,000 nodes"),
            .. many.Latencies.Keys.Select(verb => new Figure($"{title}: {verb}", new(Name(nodes), "ms", many.Latencies[verb]), new(Name(Few), "ms", few.Latencies[verb]), "flat")),
        ];

        Task<SimulatedCluster.Result> Of(int count)
        {
            say($"{count} simulated nodes ...");
            return new SimulatedCluster(top, count, window, say).Measure(cancel);
        }

        Figure Figure(string what, string unit, Func<SimulatedCluster.Result, double> value, string aim = "") =>
            new($"{title}: {what}", new(Name(nodes), unit, [value(many)]), new(Name(Few), unit, [value(few)]), aim);
    }

    private static string Name(int nodes) => $"{nodes} nodes";
}
