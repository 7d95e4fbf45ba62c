using System.Diagnostics;
using ControlPlane.Store;
using KubeApi;

namespace ControlPlane.ApiServer;

/// <summary>
/// GET with watch=true: one JSON event a line, for as long as the client stays or as timeoutSeconds says. Without a
/// revision, or with 0, the present state comes first. What starts to match a selector is ADDED, what stops is DELETED.
/// </summary>
internal sealed class Watch(ObjectStore store)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(60);

    /// <summary>For how long a client that was cut off may read what it was given before.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="StatusException">400 or 422: malformed parameters; 504: the present state of a future revision.</exception>
    public async Task Handle(ApiRequest request, CancellationToken stopping)
    {
        if (MediaType.WantsYaml(request.Http.Request)) throw StatusException.NotAcceptable(); // a stream of documents has no form in it
        var filter = ListFilter.Of(request);
        ListOptions.Validate(request);
        var events = new WatchEvents(request, MediaType.Accepted(request.Http.Request));
        var initial = request.Query("sendInitialEvents") is null ? (bool?)null : request.Flag("sendInitialEvents");
        var from = request.Revision ?? 0;
        if (initial == true && from > store.Snapshot.Revision) throw StatusException.TooLargeRevision(from, store.Snapshot.Revision);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        if (request.Number("timeoutSeconds") is > 0 and var seconds) ending.CancelAfter(TimeSpan.FromSeconds(Math.Min(seconds, 86_400)));
        request.Http.Response.ContentType = MediaType.Json;
        request.Http.Response.Headers.CacheControl = "no-cache, private";
        try
        {
            await events.Flush(); // the headers, also where nothing happens for long
            await Stream(request, filter, events, from, initial, ending.Token);
        }
        catch (Exception e) when (e is RevisionTooOldException or SlowWatcherException)
        {
            await events.Error(StatusException.Expired(e.Message));
        }
        catch (OperationCanceledException)
        {
            // The client went away, its time is up, or the server stops: the stream ends.
        }
    }

    /// <param name="initial">Whether the present state is wanted, with a mark at its end; null: where no revision is given, and without the mark.</param>
    private async Task Stream(ApiRequest request, ListFilter filter, WatchEvents events, long from, bool? initial, CancellationToken ending)
    {
        // A client that does not read would keep its changes, and us, for ever.
        using var patience = new CancellationTokenSource();
        await using var end = patience.Token.Register(request.Http.Abort);
        var snapshot = store.Snapshot;
        var withPresent = initial ?? from == 0;
        if (withPresent || from == 0) from = snapshot.Revision;
        using var watch = store.Log.Watch(from, Interest(request, filter), cutOff: () => patience.CancelAfter(Patience), scope: filter.Scope);
        if (withPresent) await WritePresent(request, filter, events, snapshot, initial == true);
        await WriteChanges(request, filter, events, watch, from, ending);
    }

    private static Func<StoreEvent, bool> Interest(ApiRequest request, ListFilter filter)
    {
        var resource = request.Kind.Resource.QualifiedName;
        return change => change.Current.Key.Resource == resource
            && (filter.Matches(change.Current) || change.Previous is not null && filter.Matches(change.Previous));
    }

    private static async Task WritePresent(ApiRequest request, ListFilter filter, WatchEvents events, StoreSnapshot snapshot, bool initial)
    {
        foreach (var item in filter.Select(snapshot))
        {
            events.Object("ADDED", item);
            if (events.IsLarge) await events.Flush();
        }
        if (initial && request.Flag("allowWatchBookmarks")) events.Bookmark(snapshot.Revision, endOfInitial: true);
        await events.Flush();
    }

    private async Task WriteChanges(ApiRequest request, ListFilter filter, WatchEvents events, StoreWatch watch, long from, CancellationToken ending)
    {
        var bookmarks = request.Flag("allowWatchBookmarks");
        var lastBookmark = Stopwatch.GetTimestamp();
        while (true)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(ending);
            if (bookmarks) pause.CancelAfter(BookmarkInterval);
            var known = store.Log.Revision; // before reading: all changes up to here are in the channel by now
            try
            {
                if (!await watch.WaitToRead(pause.Token)) return;
            }
            catch (OperationCanceledException) when (!ending.IsCancellationRequested)
            {
                known = store.Log.Revision;
            }
            while (watch.TryRead(out var change))
            {
                known = Math.Max(known, Write(events, filter, change));
                if (events.IsLarge) await events.Flush();
            }
            if (bookmarks && Stopwatch.GetElapsedTime(lastBookmark) >= BookmarkInterval)
            {
                events.Bookmark(Math.Max(known, from), endOfInitial: false); // never behind what the client knows
                lastBookmark = Stopwatch.GetTimestamp();
            }
            await events.Flush();
        }
    }

    private static long Write(WatchEvents events, ListFilter filter, StoreEvent change)
    {
        var matched = change.Previous is not null && filter.Matches(change.Previous);
        var matches = change.Type != StoreEventType.Deleted && filter.Matches(change.Current);
        if (matches) events.Object(matched ? "MODIFIED" : "ADDED", change.Current);
        else if (matched) events.Object("DELETED", change.Type == StoreEventType.Deleted ? change.Current : LastMatching(change));
        return change.Current.Revision;
    }

    /// <summary>An object that stopped to match goes as its watcher knew it, with the revision at which it did.</summary>
    private static StoredObject LastMatching(StoreEvent change)
    {
        var previous = change.Previous!.Object;
        var last = previous with { Metadata = previous.Metadata with { ResourceVersion = change.Current.Object.Metadata.ResourceVersion } };
        return new StoredObject(change.Current.Key, last, KubeJson.Serialize(last), change.Current.Revision);
    }
}
