using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using KubeApi.Objects;

namespace KubeApi;

/// <summary>
/// A local copy of the objects of one kind, kept by list and watch (client-go reflector and informer). After a lost
/// connection it goes on from the last revision it saw; where the server has forgotten that (410), it lists again and
/// reports the difference, so that a listener never misses a change and never sees one that did not happen.
/// </summary>
public sealed class Informer<T> where T : KubeObject
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50), LongestDelay = TimeSpan.FromSeconds(5);

    private readonly ApiClient client;
    private readonly ListOptions options;
    private readonly Action<string> log;
    private readonly Func<T, T>? keep;
    private readonly ConcurrentDictionary<string, T> items = new();
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long seen;
    private string? trouble;

    /// <param name="log">Told of lost connections: a line when it begins, when its reason changes, and when it is over.</param>
    /// <param name="keep">What to keep of an object, for a listener that needs less than all of it.</param>
    public Informer(ApiClient client, Action<string> log, ListOptions? options = null, Func<T, T>? keep = null)
    {
        (this.client, this.log, this.keep) = (client, log, keep);
        this.options = options ?? new ListOptions();
    }

    /// <summary>
    /// Old and new state of an object; old is null when it appears, new is null when it is gone. Called in order, by
    /// one thread; listeners must be quick (mark something dirty, queue a key). Subscribe before <see cref="Run"/>.
    /// </summary>
    public event Action<T?, T?>? Changed;

    /// <summary>
    /// <see cref="Revision"/> is this now: by a change, after <see cref="Changed"/> told it, by a list, or by a bookmark. Same thread, same rules.
    /// </summary>
    public event Action<long>? Advanced;

    /// <summary>Done when the first list is in and its objects have been reported. Act on nothing before.</summary>
    public Task Synced => synced.Task;

    /// <summary>
    /// Everything up to this revision is in <see cref="Items"/> and has been reported. A writer whose own write has a
    /// later resourceVersion knows that it is not in yet.
    /// </summary>
    public long Revision => Volatile.Read(ref seen);

    /// <summary>All objects as of now.</summary>
    public IReadOnlyCollection<T> Items => (IReadOnlyCollection<T>)items.Values;

    /// <summary>By <see cref="KubeObject.Key"/>; null if there is none.</summary>
    public T? Get(string key) => items.GetValueOrDefault(key);

    /// <summary>Lists and watches until cancelled; never throws for a server that cannot be reached.</summary>
    public async Task Run(CancellationToken cancel)
    {
        string? revision = null;
        var delay = FirstDelay;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                revision ??= await Relist(cancel);
                await foreach (var change in client.Watch<T>(options with { ResourceVersion = revision }, cancel))
                {
                    revision = change.Object.Metadata.ResourceVersion ?? revision;
                    Apply(change);
                    Saw(revision);
                    delay = FirstDelay; // it works: the next failure is a new one
                    Tell(null);
                }
            }
            catch (ApiException e) when (e.IsExpired) { revision = null; }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (Exception e) when (e is ApiException or HttpRequestException or IOException or SocketException or JsonException or OperationCanceledException)
            {
                Tell(e.Message);
            }
            if (!await Sleep(delay, cancel)) return;
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    /// <param name="message">What keeps it from watching; null when nothing does.</param>
    private void Tell(string? message)
    {
        if (message == trouble) return;
        trouble = message;
        log($"watch of {Resource.Of<T>().QualifiedName}: {(message is null ? "goes on" : $"{message}; trying until it answers")}");
    }

    private async Task<string> Relist(CancellationToken cancel)
    {
        var list = await client.List<T>(options, cancel);
        var present = list.Items.Select(item => item.Key).ToHashSet();
        foreach (var gone in items.Keys.Where(key => !present.Contains(key)).ToList()) Store(gone, null);
        foreach (var item in list.Items) Store(item.Key, item);
        var revision = list.Metadata.ResourceVersion ?? "0";
        Saw(revision);
        synced.TrySetResult();
        Tell(null);
        return revision;
    }

    private void Saw(string revision)
    {
        if (!long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return;
        Volatile.Write(ref seen, number);
        Advanced?.Invoke(number);
    }

    private void Apply(WatchEvent<T> change)
    {
        if (change.Type == "BOOKMARK") return;
        Store(change.Object.Key, change.Type == "DELETED" ? null : change.Object);
    }

    private void Store(string key, T? item)
    {
        var old = items.GetValueOrDefault(key);
        if (item is not null && keep is not null) item = keep(item);
        if (item is null) items.TryRemove(key, out _);
        else if (old?.Metadata.ResourceVersion == item.Metadata.ResourceVersion) return;
        else items[key] = item = item with { Metadata = item.Metadata with { ManagedFields = null } }; // a third of most objects, of use to no controller
        // Deleted and created again between two lists: two objects, not one that changed.
        if (old is not null && item is not null && old.Metadata.Uid != item.Metadata.Uid)
        {
            Changed?.Invoke(old, null);
            old = null;
        }
        if (old is not null || item is not null) Changed?.Invoke(old, item);
    }

    private static async Task<bool> Sleep(TimeSpan delay, CancellationToken cancel)
    {
        try { await Task.Delay(delay, cancel); return true; }
        catch (OperationCanceledException) { return false; }
    }
}
