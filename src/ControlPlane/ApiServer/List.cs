using System.Text;
using System.Text.Json;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// GET of a collection, in pages where the client sets a limit. All pages of a list show the state of the first: their
/// token names its revision, and the few snapshots that are being paged through are kept.
/// </summary>
internal sealed class List(ObjectStore store)
{
    private const int KeptSnapshots = 32;

    private readonly object gate = new();
    private readonly Queue<StoreSnapshot> kept = new();

    /// <summary>The page after the object (namespace, name) of the state at a revision, or of the present state where that is -1.</summary>
    private sealed record Token(long Rv, string Ns, string Name);

    /// <exception cref="StatusException">400 malformed parameters, 410 token too old, 504 revision of the future.</exception>
    public Task Handle(ApiRequest request)
    {
        var filter = ListFilter.Of(request);
        ListOptions.Validate(request);
        var limit = request.Number("limit") is > 0 and var n ? (int)Math.Min(n, int.MaxValue - 1) : int.MaxValue - 1;
        var token = request.Query("continue") is { } text ? Read(text) : null;
        if (token is not null && request.Revision is > 0) throw StatusException.BadRequest("specifying resource version is not allowed when using continue");
        var snapshot = token is null ? Current(request) : token.Rv < 0 ? store.Snapshot : Kept(token.Rv) ?? throw TokenExpired(token);

        var matching = filter.Select(snapshot);
        if (token is not null) matching = matching.SkipWhile(item => Compare(item.Key, token) <= 0);
        var page = matching.Take(limit + 1).ToList();
        var meta = new ListMeta { ResourceVersion = snapshot.Revision.ToString() };
        if (page.Count > limit)
        {
            page.RemoveAt(limit);
            Keep(snapshot);
            meta = meta with
            {
                Continue = Write(new Token(snapshot.Revision, page[^1].Key.Namespace, page[^1].Key.Name)),
                RemainingItemCount = filter.HasSelector ? null : matching.Count() - limit,
            };
        }
        return ObjectAnswer.List(request, page, meta);
    }

    private StoreSnapshot Current(ApiRequest request)
    {
        var snapshot = store.Snapshot;
        if (request.Revision is not (> 0 and var wanted)) return snapshot;
        if (wanted > snapshot.Revision) throw StatusException.TooLargeRevision(wanted, snapshot.Revision);
        return request.Query("resourceVersionMatch") == "Exact" && wanted != snapshot.Revision
            ? Kept(wanted) ?? throw StatusException.Expired("The resourceVersion for the provided list is too old.") : snapshot;
    }

    /// <summary>With a token by which a client may go on that takes a list of two states (KEP-365, inconsistent continue).</summary>
    private StatusException TokenExpired(Token token) => new(410, "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in "
        + "this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
        + "deleted between the time the first chunk was returned and now may show up in the list.",
        null, new ListMeta { Continue = Write(token with { Rv = -1 }) });

    private void Keep(StoreSnapshot snapshot)
    {
        lock (gate)
        {
            if (kept.Any(other => other.Revision == snapshot.Revision)) return;
            kept.Enqueue(snapshot);
            if (kept.Count > KeptSnapshots) kept.Dequeue();
        }
    }

    /// <summary>The state at a revision; null where it is no longer kept.</summary>
    private StoreSnapshot? Kept(long revision)
    {
        if (store.Snapshot is var current && current.Revision == revision) return current;
        lock (gate) return kept.FirstOrDefault(snapshot => snapshot.Revision == revision);
    }

    private static int Compare(StoreKey key, Token token) =>
        string.CompareOrdinal(key.Namespace, token.Ns) is not 0 and var byNamespace ? byNamespace : string.CompareOrdinal(key.Name, token.Name);

    private static string Write(Token token) => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(token)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static Token Read(string text)
    {
        try
        {
            var base64 = text.Replace('-', '+').Replace('_', '/');
            var json = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            return JsonSerializer.Deserialize<Token>(Encoding.UTF8.GetString(json)) is { Ns: not null, Name: not null } token ? token : throw new FormatException();
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw StatusException.BadRequest("continue key is not valid: the token was not made by this server");
        }
    }
}
