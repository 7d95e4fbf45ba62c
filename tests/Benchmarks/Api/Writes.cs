using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace Benchmarks.Api;

/// <summary>Creates by 1, 10 and 100 writers with a connection each, beside SQLite's own insert and commit on the same disk.</summary>
internal sealed class Writes(ServerProcess server)
{
    private const int Creates = 3_000;

    /// <summary>About what a small pod takes.</summary>
    public static readonly string Content = new('x', 1_500);

    public async Task<IReadOnlyList<Figure>> Measure((Series Latency, Series Rate) raw, CancellationToken cancel)
    {
        await Create(10, 1_000, "warm-up", cancel);
        var figures = new List<Figure>();
        foreach (var writers in new[] { 1, 10, 100 })
        {
            var (latencies, perSecond) = await Create(writers, Creates, $"w{writers}", cancel);
            var title = $"{writers} writer{(writers > 1 ? "s" : "")}";
            figures.Add(new Figure($"create, {title}", new Series("create", "ms", latencies), raw.Latency, writers == 100 ? "p99 below 50 ms" : "-"));
            figures.Add(new Figure($"creates a second, {title}", new Series("creates", "/s", [perSecond]), raw.Rate, "-"));
        }
        return figures;
    }

    /// <summary>The request that creates a ConfigMap.</summary>
    public static byte[] Request(string name) => HttpConnection.Request("POST", "/api/v1/namespaces/default/configmaps", KubeJson.Serialize(Map(name)));

    public static ConfigMap Map(string name) => new()
    {
        Kind = "ConfigMap", ApiVersion = "v1", Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["text"] = Content },
    };

    private async Task<(List<double> Latencies, double PerSecond)> Create(int writers, int count, string prefix, CancellationToken cancel)
    {
        var connections = new List<HttpConnection>();
        for (var writer = 0; writer < writers; writer++) connections.Add(await HttpConnection.Open(server.Port, server.Admin, cancel));
        for (var writer = 0; writer < writers; writer++) await connections[writer].Send(Request($"{prefix}-first-{writer}"), cancel); // connections are there before the clock starts
        var left = count;
        var start = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(connections.Select(connection => Task.Run(async () =>
        {
            var latencies = new List<double>();
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
            {
                var exchange = await connection.Send(Request($"{prefix}-{number}"), cancel);
                if (exchange.Status != 201) throw new InvalidOperationException($"a create was answered {exchange.Status}");
                latencies.Add(exchange.Last);
            }
            return latencies;
        }, cancel)));
        var perSecond = count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var connection in connections) connection.Dispose();
        return (all.SelectMany(latencies => latencies).ToList(), perSecond);
    }
}
