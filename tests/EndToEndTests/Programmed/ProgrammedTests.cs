using EndToEndTests.Fixture;

namespace EndToEndTests.Programmed;

/// <summary>Waiting until every node has a Service's rules, and what it says when one has not.</summary>
public sealed class ProgrammedTests(FaultCluster cluster) : FaultTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_service_that_is_waited_for_answers_from_every_node_at_the_first_call(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        await here.PodsReady("run=my-nginx", 2);
        await here.Run("kubectl apply -f ./nginx-svc.yaml");
        await here.EndpointsAre("my-nginx", (await here.PodsReady("run=my-nginx", 2)).Select(pod => pod.Address));
        Assert.Equal("service/my-nginx condition met\n", await here.Run("kubectl wait --for=condition=Programmed --timeout=60s svc/my-nginx"));
        var address = await here.Field("svc my-nginx", ".spec.clusterIP");
        foreach (var node in Cluster.Nodes) Assert.Contains(NamespacedTest.WelcomeTitle, await Cluster.Ssh(node, "curl", "-sS", "--max-time", "20", $"http://{address}"));
        // Another port: what was true of the old one is not answered.
        await here.Run("""kubectl patch svc my-nginx --type=json -p '[{"op":"replace","path":"/spec/ports/0/port","value":8080}]'""");
        Assert.Equal("service/my-nginx condition met\n", await here.Run("kubectl wait --for=condition=Programmed --timeout=60s svc/my-nginx"));
        foreach (var node in Cluster.Nodes) Assert.Contains(NamespacedTest.WelcomeTitle, await Cluster.Ssh(node, "curl", "-sS", "--max-time", "20", $"http://{address}:8080"));
    }, kubectl);

    [Fact]
    public Task A_node_that_does_not_write_its_rules_is_named_and_holds_no_pods_end_for_ever() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.Run("kubectl wait --for=condition=Programmed --timeout=60s svc/my-nginx");
        var (stopped, other) = (pods[0].Node, pods[1]);
        Assert.NotEqual(stopped, other.Node);
        await Cluster.Ssh(stopped, "pkill", "-STOP", "-x", "nodeagent");
        try
        {
            await Cluster.HoldLease(stopped);
            await here.Run($"kubectl delete pod {other.Name} --wait=false");
            await Eventually.Get("the condition names the node", () => here.Field("svc my-nginx", """.status.conditions[?(@.type=="Programmed")].message"""), message => message == $"Waiting for node {stopped}");
            Assert.Equal("False", await here.Field("svc my-nginx", """.status.conditions[?(@.type=="Programmed")].status"""));
            await here.Run($"kubectl wait --for=delete --timeout=60s pod/{other.Name}");
            await Eventually.Get("an event names the node that the pod waited for", () => here.Run($"kubectl get events --field-selector involvedObject.name={other.Name},reason=EndpointsNotWithdrawn"), text => text.Contains($"Still in the Service rules of {stopped}", StringComparison.Ordinal));
        }
        finally { await Cluster.Ssh(stopped, "pkill", "-CONT", "-x", "nodeagent"); }
        Assert.Equal("service/my-nginx condition met\n", await here.Run("kubectl wait --for=condition=Programmed --timeout=60s svc/my-nginx"));
    });
}
