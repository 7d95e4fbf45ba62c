using System.Diagnostics;
using System.Text;

namespace Benchmarks.Api;

/// <summary>How much later than a change was sent each of 1,000 watchers, on a connection each, hears of it; the peer is the writer's own answer.</summary>
internal sealed class Watches(ServerProcess server)
{
    private const int Watchers = 1_000, Changes = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public async Task<Figure> Measure(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var sent = new long[Changes];
        var delays = new List<double>();
        var ready = 0;
        var connections = new List<HttpConnection>();
        for (var i = 0; i < Watchers; i++) connections.Add(await HttpConnection.Open(server.Port, server.Admin, cancel));
        var request = HttpConnection.Request("GET", "/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=" + await Revision(cancel));
        var watching = connections.Select(connection => Task.Run(() => Watch(connection, request, sent, delays, () => Interlocked.Increment(ref ready), stop.Token), cancel)).ToList();
        while (Volatile.Read(ref ready) < Watchers) await Task.Delay(10, cancel);
        var answers = new List<double>();
        using (var writer = await HttpConnection.Open(server.Port, server.Admin, cancel))
        {
            for (var i = 0; i < Changes; i++)
            {
                Volatile.Write(ref sent[i], Stopwatch.GetTimestamp());
                answers.Add((await writer.Send(Writes.Request($"watched-{i:D3}"), cancel)).Last);
                await Task.Delay(Pause, cancel);
            }
        }
        for (var i = 0; i < 600 && Count(delays) < Watchers * Changes; i++) await Task.Delay(50, cancel);
        await stop.CancelAsync();
        try { await Task.WhenAll(watching); }
        catch (OperationCanceledException) { }
        foreach (var connection in connections) connection.Dispose();
        if (delays.Count != Watchers * Changes) throw new InvalidOperationException($"{delays.Count} of {Watchers * Changes} events arrived");
        return new Figure($"change to event, {Watchers} watchers", new Series("event", "ms", delays), new Series("writer's answer", "ms", answers), "-");
    }

    private static int Count(List<double> delays)
    {
        lock (delays) return delays.Count;
    }

    private async Task<string> Revision(CancellationToken cancel)
    {
        using var client = new KubeApi.ApiClient(server.Admin, "bench");
        return (await client.List<KubeApi.Objects.ConfigMap>(new KubeApi.ListOptions("default"), cancel)).Metadata.ResourceVersion!;
    }

    private static Task Watch(HttpConnection connection, byte[] request, long[] sent, List<double> delays, Action headArrived, CancellationToken cancel)
    {
        var began = false;
        var next = 0;
        return connection.Stream(request, received =>
        {
            var now = Stopwatch.GetTimestamp();
            if (!began) headArrived();
            began = true;
            // An event is told by the name in it; the pause between changes keeps events apart.
            while (next < sent.Length && received.Span.IndexOf(Encoding.ASCII.GetBytes($"\"watched-{next:D3}\"")) >= 0)
            {
                var delay = (now - Volatile.Read(ref sent[next])) * 1000.0 / Stopwatch.Frequency;
                lock (delays) delays.Add(delay);
                next++;
            }
        }, cancel);
    }
}
