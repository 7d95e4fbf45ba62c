using System.Collections.Concurrent;
using System.Globalization;

namespace ControlPlane.Controllers;

/// <summary>
/// What a controller wrote and its cache may not show yet. A decision made before the cache has caught up would be
/// made twice: two more pods instead of one. Revisions rise across all kinds, so that "the cache has seen revision R"
/// tells that it has seen every write up to R (Kubernetes' KEP-5647 does the same; its older expectations count events).
/// </summary>
internal sealed class CacheExpectations
{
    private sealed class Expected
    {
        public long Revision;
        public long WrittenAt;
        public readonly HashSet<string> Deleted = [];
    }

    /// <summary>A server restored from an older backup never reaches the revision: act on what the cache shows then.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Expected> byKey = [];

    /// <summary>The object under <paramref name="key"/> caused a write that came back with this resourceVersion.</summary>
    public void Wrote(string key, string? resourceVersion)
    {
        var expected = byKey.GetOrAdd(key, _ => new Expected());
        lock (expected) (expected.Revision, expected.WrittenAt) = (Math.Max(expected.Revision, Revision(resourceVersion)), Environment.TickCount64);
    }

    /// <summary>A deletion was accepted; the cache will lose the object with this uid, or see its deletion time.</summary>
    public void Deleted(string key, string uid)
    {
        var expected = byKey.GetOrAdd(key, _ => new Expected());
        lock (expected) expected.Deleted.Add(uid);
    }

    /// <summary>The cache, which has seen <paramref name="revision"/>, does not show all writes yet: decide later.</summary>
    public bool IsBehind(string key, long revision)
    {
        if (!byKey.TryGetValue(key, out var expected)) return false;
        lock (expected) return revision < expected.Revision && Environment.TickCount64 - expected.WrittenAt < LongestWait.TotalMilliseconds;
    }

    /// <summary>The cached objects without those whose deletion was accepted; forgets what the cache no longer has.</summary>
    public IReadOnlyList<T> WithoutDeleted<T>(string key, IReadOnlyList<T> cached) where T : KubeApi.Objects.KubeObject
    {
        if (!byKey.TryGetValue(key, out var expected)) return cached;
        lock (expected)
        {
            if (expected.Deleted.Count == 0) return cached;
            expected.Deleted.IntersectWith(cached.Select(item => item.Metadata.Uid ?? ""));
            return cached.Where(item => !expected.Deleted.Contains(item.Metadata.Uid ?? "")).ToList();
        }
    }

    public void Forget(string key) => byKey.TryRemove(key, out _);

    private static long Revision(string? resourceVersion) =>
        long.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;
}
