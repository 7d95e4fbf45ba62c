using System.Net.Http.Json;
using System.Security.Cryptography;
using Linux;

namespace Lab;

/// <summary>Makes machines nodes as people do: a token of the cluster's, and <c>nodeagent join</c> on each machine; a few at a time.</summary>
internal sealed class NodeJoining(Cluster cluster, Action<string> say)
{
    private const string Secrets = "/api/v1/namespaces/kube-system/secrets";
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1), Bound = TimeSpan.FromMinutes(2), Pause = TimeSpan.FromSeconds(1), FirstWord = TimeSpan.FromSeconds(2), NextWord = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Machines that have joined before are left alone. Of many, the next ones join when those before are Ready: each agent takes some seconds of a CPU to start,
    /// and a hundred that start together leave none to the control plane, or to whoever else is on the host.
    /// </summary>
    /// <param name="client">The administrator's.</param>
    /// <exception cref="LabException">One cannot join; says why.</exception>
    public async Task Run(HttpClient client, CancellationToken cancel)
    {
        var strangers = cluster.Nodes.Where(node => node.InitPid is { } pid && !File.Exists($"/proc/{pid}/root{Programs.NodeIdentity}")).ToList();
        if (strangers.Count == 0) return;
        var (id, secret) = (Word(6), Word(16));
        var name = $"bootstrap-token-{id}";
        using var made = await client.PostAsJsonAsync(Secrets, new
        {
            kind = "Secret", apiVersion = "v1", metadata = new { name }, type = "bootstrap.kubernetes.io/token",
            stringData = new Dictionary<string, string>
            {
                ["token-id"] = id, ["token-secret"] = secret, ["expiration"] = $"{DateTime.UtcNow + TokenLife:yyyy-MM-dd'T'HH:mm:ss'Z'}", ["description"] = "made by lab up, which deletes it",
                ["usage-bootstrap-authentication"] = "true", ["auth-extra-groups"] = "system:bootstrappers:kubeadm:default-node-token",
            },
        }, cancel);
        if (!made.IsSuccessStatusCode) throw new LabException($"the cluster takes no join token: {await made.Content.ReadAsStringAsync(cancel)}");
        var pin = Convert.ToHexStringLower(SHA256.HashData(AdminCredentials.Read(cluster.KubeconfigPath).Authority.PublicKey.ExportSubjectPublicKeyInfo()));
        var readiness = new Readiness(cluster, _ => { });
        var joined = 0;
        await using (new Timer(_ => say($"{joined} of {strangers.Count} nodes have joined ..."), null, FirstWord, NextWord))
            await Parallel.ForEachAsync(strangers, new ParallelOptions { MaxDegreeOfParallelism = ClusterUp.BootsTogether, CancellationToken = cancel }, async (node, stop) =>
            {
                await Join(node, $"{id}.{secret}", pin, stop);
                await readiness.WaitForNode(node.Name, stop);
                Interlocked.Increment(ref joined);
            });
        using var _ = await client.DeleteAsync($"{Secrets}/{name}", cancel);
        say($"{(strangers.Count > 10 ? $"{strangers.Count} nodes" : string.Join(", ", strangers.Select(node => node.Name)))} joined by a token");
    }

    /// <summary>Where a hundred programs start at once, a handshake may take longer than a client waits for it: once more then.</summary>
    private static async Task Join(Machine node, string token, string pin, CancellationToken cancel)
    {
        for (var end = DateTime.UtcNow + Bound; ; await Task.Delay(Pause, cancel))
        {
            var command = node.Entry([Programs.Agent, "join", Programs.ApiServer, "--token-file", "-", "--discovery-token-ca-cert-hash", $"sha256:{pin}"]);
            var result = await CommandRunner.TryRun(command[0], command.Skip(1), token, cancel: cancel);
            if (result.ExitCode == 0) return;
            if (DateTime.UtcNow > end) throw new LabException($"{node.Name} cannot join: {result.Error.Trim()}");
        }
    }

    private static string Word(int length) => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", length);
}
