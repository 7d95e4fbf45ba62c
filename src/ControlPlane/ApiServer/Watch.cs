using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// GET with watch=true: one JSON event a line, for as long as the client stays or as timeoutSeconds says. Without a
/// revision, or with 0, the present state comes first. What starts to match a selector is ADDED, what stops is DELETED.
/// </summary>
internal sealed class Watch(ObjectStore store)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(60);

    /// <exception cref="StatusException">400 malformed parameters.</exception>
    public async Task Handle(ApiRequest request, CancellationToken stopping)
    {
        var filter = ListFilter.Of(request);
        var events = new WatchEvents(request, MediaType.Accepted(request.Http.Request));
        var initial = request.Flag("sendInitialEvents");
        var from = request.Revision ?? 0;
        ListOptions.Validate(request);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        if (request.Number("timeoutSeconds") is > 0 and var seconds) ending.CancelAfter(TimeSpan.FromSeconds(Math.Min(seconds, 86_400)));

        request.Http.Response.ContentType = MediaType.Json;
        request.Http.Response.Headers.CacheControl = "no-cache, private";
        try
        {
            await events.Flush(); // the headers, also where nothing happens for long
            var snapshot = initial || from == 0 ? store.Snapshot : null;
            from = snapshot?.Revision ?? from;
            using var watch = store.Log.Watch(from, Interest(request, filter));
            if (snapshot is not null) await WritePresent(request, filter, events, snapshot, initial);
            await WriteChanges(request, filter, events, watch, from, ending.Token);
        }
        catch (RevisionTooOldException e)
        {
            await events.Error(StatusException.Expired(e.Message));
        }
        catch (SlowWatcherException e)
        {
            await events.Error(StatusException.Expired(e.Message));
        }
        catch (OperationCanceledException)
        {
            // The client went away, its time is up, or the server stops: the stream ends.
        }
    }

    private static Func<StoreEvent, bool> Interest(ApiRequest request, ListFilter filter)
    {
        var resource = request.Resource.QualifiedName;
        return change => change.Current.Key.Resource == resource
            && (filter.Matches(change.Current) || change.Previous is not null && filter.Matches(change.Previous));
    }

    private static async Task WritePresent(ApiRequest request, ListFilter filter, WatchEvents events, StoreSnapshot snapshot, bool initial)
    {
        foreach (var item in filter.Select(snapshot)) events.Object("ADDED", item);
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
                if (!watch.Changes.TryPeek(out _) && !await watch.Changes.WaitToReadAsync(pause.Token)) return;
            }
            catch (OperationCanceledException) when (!ending.IsCancellationRequested)
            {
                known = store.Log.Revision;
            }
            while (watch.Changes.TryRead(out var change)) known = Math.Max(known, Write(events, filter, change));
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
        else if (matched) events.Object("DELETED", change.Current);
        return change.Current.Revision;
    }
}

/// <summary>Writes the events of one watch in the form that its client asked for.</summary>
internal sealed class WatchEvents(ApiRequest request, AnswerForm form)
{
    private readonly PipeWriter body = request.Http.Response.BodyWriter;
    private bool columnsSent;

    public void Object(string type, StoredObject obj)
    {
        if (form == AnswerForm.Json) Line(type, obj.Json.Span);
        else if (form == AnswerForm.Metadata) Line(type, KubeJson.Serialize(PartialMetadata.Of(obj.Object)));
        else
        {
            Line(type, KubeJson.Serialize(TablePrinter.List(request, [obj], new ListMeta { ResourceVersion = obj.Object.Metadata.ResourceVersion }, !columnsSent)));
            columnsSent = true;
        }
    }

    /// <summary>Tells a revision up to which the client has seen everything.</summary>
    /// <param name="endOfInitial">The present state is complete (KEP-3157).</param>
    public void Bookmark(long revision, bool endOfInitial)
    {
        var metadata = $"{{\"resourceVersion\":\"{revision}\"{(endOfInitial ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "")},\"creationTimestamp\":null}}";
        var (kind, apiVersion) = form == AnswerForm.Metadata ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (request.Resource.Kind, request.Resource.ApiVersion);
        var obj = $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{metadata}}}";
        if (form == AnswerForm.Table)
            obj = $"{{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{{\"resourceVersion\":\"{revision}\"}},\"columnDefinitions\":null,\"rows\":[{{\"cells\":[],\"object\":{obj}}}]}}";
        Line("BOOKMARK", Encoding.UTF8.GetBytes(obj));
    }

    public async Task Error(StatusException error)
    {
        Line("ERROR", KubeJson.Serialize(error.Status));
        await Flush();
    }

    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task Flush()
    {
        var result = await body.FlushAsync(request.Aborted);
        if (result.IsCompleted) throw new OperationCanceledException();
    }

    private void Line(string type, ReadOnlySpan<byte> obj)
    {
        body.Write(Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":"));
        body.Write(obj);
        body.Write("}\n"u8);
    }
}
