using EndToEndTests.Fixture;

namespace EndToEndTests.Workloads;

/// <summary>A drain moves pods away and stops where a disruption budget says so.</summary>
public sealed class DrainTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Budget = """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: my-nginx}
        spec: {minAvailable: 2, selector: {matchLabels: {run: my-nginx}}}
        """;

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_drain_waits_for_the_budget(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        var node = (await here.PodsReady("run=my-nginx", 2))[0].Node;
        var applied = await here.Kubectl.TryRun("kubectl apply -f - --validate=false", Budget);
        Assert.True(applied.ExitCode == 0, applied.Error);
        await Eventually.Get("the budget is computed", () => here.Field("pdb my-nginx", ".status.currentHealthy"), healthy => healthy == "2");
        try
        {
            var refused = await here.Kubectl.TryRun($"kubectl drain {node} --ignore-daemonsets --force --timeout=7s");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("Cannot evict pod as it would violate the pod's disruption budget.", refused.Output + refused.Error);
            await here.Run("kubectl delete pdb my-nginx");
            await here.Run($"kubectl drain {node} --ignore-daemonsets --force --timeout=120s");
            Assert.All(await here.PodsReady("run=my-nginx", 2), pod => Assert.NotEqual(node, pod.Node));
        }
        finally { await here.Run($"kubectl uncordon {node}"); }
    }, kubectl);
}
