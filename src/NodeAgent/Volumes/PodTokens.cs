using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Volumes;

/// <summary>A service account's token for one pod.</summary>
/// <param name="RefreshAt">When to ask for the next one.</param>
internal sealed record PodToken(string Text, DateTime RefreshAt, DateTime ExpiresAt);

/// <summary>
/// Tokens of pods' service accounts, asked of the API server (TokenRequest), bound to the pod, and asked for anew after
/// 80 % of their life or a day (kubelet, pkg/kubelet/token). Held in memory only.
/// </summary>
internal sealed class PodTokens(ApiClient client)
{
    /// <summary>API default of serviceAccountToken.expirationSeconds.</summary>
    private const long DefaultSeconds = 3600;

    private const double UsedShare = 0.8;

    /// <summary>Spreads the requests of pods that started together.</summary>
    private static readonly TimeSpan MostJitter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestUse = TimeSpan.FromHours(24), RetryAfter = TimeSpan.FromSeconds(10), ShortestUse = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Uid, string Audience, long Seconds), PodToken> known = new();

    /// <exception cref="VolumeException">There is none, and none can be had now.</exception>
    public async Task<PodToken> Get(Pod pod, ServiceAccountTokenProjection wanted, CancellationToken cancel)
    {
        var key = (pod.Metadata.Uid!, wanted.Audience ?? "", wanted.ExpirationSeconds ?? DefaultSeconds);
        var old = known.GetValueOrDefault(key);
        if (old is not null && DateTime.UtcNow < old.RefreshAt) return old;
        try { return known[key] = await Request(pod, key.Item2, key.Item3, cancel); }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            // One that still holds is good enough until the server answers again.
            if (old is not null && DateTime.UtcNow < old.ExpiresAt) return known[key] = old with { RefreshAt = DateTime.UtcNow + RetryAfter };
            throw new VolumeException($"failed to fetch token: {e.Message}");
        }
    }

    public void Forget(string uid)
    {
        foreach (var key in known.Keys.Where(key => key.Uid == uid)) known.TryRemove(key, out _);
    }

    /// <summary>When a token is to be replaced.</summary>
    internal static DateTime RefreshAt(DateTime issued, DateTime expires, TimeSpan jitter)
    {
        var used = (expires - issued) * UsedShare;
        var use = (used < LongestUse ? used : LongestUse) - jitter;
        return issued + (use > ShortestUse ? use : ShortestUse);
    }

    private async Task<PodToken> Request(Pod pod, string audience, long seconds, CancellationToken cancel)
    {
        var issued = DateTime.UtcNow;
        var answer = await client.Post<ServiceAccount, TokenRequest>(pod.Namespace, pod.Spec!.ServiceAccountName ?? "default", "token", new TokenRequest
        {
            Spec = new TokenRequestSpec
            {
                Audiences = audience.Length == 0 ? null : [audience], ExpirationSeconds = seconds,
                BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Name, Uid = pod.Metadata.Uid },
            },
        }, cancel);
        var expires = answer.Status?.ExpirationTimestamp ?? issued.AddSeconds(seconds);
        return new PodToken(answer.Status?.Token ?? "", RefreshAt(issued, expires, MostJitter * Random.Shared.NextDouble()), expires);
    }
}
