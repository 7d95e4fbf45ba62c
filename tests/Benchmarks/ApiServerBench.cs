using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Certificates;
using KubeApi;
using KubeApi.Objects;

namespace Benchmarks;

/// <summary>
/// The API server under load, as a process of its own on 127.0.0.1 with its files in a temporary directory: creates
/// with 1, 10 and 100 writers beside SQLite's own insert-and-commit on the same disk, and how much later than the writer
/// the 100 watchers of a change hear of it.
/// </summary>
internal static class ApiServerBench
{
    private const int Creates = 2_000, Watchers = 100, WatchedCreates = 200;

    /// <summary>About what a small pod takes.</summary>
    private static readonly string Content = new('x', 1_500);

    public static async Task<IReadOnlyList<Figure>> Run(CancellationToken cancel)
    {
        var directory = Directory.CreateTempSubdirectory("nodeagent-bench-").FullName;
        try
        {
            var raw = RawCommits.Measure(Path.Combine(directory, "raw"), Creates / 2, Content);
            await using var server = await Server.Start(Path.Combine(directory, "data"), cancel);
            await Create(server, writers: 10, count: 500, "warm-up", cancel);
            var figures = new List<Figure>();
            foreach (var writers in new[] { 1, 10, 100 })
            {
                var (latencies, perSecond) = await Create(server, writers, Creates, $"w{writers}", cancel);
                figures.Add(new Figure($"API create, {writers} writer{(writers > 1 ? "s" : "")}", new Series("create", "ms", latencies), raw.Latency, "-"));
                figures.Add(new Figure($"API creates a second, {writers} writer{(writers > 1 ? "s" : "")}", new Series("creates", "/s", [perSecond]), raw.Rate, "-"));
            }
            figures.Add(await WatchDelay(server, cancel));
            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(List<double> Latencies, double PerSecond)> Create(Server server, int writers, int count, string prefix, CancellationToken cancel)
    {
        // Connections and threads for so many are there before the clock starts.
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => server.Client.Create(Map($"{prefix}-warm-up-{writer}"), cancel)));
        var left = count;
        var start = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var latencies = new List<double>();
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
            {
                var before = Stopwatch.GetTimestamp();
                await server.Client.Create(Map($"{prefix}-{number}"), cancel);
                latencies.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            }
            return latencies;
        }, cancel)));
        return (all.SelectMany(latencies => latencies).ToList(), count / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>From the sending of the create, to the watchers' event and, as the peer, to the writer's answer.</summary>
    private static async Task<Figure> WatchDelay(Server server, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var sent = new long[WatchedCreates];
        var revision = (await server.Client.List<ConfigMap>(new ListOptions("default"), cancel)).Metadata.ResourceVersion;
        var watching = Enumerable.Range(0, Watchers).Select(_ => Task.Run(() => Watch(server, revision!, sent, stop.Token), cancel)).ToList();
        var answers = new List<double>();
        for (var i = 0; i < WatchedCreates; i++)
        {
            Volatile.Write(ref sent[i], Stopwatch.GetTimestamp());
            await server.Client.Create(Map($"watched-{i}"), cancel);
            answers.Add(Stopwatch.GetElapsedTime(sent[i]).TotalMilliseconds);
        }
        var delays = (await Task.WhenAll(watching)).SelectMany(own => own).ToList();
        return new Figure($"change to event, {Watchers} watchers", new Series("event", "ms", delays), new Series("writer's answer", "ms", answers), "-");
    }

    private static async Task<List<double>> Watch(Server server, string revision, long[] sent, CancellationToken cancel)
    {
        var delays = new List<double>();
        await foreach (var change in server.Client.Watch<ConfigMap>(new ListOptions("default", ResourceVersion: revision), cancel))
        {
            if (!change.Object.Name.StartsWith("watched-", StringComparison.Ordinal)) continue;
            delays.Add(Stopwatch.GetElapsedTime(Volatile.Read(ref sent[int.Parse(change.Object.Name["watched-".Length..])])).TotalMilliseconds);
            if (delays.Count == sent.Length) break;
        }
        return delays;
    }

    private static ConfigMap Map(string name) =>
        new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["text"] = Content } };

    /// <summary>The control plane as a process.</summary>
    private sealed class Server(Process process, ApiClient client) : IAsyncDisposable
    {
        public ApiClient Client => client;

        public static async Task<Server> Start(string directory, CancellationToken cancel)
        {
            var port = FreePort();
            var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "controlplane"),
                ["run", "--data-dir", directory, "--listen", $"127.0.0.1:{port}", "--advertise-address", "192.0.2.1"]) { RedirectStandardError = true })!;
            while (await process.StandardError.ReadLineAsync(cancel) is { } line)
            {
                if (!line.Contains("listening on", StringComparison.Ordinal)) continue;
                _ = process.StandardError.ReadToEndAsync(cancel);
                using var authority = ClusterCa.Open(Path.Combine(directory, "pki"));
                return new Server(process, new ApiClient(authority.CreateKubeconfig($"https://127.0.0.1:{port}", "bench", "system:masters"), "bench"));
            }
            throw new InvalidOperationException($"controlplane ended with exit code {process.ExitCode}");
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
