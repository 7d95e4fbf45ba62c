using System.Diagnostics;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace Benchmarks.Api;

/// <summary>The least that a durable write can cost here: one row, one commit, in a loop, with the store's own settings of SQLite.</summary>
internal static class RawCommits
{
    public static (Series Latency, Series Rate) Measure(string directory, int count, string content)
    {
        using var disk = SqliteStore.Open(new StoreFiles(directory)).Store;
        var latencies = new List<double>();
        var start = Stopwatch.GetTimestamp();
        for (var i = 1; i <= count; i++)
        {
            var map = new ConfigMap { Metadata = new ObjectMeta { Name = $"raw-{i}", Namespace = "default" }, Data = new Dictionary<string, string> { ["text"] = content } };
            var row = new StoredObject(new StoreKey("configmaps", "default", map.Name), map, KubeJson.Serialize(map), i);
            var before = Stopwatch.GetTimestamp();
            disk.Commit([new StoreEvent(StoreEventType.Added, row, null)]);
            latencies.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }
        var perSecond = count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (new Series("SQLite insert + commit", "ms", latencies), new Series("SQLite insert + commit, one after another", "/s", [perSecond]));
    }
}
