using System.Text.Json;
using EndToEndTests.Fixture;

namespace EndToEndTests.Programmed;

/// <summary>Pods are taken out of all nodes' rules before they are told to end: programs that end at once lose no request, without a sleep in preStop.</summary>
public sealed class RollingUpdateTests(FaultCluster cluster) : FaultTest(cluster)
{
    private const int Replicas = 10, Rounds = 4;

    /// <summary>The first process of the container ends at its stop signal (the image says SIGQUIT), and with it at once all others: nothing is finished, nobody is waited for.</summary>
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          replicas: 10
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              containers:
              - name: web
                image: nginx
                command: [sh, -c, "trap 'exit 0' TERM QUIT; nginx -g 'daemon off;' & wait"]
                ports: [{ containerPort: 80 }]
                readinessProbe: { httpGet: { path: /, port: 80 }, periodSeconds: 1, timeoutSeconds: 10 }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }] }
        """;

    private const string Caller = """
        apiVersion: v1
        kind: Pod
        metadata: { name: caller, labels: { app: caller } }
        spec:
          restartPolicy: Never
          containers: [{ name: curl, image: curlimages/curl, command: [sh, -c, SCRIPT] }]
        """;

    private const string PodFiles = "/tmp/load", OutsideFiles = "/run/load", Stop = ".stop";

    [Fact]
    public Task Rolling_updates_of_programs_that_end_at_once_lose_no_request() => InNamespace(async here =>
    {
        await here.Pipe(Manifest, "kubectl apply -f -");
        var first = await here.PodsReady("app=web", Replicas);
        await here.Run("kubectl wait --for=condition=Programmed --timeout=60s service/web");
        await StartLoads(here);
        for (var round = 0; round < Rounds; round++) await Replace(here, slow: Cluster.Nodes[round % Cluster.Nodes.Count]);
        var last = await here.PodsReady("app=web", Replicas);
        var (inside, outside) = await EndLoads(here);
        Assert.Empty(first.Select(pod => pod.Uid).Intersect(last.Select(pod => pod.Uid)));
        Assert.True(inside.Failed.Count == 0 && outside.Failed.Count == 0, $"from a pod: {inside}\nfrom outside: {outside}\n{await here.Run("kubectl get events")}");
        // There was a load all the time; how many requests a crowded machine makes of it is not asserted.
        Assert.InRange(Math.Min(inside.Answered, outside.Answered), 200, int.MaxValue);
    });

    /// <summary>All pods, while a node is slow: its agent is held up again and again, and the other node's pods have to wait for its rules.</summary>
    private async Task Replace(NamespacedTest here, string slow)
    {
        await here.Run("kubectl rollout restart deployment/web");
        var done = here.Run("kubectl rollout status deployment/web --timeout=4m");
        for (var i = 0; i < 3; i++) await Cluster.Ssh(slow, "sh", "-c", "pkill -STOP -x nodeagent; sleep 1.5; pkill -CONT -x nodeagent; sleep 1");
        await done;
    }

    private async Task StartLoads(NamespacedTest here)
    {
        var inside = SteadyLoad.Script($"http://{await here.Field("svc web", ".spec.clusterIP")}", PodFiles, PodFiles + Stop);
        await here.Pipe(Caller.Replace("SCRIPT", JsonSerializer.Serialize($"{inside}\nsleep 600"), StringComparison.Ordinal), "kubectl apply -f -");
        await here.PodsReady("app=caller", 1);
        var address = await here.Field($"node {Cluster.Nodes[0]}", ".status.addresses[0].address");
        var outside = SteadyLoad.Script($"http://{address}:{await here.Field("svc web", ".spec.ports[0].nodePort")}", OutsideFiles, OutsideFiles + Stop);
        await Cluster.Ssh("outside", "sh", "-c", $"rm -f {OutsideFiles}.*; ({outside}\n) >/dev/null 2>&1 &");
        await Eventually.Get("both loads run", async () => (Inside: SteadyLoad.Read(await Inside(here)), Outside: SteadyLoad.Read(await Outside())),
            loads => Math.Min(loads.Inside.Answered, loads.Outside.Answered) > 100);
    }

    private async Task<(SteadyLoad Inside, SteadyLoad Outside)> EndLoads(NamespacedTest here)
    {
        await here.Run($"kubectl exec caller -- touch {PodFiles}{Stop}");
        await Cluster.Ssh("outside", "touch", OutsideFiles + Stop);
        return (SteadyLoad.Read(await Eventually.Get("the load in the pod ends", () => Inside(here), SteadyLoad.IsOver)),
            SteadyLoad.Read(await Eventually.Get("the load from outside ends", Outside, SteadyLoad.IsOver)));
    }

    private static Task<string> Inside(NamespacedTest here) => here.Run($"kubectl exec caller -- sh -c '{SteadyLoad.Show(PodFiles)}'");

    private Task<string> Outside() => Cluster.Ssh("outside", "sh", "-c", SteadyLoad.Show(OutsideFiles));
}
