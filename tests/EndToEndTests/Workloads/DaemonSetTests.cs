using EndToEndTests.Fixture;

namespace EndToEndTests.Workloads;

/// <summary>DaemonSets as people use them, with both kubectls.</summary>
public sealed class DaemonSetTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: c, image: nginx, imagePullPolicy: IfNotPresent}]
        """;

    [Theory, MemberData(nameof(BothKubectls))]
    public Task One_pod_runs_on_each_node_and_rolls_forth_and_back(string kubectl) => InNamespace(async here =>
    {
        await Apply(here);
        Assert.Contains("successfully rolled out", await here.Run("kubectl rollout status ds/agent --timeout=120s"));
        var pods = await here.PodsReady("app=agent", Cluster.Nodes.Count);
        Assert.Equal(Cluster.Nodes.Order(), pods.Select(pod => pod.Node).Order());
        Assert.Contains("DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR", await here.Run("kubectl get ds"));
        Assert.Contains("daemonset.apps/agent", await here.Run("kubectl get all"));

        await here.Run("kubectl set env ds/agent COLOUR=blue");
        await here.Run("kubectl rollout status ds/agent --timeout=120s");
        Assert.Equal("blue", await Colour(here));
        Assert.Matches(@"(?s)1 +<none>\s+2 +<none>", await here.Run("kubectl rollout history ds/agent"));
        await here.Run("kubectl rollout undo ds/agent");
        await here.Run("kubectl rollout status ds/agent --timeout=120s");
        Assert.Equal("", await Colour(here));
        Assert.DoesNotContain("COLOUR", await here.Run("kubectl rollout history ds/agent --revision=3"));
        await here.Run("kubectl rollout restart ds/agent");
        await here.Run("kubectl rollout status ds/agent --timeout=120s");
        Assert.Contains("SuccessfulCreate", await here.Run("kubectl describe ds agent"));

        await here.Run("kubectl delete ds agent");
        await Eventually.Get("the pods are gone", () => here.Run("kubectl get pods -o name"), names => !names.Contains("pod/", StringComparison.Ordinal));
    }, kubectl);

    private static async Task Apply(NamespacedTest here)
    {
        var result = await here.Kubectl.TryRun("kubectl apply -f -", Manifest);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private static Task<string> Colour(NamespacedTest here) => here.Field("ds agent", ".spec.template.spec.containers[0].env[?(@.name==\"COLOUR\")].value");
}
