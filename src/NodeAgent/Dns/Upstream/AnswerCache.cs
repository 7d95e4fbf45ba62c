using System.Collections.Concurrent;

namespace NodeAgent.Dns.Upstream;

/// <summary>What is asked of an upstream.</summary>
internal sealed record UpstreamQuestion(byte[] Name, ushort Type, bool Dnssec)
{
    public bool Equals(UpstreamQuestion? other) => other is not null && Type == other.Type && Dnssec == other.Dnssec && Name.AsSpan().SequenceEqual(other.Name);

    public override int GetHashCode() => HashCode.Combine(DnsNameComparer.Instance.GetHashCode(Name), Type, Dnssec);
}

/// <summary>An answer and when it came.</summary>
internal sealed record UpstreamAnswer(DnsAnswer Answer, DateTime At)
{
    /// <summary>Whole seconds, by which its TTLs have shrunk.</summary>
    public uint Age(DateTime now) => now > At ? (uint)(now - At).TotalSeconds : 0;
}

/// <summary>Answers of upstreams for as long as they hold, 30 s at most; bounded in number and in size.</summary>
internal sealed class AnswerCache(int capacity = 4096)
{
    private const uint LongestSeconds = 30;
    private const int LargestAnswer = 4096;

    private readonly ConcurrentDictionary<UpstreamQuestion, (UpstreamAnswer Answer, DateTime Until)> answers = new();
    private int count;

    public UpstreamAnswer? Find(UpstreamQuestion question, DateTime now)
    {
        if (!answers.TryGetValue(question, out var entry)) return null;
        if (now < entry.Until && now >= entry.Answer.At) return entry.Answer;
        if (answers.TryRemove(new(question, entry))) Interlocked.Decrement(ref count);
        return null;
    }

    /// <summary>Keeps it if it may be kept: an answer or "there is none", complete, with a TTL.</summary>
    public void Add(UpstreamQuestion question, UpstreamAnswer answer)
    {
        var message = answer.Answer;
        if (message.Code is not (ResponseCode.NoError or ResponseCode.NameError) || message.Lifetime == 0 || message.Truncated || message.Length > LargestAnswer) return;
        if (count >= capacity) Shrink(answer.At);
        if (answers.TryAdd(question, (answer, answer.At.AddSeconds(Math.Min(message.Lifetime, LongestSeconds))))) Interlocked.Increment(ref count);
    }

    /// <summary>What no longer holds goes first; if that is not enough, whatever comes first, down to three quarters.</summary>
    private void Shrink(DateTime now)
    {
        foreach (var entry in answers)
            if (entry.Value.Until <= now && answers.TryRemove(entry)) Interlocked.Decrement(ref count);
        foreach (var entry in answers)
        {
            if (count <= capacity * 3 / 4) return;
            if (answers.TryRemove(entry)) Interlocked.Decrement(ref count);
        }
    }
}
