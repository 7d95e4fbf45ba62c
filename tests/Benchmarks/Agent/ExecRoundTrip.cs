using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using KubeApi;
using KubeApi.Objects;
using Lab;

namespace Benchmarks.Agent;

/// <summary>
/// <c>exec true</c> through the API server and the agent, by WebSocket from this process: the connection, the command
/// and its exit status. The peer is <c>runc exec</c> of the same command in the same container, on the node.
/// </summary>
internal static class ExecRoundTrip
{
    public static async Task<Figure> Measure(Cluster cluster, ApiClient client, int rounds, CancellationToken cancel)
    {
        await client.Create(BenchPods.Sleeper("exec"), cancel);
        var pod = await BenchPods.Ready(client, "exec", cancel);
        var kubeconfig = Kubeconfig.Load(cluster.KubeconfigPath);
        using var handler = kubeconfig.CreateHandler();
        using var invoker = new HttpMessageInvoker(handler);
        var ours = new List<double>();
        for (var i = 0; i < rounds + 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await One(kubeconfig.Server, invoker, cancel);
            if (i >= 5) ours.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        var id = pod.Status!.ContainerStatuses![0].ContainerID!["runc://".Length..];
        var peer = await cluster.Node(1).Run("sh", "-c",
            $"for i in $(seq {rounds}); do a=$(date +%s%N); runc --root /run/nodeagent/runc exec {id} true || exit 1; b=$(date +%s%N); echo $((b-a)); done");
        await BenchPods.Clear(client, cancel);
        var runc = peer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture) / 1e6).ToList();
        return new Figure("exec true, round trip", new Series("exec", "ms", ours), new Series("runc exec", "ms", runc), "");
    }

    private static async Task One(string server, HttpMessageInvoker invoker, CancellationToken cancel)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("v5.channel.k8s.io");
        var uri = new UriBuilder(server) { Scheme = "wss", Path = "/api/v1/namespaces/default/pods/exec/exec", Query = "command=true&stdout=true&stderr=true" };
        await socket.ConnectAsync(uri.Uri, invoker, cancel);
        var buffer = new byte[4096];
        var status = "";
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, cancel);
            if (received.MessageType == WebSocketMessageType.Close) break;
            if (buffer[0] == 3) status = System.Text.Encoding.UTF8.GetString(buffer, 1, received.Count - 1);
        }
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
        if (!status.Contains("Success", StringComparison.Ordinal)) throw new IOException($"exec true said: {status}");
    }
}
