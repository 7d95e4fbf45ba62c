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

    /// <summary>The page after the object (namespace, name) of the state at a revision.</summary>
    private sealed record Token(long Rv, string Ns, string Name);

    /// <exception cref="StatusException">400 malformed parameters, 410 token too old, 504 revision of the future.</exception>
    public Task Handle(ApiRequest request)
    {
        var filter = ListFilter.Of(request);
        var limit = request.Number("limit") is > 0 and var n ? (int)Math.Min(n, int.MaxValue - 1) : int.MaxValue - 1;
        var token = request.Query("continue") is { } text ? Read(text) : null;
        var snapshot = token is null ? Current(request) : Kept(token.Rv);

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
        return request.Query("resourceVersionMatch") == "Exact" && wanted != snapshot.Revision ? Kept(wanted) : snapshot;
    }

    private void Keep(StoreSnapshot snapshot)
    {
        lock (gate)
        {
            if (kept.Any(other => other.Revision == snapshot.Revision)) return;
            kept.Enqueue(snapshot);
            if (kept.Count > KeptSnapshots) kept.Dequeue();
        }
    }

    private StoreSnapshot Kept(long revision)
    {
        lock (gate)
            return kept.FirstOrDefault(snapshot => snapshot.Revision == revision)
                ?? throw StatusException.Expired("The resourceVersion for the provided list is too old.");
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
