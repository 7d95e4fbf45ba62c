using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Finds an informer's objects by something else than their name, e.g. the pods of a node, without a scan.
/// Create it before any listener that reads it subscribes: listeners are called in order of subscription.
/// </summary>
internal sealed class ObjectIndex<T> where T : KubeObject
{
    private readonly Func<T, IEnumerable<string>> keys;
    private readonly Dictionary<string, Dictionary<string, T>> buckets = [];
    private readonly Lock guard = new();

    /// <param name="keys">The index keys of an object: none, one or several.</param>
    public ObjectIndex(Informer<T> informer, Func<T, IEnumerable<string>> keys)
    {
        this.keys = keys;
        informer.Changed += Apply;
    }

    /// <summary>The objects under a key as of now; empty if there are none.</summary>
    public IReadOnlyList<T> this[string key]
    {
        get { lock (guard) return buckets.TryGetValue(key, out var bucket) ? [.. bucket.Values] : []; }
    }

    private void Apply(T? old, T? updated)
    {
        lock (guard)
        {
            if (old is not null) foreach (var key in keys(old)) Remove(key, old.Key);
            if (updated is not null) foreach (var key in keys(updated)) Bucket(key)[updated.Key] = updated;
        }
    }

    private Dictionary<string, T> Bucket(string key) => buckets.TryGetValue(key, out var bucket) ? bucket : buckets[key] = [];

    private void Remove(string key, string name)
    {
        if (!buckets.TryGetValue(key, out var bucket)) return;
        bucket.Remove(name);
        if (bucket.Count == 0) buckets.Remove(key);
    }
}
