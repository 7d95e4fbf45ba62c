using System.Collections.Concurrent;
using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace EndToEndTests.Durability;

/// <summary>A copy of the objects of a kind, kept by a watch that goes on from the last revision it saw; after 410 by a new list.</summary>
internal sealed class ResumedWatch<T>(ApiClient api, Revisions revisions) where T : KubeObject
{
    private static readonly ListOptions Default = new("default");

    private long seen;

    /// <summary>Name → revision.</summary>
    public ConcurrentDictionary<string, long> Copy { get; } = new();

    public long Seen => Volatile.Read(ref seen);

    public int Resumed { get; private set; }

    public int Expired { get; private set; }

    /// <summary>Until cancelled; fails where a revision goes back or means something else than before.</summary>
    public async Task Run(CancellationToken cancel)
    {
        string? from = null;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                from ??= await List(cancel);
                await foreach (var change in api.Watch<T>(Default with { ResourceVersion = from }, cancel))
                {
                    Apply(change);
                    from = change.Object.Metadata.ResourceVersion!;
                }
            }
            catch (ApiException e) when (e.IsExpired)
            {
                (from, Expired) = (null, Expired + 1);
                continue;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException) { }
            Resumed++;
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private void Apply(WatchEvent<T> change)
    {
        var revision = long.Parse(change.Object.Metadata.ResourceVersion!);
        Assert.True(revision > seen || change.Type == "BOOKMARK" && revision == seen, $"the watch was at revision {seen} and is given {revision}");
        if (WrittenObject.IsOne(change.Object))
        {
            revisions.Record(change.Object, change.Type == "DELETED");
            if (change.Type == "DELETED") Copy.TryRemove(change.Object.Name, out _);
            else Copy[change.Object.Name] = revision;
        }
        Volatile.Write(ref seen, revision);
    }

    private async Task<string> List(CancellationToken cancel)
    {
        var list = await api.List<T>(Default, cancel);
        Copy.Clear();
        foreach (var item in list.Items.Where(WrittenObject.IsOne)) Copy[item.Name] = revisions.Record(item);
        var revision = long.Parse(list.Metadata.ResourceVersion!);
        Assert.True(revision >= seen, $"the watch was at revision {seen}, a list is of {revision}");
        Volatile.Write(ref seen, revision);
        return list.Metadata.ResourceVersion!;
    }
}
