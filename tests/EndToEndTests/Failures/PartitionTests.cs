using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>A node that is cut off from all others, and lives.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class PartitionTests(FaultCluster cluster) : FaultTest(cluster)
{
    /// <summary>A Deployment on both nodes; on node2 alone a server, and a client that calls it by name without end and writes down what comes of it.</summary>
    private const string Manifest = Web.Manifest + """
        apiVersion: v1
        kind: Service
        metadata: { name: given-up }
        spec: { selector: { app: web }, ports: [{ port: 80 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: server, labels: { app: near } }
        spec: { nodeSelector: { kubernetes.io/hostname: node2 }, terminationGracePeriodSeconds: 1, containers: [{ name: nginx, image: nginx }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: near }
        spec: { selector: { app: near }, ports: [{ port: 80 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: client, labels: { app: client } }
        spec:
          nodeSelector: { kubernetes.io/hostname: node2 }
          terminationGracePeriodSeconds: 1
          containers:
          - name: main
            image: radial/busyboxplus:curl
            command: [sh, -c, "while true; do curl -s -o /dev/null -m 5 http://near && echo good || echo \"bad $?\"; sleep 0.2; done"]
        """;

    [Fact]
    public Task A_node_that_is_cut_off_serves_its_own_and_gives_up_what_was_given_to_others_when_it_is_back() => InNamespace(async here =>
    {
        var (stays, cut) = (Cluster.Nodes[0], Cluster.Nodes[1]);
        await here.Pipe(Manifest, "kubectl apply -f -");
        var before = await here.PodsReady("app=web", 2);
        await here.PodsReady("app=near", 1);
        var client = Assert.Single(await here.PodsReady("app=client", 1));
        await Eventually.Get("the client is answered", () => Calls(client), calls => calls.Length > 3 && calls[^1] == "good");
        var (web, givenUp) = (await here.Field("svc web", ".spec.clusterIP"), await here.Field("svc given-up", ".spec.clusterIP"));
        var already = (await Calls(client)).Length;

        await Cluster.Cut(cut);
        string[] during;
        try
        {
            await here.NodeIs(cut, "Unknown");
            Assert.All(await here.PodsReady("app=web", 2), pod => Assert.Equal(stays, pod.Node));
            // What nobody makes again is there once, and waits for its node's word.
            Assert.NotEmpty(await here.Field("pod server", ".metadata.deletionTimestamp"));
            await here.Answers(stays, $"http://{web}");
            await here.Run("kubectl delete svc given-up");
            during = (await Calls(client))[already..];
        }
        finally { await Cluster.Heal(cut); }
        Assert.True(during.Length > 20, $"{during.Length} calls");
        Assert.All(during, call => Assert.Equal("good", call));

        await here.NodeIs(cut, "True");
        await Eventually.Get("what was replaced or deleted is gone", () => here.Run("kubectl get pods -o name"), names => names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 2);
        await Eventually.Get($"{cut} runs nothing of it", () => Cluster.PodTraces(cut), traces => traces.Length == 0);
        var now = await here.PodsReady("app=web", 2);
        await here.EndpointsAre("web", now.Select(pod => pod.Address));
        await Cluster.LeftRules(cut, [givenUp, .. before.Where(pod => pod.Node == cut).Select(pod => pod.Address)]);
        await here.Answers(cut, $"http://{web}");
        await here.Run("kubectl scale deployment web --replicas=4");
        foreach (var pod in (await here.PodsReady("app=web", 4)).Where(pod => pod.Node == cut)) await here.Answers(stays, $"http://{pod.Address}");
    });

    private async Task<string[]> Calls(TestPod client) =>
        [.. (await Cluster.ContainerLog(client, "main")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 4)[^1])];
}
