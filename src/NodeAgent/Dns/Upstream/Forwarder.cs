using System.Collections.Concurrent;
using System.Net;

namespace NodeAgent.Dns.Upstream;

/// <summary>
/// Answers for names that are not the cluster's: from the cache, or from the node's own name servers, one after the other. The same question
/// asked by many at once is sent once.
/// </summary>
/// <param name="ask">Null: it did not answer.</param>
/// <param name="isOwn">Addresses that are answered here: asking them would be a loop.</param>
internal sealed class Forwarder(NodeResolvConf node, Func<IPEndPoint, UpstreamQuestion, Task<DnsAnswer?>> ask, Func<IPAddress, bool> isOwn)
{
    private const int MostInFlight = 512, Port = 53;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1), AvoidFor = TimeSpan.FromSeconds(10);

    private readonly AnswerCache cache = new();
    private readonly ConcurrentDictionary<UpstreamQuestion, Task<UpstreamAnswer?>> inFlight = new();
    private readonly ConcurrentDictionary<IPAddress, DateTime> silent = new();
    private volatile IReadOnlyList<IPAddress> servers = [];
    private (DateTime, DateTime) version;
    private long looked = -LookEvery.Ticks;

    /// <returns>Null: nobody can be asked, nobody answers, or too much is being asked already.</returns>
    public Task<UpstreamAnswer?> Resolve(UpstreamQuestion question)
    {
        if (cache.Find(question, DateTime.UtcNow) is { } known) return Task.FromResult<UpstreamAnswer?>(known);
        if (inFlight.TryGetValue(question, out var same)) return same;
        if (inFlight.Count >= MostInFlight) return Task.FromResult<UpstreamAnswer?>(null);
        var mine = new TaskCompletionSource<UpstreamAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var task = inFlight.GetOrAdd(question, mine.Task);
        if (task == mine.Task) _ = Complete(question, mine);
        return task;
    }

    private async Task Complete(UpstreamQuestion question, TaskCompletionSource<UpstreamAnswer?> result)
    {
        UpstreamAnswer? answer = null;
        try
        {
            if (await AskAll(question) is { } message)
            {
                answer = new UpstreamAnswer(message, DateTime.UtcNow);
                cache.Add(question, answer);
            }
        }
        finally
        {
            inFlight.TryRemove(question, out _);
            result.TrySetResult(answer);
        }
    }

    /// <summary>Those that did not answer lately come last. A server that only says that it failed is not the last word.</summary>
    private async Task<DnsAnswer?> AskAll(UpstreamQuestion question)
    {
        DnsAnswer? failure = null;
        var now = DateTime.UtcNow;
        foreach (var server in Servers().OrderBy(server => silent.TryGetValue(server, out var until) && until > now ? 1 : 0).Take(3))
        {
            var answer = await ask(new IPEndPoint(server, Port), question);
            if (answer is null) silent[server] = DateTime.UtcNow + AvoidFor;
            else silent.TryRemove(server, out _);
            if (answer is { Code: not (ResponseCode.ServerFailure or ResponseCode.Refused) }) return answer;
            failure ??= answer;
        }
        return failure;
    }

    /// <summary>As the node's file has them now.</summary>
    private IReadOnlyList<IPAddress> Servers()
    {
        var now = Environment.TickCount64;
        if (now - Interlocked.Read(ref looked) < LookEvery.TotalMilliseconds) return servers;
        lock (cache)
        {
            Interlocked.Exchange(ref looked, now);
            if (node.Version is var current && current == version) return servers;
            version = current;
            return servers = [.. node.Read().Servers.Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()
                .Where(address => !isOwn(address)).Distinct()];
        }
    }
}
