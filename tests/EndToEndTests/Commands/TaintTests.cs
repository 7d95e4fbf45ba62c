using EndToEndTests.Fixture;

namespace EndToEndTests.Commands;

/// <summary><c>kubectl taint</c> and <c>cordon</c>: where pods may go, and which must leave.</summary>
public sealed class TaintTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_taint_keeps_pods_away_or_drives_them_out_until_it_is_removed(string kubectl) => InNamespace(async here =>
    {
        var (tainted, other) = (Cluster.Nodes[0], Cluster.Nodes[^1]);
        try
        {
            Assert.Equal($"node/{tainted} tainted\n", await here.Run($"kubectl taint node {tainted} test=yes:NoSchedule"));
            await here.Run("kubectl create deployment web --image=nginx --replicas=2");
            Assert.All(await here.PodsReady("app=web", 2), pod => Assert.Equal(other, pod.Node));
            Assert.Equal($"node/{tainted} untainted\n", await here.Run($"kubectl taint node {tainted} test-"));

            await here.Run($"kubectl taint node {other} test=yes:NoExecute");
            await Eventually.Get($"both pods moved to {tainted}", () => here.PodsReady("app=web", 2), pods => pods.All(pod => pod.Node == tainted));
        }
        finally { await here.Run($"kubectl taint node {tainted} test- || true; kubectl taint node {other} test- || true"); }
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_pod_that_fits_on_no_node_says_why_and_goes_when_one_is_free_again(string kubectl) => InNamespace(async here =>
    {
        try
        {
            foreach (var node in Cluster.Nodes) await here.Run($"kubectl cordon {node}");
            Assert.Matches("Ready,SchedulingDisabled", await here.Run("kubectl get nodes"));
            await here.Run("kubectl run waits --image=nginx");
            await Eventually.Get("the pod says why", () => here.Run("kubectl describe pod waits"),
                text => text.Contains("FailedScheduling", StringComparison.Ordinal) && text.Contains("0/2 nodes are available: 2 node(s) were unschedulable.", StringComparison.Ordinal));
            Assert.Matches("waits +0/1 +Pending", await here.Run("kubectl get pods"));
        }
        finally { foreach (var node in Cluster.Nodes) await here.Run($"kubectl uncordon {node}"); }
        await here.PodsReady("run=waits", 1);
    }, kubectl);
}
