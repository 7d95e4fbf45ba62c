using System.Collections.Concurrent;
using KubeApi.Objects;

namespace EndToEndTests.Durability;

/// <summary>What every revision that anyone saw stood for. None may ever stand for two things.</summary>
internal sealed class Revisions
{
    private readonly ConcurrentDictionary<long, string> seen = new();

    public int Count => seen.Count;

    public long Highest => seen.IsEmpty ? 0 : seen.Keys.Max();

    /// <returns>The revision of the object.</returns>
    public long Record(KubeObject obj, bool deleted = false)
    {
        WrittenObject.RequireWhole(obj);
        var revision = long.Parse(obj.Metadata.ResourceVersion!);
        var what = $"{obj.Name} {(deleted ? "deleted" : WrittenObject.Token(obj))}";
        var before = seen.GetOrAdd(revision, what);
        Assert.True(before == what, $"revision {revision} was {before}, and is now {what}");
        return revision;
    }
}
