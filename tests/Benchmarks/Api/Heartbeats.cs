namespace Benchmarks.Api;

/// <summary>Renews every node's lease each ten seconds, as kubelets do; without them the control plane would take the nodes for dead.</summary>
internal sealed class Heartbeats : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public Heartbeats(ServerProcess server) => running = Task.Run(() => Run(server, stop.Token));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private static async Task Run(ServerProcess server, CancellationToken cancel)
    {
        try
        {
            using var connection = await HttpConnection.Open(server.Port, server.Admin, cancel);
            using var timer = new PeriodicTimer(Period / StoredCluster.Nodes);
            for (var node = 0; await timer.WaitForNextTickAsync(cancel); node = (node + 1) % StoredCluster.Nodes)
            {
                var patch = System.Text.Encoding.ASCII.GetBytes($"{{\"spec\":{{\"renewTime\":\"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}\"}}}}");
                var answer = await connection.Send(HttpConnection.Request("PATCH", $"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-{node}", patch, "application/merge-patch+json"), cancel);
                if (answer.Status != 200) throw new InvalidOperationException($"a lease was not renewed: {answer.Status}");
            }
        }
        catch (OperationCanceledException) { }
    }
}
