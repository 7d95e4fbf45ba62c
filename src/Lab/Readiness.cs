using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Lab;

/// <summary>Waits until a cluster does its work, asking as kubectl on the host would.</summary>
internal sealed class Readiness(Cluster cluster, Action<string> say)
{
    /// <summary>Generous: a loaded machine without compiled-ahead code needs most of it, and a node some seconds of a CPU.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2), BoundPerNode = TimeSpan.FromSeconds(10);

    /// <summary>Longer with many nodes: each look is a list of all of them, beside their start on the same CPUs; also where each is looked at by itself.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50), PausePerNode = TimeSpan.FromMilliseconds(5), PauseBeside = TimeSpan.FromMilliseconds(100);

    /// <param name="answering">What is to be done as soon as the API server answers, as its administrator.</param>
    /// <exception cref="LabException">It does not get ready; says what is missing and where the logs are.</exception>
    public async Task Wait(int nodes, Func<HttpClient, CancellationToken, Task> answering, CancellationToken cancel)
    {
        using var client = Client(AdminCredentials.Read(cluster.KubeconfigPath));
        await Until(async () => await Get(client, "/readyz", cancel) is not null ? null : "the API server does not answer /readyz", Bound, Pause, cancel);
        say($"the API server answers on {client.BaseAddress}");
        await answering(client, cancel);
        await Until(async () =>
        {
            var unready = Enumerable.Range(1, nodes).Select(number => $"node{number}").Except(ReadyNodes(await Get(client, "/api/v1/nodes", cancel))).ToList();
            return unready.Count == 0 ? null : $"not Ready: {Names(unready)}";
        }, Bound + nodes * BoundPerNode, Pause + nodes * PausePerNode, cancel);
        say($"{nodes} nodes are Ready");
    }

    /// <summary>Waits for one node alone; looks rarely, since others do so beside it.</summary>
    /// <exception cref="LabException">It does not get ready.</exception>
    public async Task WaitForNode(string name, CancellationToken cancel)
    {
        using var client = Client(AdminCredentials.Read(cluster.KubeconfigPath));
        await Until(async () => IsReady(await Get(client, $"/api/v1/nodes/{name}", cancel)) ? null : $"not Ready: {name}", Bound, PauseBeside, cancel);
    }

    private static bool IsReady(string? node)
    {
        if (node is null) return false;
        using var document = JsonDocument.Parse(node);
        return IsReady(document.RootElement);
    }

    private static string Names(IReadOnlyList<string> nodes) => nodes.Count <= 10 ? string.Join(", ", nodes) : $"{string.Join(", ", nodes.Take(5))} and {nodes.Count - 5} more";

    /// <summary>The names of the nodes in a NodeList whose condition Ready is True.</summary>
    internal static IEnumerable<string> ReadyNodes(string? nodeList)
    {
        if (nodeList is null) return [];
        using var document = JsonDocument.Parse(nodeList);
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Where(IsReady).Select(node => node.GetProperty("metadata").GetProperty("name").GetString()!)];
    }

    private static bool IsReady(JsonElement node) =>
        node.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out var conditions) &&
        conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True");

    private async Task Until(Func<Task<string?>> missing, TimeSpan bound, TimeSpan pause, CancellationToken cancel)
    {
        var end = DateTime.UtcNow + bound;
        var nextWord = DateTime.UtcNow + TimeSpan.FromSeconds(2);
        while (await missing() is { } what)
        {
            if (DateTime.UtcNow > end) throw new LabException($"{what}; see 'scripts/cluster logs control' and 'scripts/cluster logs node1'");
            if (DateTime.UtcNow > nextWord)
            {
                say($"waiting, {what} ...");
                nextWord += TimeSpan.FromSeconds(5);
            }
            await Task.Delay(pause, cancel);
        }
    }

    /// <summary>Null while there is no good answer.</summary>
    private static async Task<string?> Get(HttpClient client, string path, CancellationToken cancel)
    {
        try { return await client.GetStringAsync(new Uri(path, UriKind.Relative), cancel); }
        catch (HttpRequestException) { return null; }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested) { return null; } // the client's own time limit
    }

    private static HttpClient Client(AdminCredentials credentials)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [credentials.Client],
                // As the default check, but against the cluster's own authority.
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { credentials.Authority }, RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new HttpClient(handler) { BaseAddress = credentials.Server, Timeout = TimeSpan.FromSeconds(5) };
    }
}
