using System.Collections.Concurrent;
using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace Benchmarks.Agent;

/// <summary>From the write of a pod to the watch event that says it is Ready; its image is there.</summary>
internal sealed class PodReady(ApiClient client)
{
    private int count;

    public async Task<Series> OneAtATime(int pods, CancellationToken cancel)
    {
        var samples = new List<double>();
        for (var i = 0; i < pods; i++) samples.AddRange(await Batch(1, cancel));
        return new Series("pod", "ms", samples);
    }

    public async Task<Series> AtOnce(int pods, CancellationToken cancel) => new("pod", "ms", await Batch(pods, cancel));

    private async Task<IReadOnlyList<double>> Batch(int pods, CancellationToken cancel)
    {
        var names = Enumerable.Range(0, pods).Select(_ => $"bench-{count++}").ToList();
        var started = new ConcurrentDictionary<string, long>();
        var samples = new Dictionary<string, double>();
        var since = (await client.List<Pod>(new ListOptions("default"), cancel)).Metadata.ResourceVersion;
        var watch = client.Watch<Pod>(new ListOptions("default", ResourceVersion: since), cancel);
        var creating = Task.WhenAll(names.Select(name =>
        {
            started[name] = Stopwatch.GetTimestamp();
            return client.Create(BenchPods.Sleeper(name), cancel);
        }));
        await foreach (var change in watch)
        {
            if (change.Type == "BOOKMARK" || !started.ContainsKey(change.Object.Name) || !BenchPods.IsReady(change.Object)) continue;
            samples.TryAdd(change.Object.Name, Stopwatch.GetElapsedTime(started[change.Object.Name]).TotalMilliseconds);
            if (samples.Count == pods) break;
        }
        await creating;
        await BenchPods.Clear(client, cancel);
        return [.. samples.Values];
    }
}
