using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

public sealed class NodeTests(FaultCluster cluster) : FaultTest(cluster)
{
    [Fact]
    public Task A_node_whose_plug_is_pulled_is_NotReady_and_runs_its_pods_again_after_booting() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        await here.PodsReady("run=my-nginx", 2);
        var node = Cluster.Nodes[^1];
        await Cluster.Kill(node);
        await Ready(here, node, "Unknown");
        await Cluster.Boot(node);
        await Ready(here, node, "True");

        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        foreach (var from in Cluster.Nodes)
        {
            await here.Answers(from, $"http://{clusterIp}");
            foreach (var pod in pods) await here.Answers(from, $"http://{pod.Address}");
        }
        Assert.Matches($@"{node} +Ready ", await here.Run("kubectl get nodes"));
    });

    private static Task Ready(NamespacedTest here, string node, string status) => Eventually.Get($"{node} has Ready {status}",
        () => here.Field($"node {node}", """.status.conditions[?(@.type=="Ready")].status"""), got => got == status);
}
