using System.Collections.Concurrent;
using System.Net.Http;

namespace NodeAgent.Images;

/// <summary>
/// Whether a registry answers at all. Asked for images that are here already, so it must not hold up a pod: an answer
/// is waited for only the first time, and only briefly; later ones are got in the background.
/// </summary>
internal sealed class RegistryReachability
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), ProbeTimeout = TimeSpan.FromSeconds(5), Fresh = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (string? Problem, DateTime At)> known = new();
    private readonly ConcurrentDictionary<string, Task<string?>> probes = new();

    /// <returns>Why the registry cannot be reached; null if it can.</returns>
    public async Task<string?> Problem(string registry, CancellationToken cancel)
    {
        var before = known.TryGetValue(registry, out var found) ? found : ((string? Problem, DateTime At)?)null;
        if (before is { } fresh && DateTime.UtcNow - fresh.At < Fresh) return fresh.Problem;
        var probe = probes.GetOrAdd(registry, name => Task.Run(() => Probe(name), CancellationToken.None));
        if (before is { Problem: { } stale }) return stale;
        try { return await probe.WaitAsync(Patience, cancel); }
        catch (TimeoutException) { return $"no answer from registry {registry}"; }
    }

    private async Task<string?> Probe(string registry)
    {
        var problem = await Ask(registry == "docker.io" ? "registry-1.docker.io" : registry);
        known[registry] = (problem, DateTime.UtcNow);
        probes.TryRemove(registry, out _);
        return problem;
    }

    /// <summary>Whatever the registry says, it is there; whether it lets us in is skopeo's to find out.</summary>
    private static async Task<string?> Ask(string host)
    {
        using var http = new HttpClient { Timeout = ProbeTimeout };
        try
        {
            using var answer = await http.GetAsync($"https://{host}/v2/", HttpCompletionOption.ResponseHeadersRead);
            return null;
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError)
        {
            return e.Message;
        }
        catch (HttpRequestException) { return null; }
        catch (TaskCanceledException) { return $"no answer from registry {host} within {ProbeTimeout.TotalSeconds:0} s"; }
    }
}
