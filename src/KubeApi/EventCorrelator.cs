using KubeApi.Objects;

namespace KubeApi;

/// <summary>
/// Keeps events from becoming a flood (client-go tools/record EventCorrelator): the same event again only raises a count;
/// from the tenth different message within ten minutes about the same thing on, they are told as one; and a source may say
/// no more than so much about one object. Remembers a bounded number of events. Not for several threads.
/// </summary>
internal sealed class EventCorrelator
{
    private const int MostRemembered = 4096, MostSimilar = 10, Burst = 25;
    private const string Combined = "(combined from similar events): ";

    private static readonly TimeSpan SimilarWithin = TimeSpan.FromMinutes(10), TokenEvery = TimeSpan.FromMinutes(5);

    /// <summary>What makes events similar: all but their message.</summary>
    private readonly record struct Kind(string? Component, string? Host, ObjectReference About, string? Type, string? Reason);

    /// <summary>Events that count as the same; those that are told as one have no message.</summary>
    internal readonly record struct Identity(string? Component, string? Host, ObjectReference About, string? Type, string? Reason, string? Message);

    private sealed record Similar(DateTime Last, HashSet<string> Messages);

    private sealed record Bucket(double Tokens, DateTime At);

    private readonly RecentlyUsed<Kind, Similar> similar = new(MostRemembered);
    private readonly RecentlyUsed<(string?, string?, ObjectReference), Bucket> buckets = new(MostRemembered);
    private readonly RecentlyUsed<Identity, Event> written = new(MostRemembered);

    /// <summary>What to write for a new event: null for nothing.</summary>
    /// <returns>The event to create, or, with <c>Count</c> over 1, the present one to be changed to this.</returns>
    public (Identity Identity, Event Event)? Correlate(Event item, DateTime now)
    {
        // Another state of the same object is the same object.
        var about = item.InvolvedObject with { ResourceVersion = null };
        var kind = new Kind(item.Source?.Component, item.Source?.Host, about with { FieldPath = null }, item.Type, item.Reason);
        var isCombined = Aggregate(kind, item.Message ?? "", now);
        if (isCombined) item = item with { Message = Combined + item.Message };
        var identity = new Identity(kind.Component, kind.Host, isCombined ? kind.About : about, item.Type, item.Reason, isCombined ? null : item.Message);
        if (written.TryGet(identity, out var before))
            item = before with { Count = before.Count + 1, LastTimestamp = item.LastTimestamp, Message = item.Message };
        return Take((kind.Component, kind.Host, kind.About), now) ? (identity, item) : null;
    }

    /// <summary>The event is on the server.</summary>
    public void Wrote(Identity identity, Event item) => written.Set(identity, item);

    /// <summary>The event has expired on the server; true if it was known.</summary>
    public bool Forget(Identity identity) => written.Remove(identity);

    /// <summary>True: there were so many messages lately that this one is told together with the others.</summary>
    private bool Aggregate(Kind kind, string message, DateTime now)
    {
        if (!similar.TryGet(kind, out var known) || now - known.Last > SimilarWithin) known = new Similar(now, []);
        known.Messages.Add(message);
        similar.Set(kind, known with { Last = now });
        if (known.Messages.Count < MostSimilar) return false;
        known.Messages.Remove(known.Messages.First());
        return true;
    }

    private bool Take((string?, string?, ObjectReference) key, DateTime now)
    {
        var tokens = buckets.TryGet(key, out var bucket) ? Math.Min(Burst, bucket.Tokens + (now - bucket.At) / TokenEvery) : Burst;
        if (tokens < 1) return false;
        buckets.Set(key, new Bucket(tokens - 1, now));
        return true;
    }
}
