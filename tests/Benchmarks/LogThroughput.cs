using System.Diagnostics;
using System.Globalization;
using KubeApi;
using KubeApi.Objects;
using Lab;

namespace Benchmarks;

/// <summary>
/// What <c>kubectl logs</c> gets a second of a large log, from the node's files through the agent and the API server (two
/// TLS connections), on one machine. The peer reads the same text from the same files by cut(1).
/// </summary>
internal static class LogThroughput
{
    /// <summary>Lines of 100 bytes: 24 MB of text, in several segments; fewer than would be rotated away.</summary>
    private const int Lines = 240_000;

    private const string Name = "bench-logs";

    public static async Task<Figure> Measure(Cluster cluster, int reads)
    {
        var kubeconfig = Kubeconfig.Load(cluster.KubeconfigPath);
        using var client = new ApiClient(kubeconfig, "bench");
        await client.Create(Writer(), CancellationToken.None);
        try
        {
            using var http = new HttpClient(kubeconfig.CreateHandler()) { BaseAddress = new Uri(kubeconfig.Server) };
            await Written(http);
            await Read(http); // warm-up
            var (ours, peer) = (new List<double>(), new List<double>());
            for (var i = 0; i < reads; i++)
            {
                ours.Add(await Read(http));
                peer.Add(await Cut(cluster));
            }
            return new Figure("log throughput through agent and API server", new Series("logs", "MB/s", ours), new Series("zcat | cut on the node", "MB/s", peer), "well over 100 MB/s");
        }
        finally { await client.Delete<Pod>("default", Name, CancellationToken.None, new DeleteOptions { GracePeriodSeconds = 0 }); }
    }

    private static Pod Writer() => new()
    {
        Metadata = new ObjectMeta { Name = Name, Namespace = "default" },
        Spec = new PodSpec
        {
            NodeName = "node1", RestartPolicy = "Never", TerminationGracePeriodSeconds = 0,
            // It stays: what a container that has ended has written is not rotated any more.
            Containers = [new Container { Name = "c", Image = "busybox", ImagePullPolicy = "IfNotPresent", Command = ["sh", "-c", $"yes {new string('x', 99)} | head -n {Lines}; echo written; exec sleep 100000"] }],
        },
    };

    /// <summary>Until the last line is there: the container says so in its log too.</summary>
    private static async Task Written(HttpClient http)
    {
        for (var bound = 0; bound < 600; bound++)
        {
            await Task.Delay(500);
            using var answer = await http.GetAsync($"/api/v1/namespaces/default/pods/{Name}/log?tailLines=1");
            if (answer.IsSuccessStatusCode && await answer.Content.ReadAsStringAsync() == "written\n") return;
        }
        throw new IOException("the container did not write its log");
    }

    private static async Task<double> Read(HttpClient http)
    {
        var clock = Stopwatch.StartNew();
        using var answer = await http.GetAsync($"/api/v1/namespaces/default/pods/{Name}/log", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        var (buffer, total) = (new byte[64 << 10], 0L);
        for (int count; (count = await stream.ReadAsync(buffer)) > 0;) total += count;
        const long expected = Lines * 100L + 8; // and "written"
        if (total != expected) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"the log has {total} bytes instead of {expected}"));
        return total / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> Cut(Cluster cluster)
    {
        var clock = Stopwatch.StartNew();
        await cluster.Node(1).Run("sh", "-c", $"for f in $(ls /var/log/pods/default_{Name}_*/c/0.log*); do zcat -f $f | cut -d' ' -f4- > /dev/null; done");
        return Lines * 100 / 1e6 / clock.Elapsed.TotalSeconds;
    }
}
