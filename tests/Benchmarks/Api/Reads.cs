using KubeApi;

namespace Benchmarks.Api;

/// <summary>Reads by one client after another, each beside Kestrel serving the same bytes.</summary>
internal sealed class Reads(ServerProcess server, KestrelPeer peer)
{
    private const int Lists = 5, SmallReads = 2_000;

    public async Task<IReadOnlyList<Figure>> Measure(CancellationToken cancel)
    {
        var all = await Both("/api/v1/pods", "/pods", Lists, cancel);
        var some = await Both($"/api/v1/namespaces/{StoredCluster.NamespaceOf(0)}/pods", "/namespaced", SmallReads / 4, cancel);
        var one = await Both($"/api/v1/namespaces/{StoredCluster.NamespaceOf(0)}/pods/{StoredCluster.NameOf(0)}", "/one", SmallReads, cancel);
        return
        [
            Figure("list of all pods, first byte", all, "ms", exchange => exchange.FirstByte, "-"),
            Figure("list of all pods, throughput", all, "MB/s", exchange => exchange.Bytes / 1e3 / exchange.Last, "-"),
            Figure($"list of a namespace's {StoredCluster.PodsPerNamespace} pods", some, "ms", exchange => exchange.Last, "-"),
            Figure("get of a pod", one, "ms", exchange => exchange.Last, "p99 below 2 ms"),
        ];
    }

    /// <summary>What the peer is to serve, as files in a directory.</summary>
    public static async Task Save(ServerProcess server, string directory, CancellationToken cancel)
    {
        using var http = new HttpClient(server.Admin.CreateHandler()) { BaseAddress = new Uri($"https://127.0.0.1:{server.Port}"), Timeout = TimeSpan.FromMinutes(2) };
        foreach (var (name, path) in new[] { ("pods", "/api/v1/pods"), ("namespaced", $"/api/v1/namespaces/{StoredCluster.NamespaceOf(0)}/pods"),
            ("one", $"/api/v1/namespaces/{StoredCluster.NamespaceOf(0)}/pods/{StoredCluster.NameOf(0)}") })
            await File.WriteAllBytesAsync(Path.Combine(directory, name), await http.GetByteArrayAsync(path, cancel), cancel);
    }

    private async Task<(List<Exchange> Ours, List<Exchange> Peer)> Both(string path, string peerPath, int count, CancellationToken cancel) =>
        (await Repeat(server.Port, server.Admin, path, count, cancel), await Repeat(peer.Port, null, peerPath, count, cancel));

    private static async Task<List<Exchange>> Repeat(int port, Kubeconfig? client, string path, int count, CancellationToken cancel)
    {
        using var connection = await HttpConnection.Open(port, client, cancel);
        var request = HttpConnection.Request("GET", path);
        var exchanges = new List<Exchange>();
        for (var i = -count / 5; i < count; i++) // the first ones warm up
        {
            var exchange = await connection.Send(request, cancel);
            if (exchange.Status != 200) throw new InvalidOperationException($"GET {path}: {exchange.Status}");
            if (i >= 0) exchanges.Add(exchange);
        }
        return exchanges;
    }

    private static Figure Figure(string title, (List<Exchange> Ours, List<Exchange> Peer) both, string unit, Func<Exchange, double> value, string aim) =>
        new(title, new Series("ours", unit, both.Ours.Select(value).ToList()), new Series("Kestrel", unit, both.Peer.Select(value).ToList()), aim);
}
