using EndToEndTests.Fixture;

namespace EndToEndTests.Logs;

/// <summary><c>kubectl top</c>, and the node's storage limits, with both kubectls.</summary>
public sealed class TopTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task Nodes_and_pods_are_shown_with_what_they_use(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl run busy --image=busybox -- sh -c 'while true; do :; done'");
        await here.Run("kubectl run idle --image=busybox -- sleep 1000");
        await here.PodsReady("run=busy", 1);
        await here.PodsReady("run=idle", 1);
        var nodes = await Eventually.Get("all nodes", () => here.Run("kubectl top nodes --no-headers"), text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == Cluster.Nodes.Count);
        Assert.All(nodes.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^node\d+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%", line));
        var pods = await Eventually.Get("a busy pod", () => here.Run("kubectl top pods --containers --no-headers --sort-by=cpu"), text => Cpu(text, "busy") > 50 && text.Contains("idle", StringComparison.Ordinal));
        Assert.StartsWith("busy", pods);
        Assert.InRange(Cpu(pods, "idle"), 0, Cpu(pods, "busy") - 1); // its start counts too, at first
        Assert.StartsWith("idle", await here.Run("kubectl top pods -l run=idle --no-headers"));
        Assert.Contains("busy", await here.Run("kubectl top pods -A --no-headers"));
    }, kubectl);

    private static int Cpu(string text, string pod) => text.Split('\n').FirstOrDefault(line => line.StartsWith(pod, StringComparison.Ordinal)) is { } line
        && int.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).First(word => word.EndsWith('m') && char.IsDigit(word[0]))[..^1], out var cpu) ? cpu : -1;

    [Fact]
    public Task A_pod_that_takes_more_disk_than_it_may_is_evicted() => InNamespace(async here =>
    {
        await here.Pipe("""
            apiVersion: v1
            kind: Pod
            metadata: {name: greedy}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: c, image: busybox, command: [sh, -c, "dd if=/dev/zero of=/v/file bs=1M count=8; exec sleep 1000"], volumeMounts: [{name: v, mountPath: /v}]}]
              volumes: [{name: v, emptyDir: {sizeLimit: 2Mi}}]
            """, "kubectl apply -f -");
        await Eventually.Get("the eviction", () => here.Field("pod greedy", ".status.reason"), reason => reason == "Evicted");
        Assert.Equal("Failed", await here.Field("pod greedy", ".status.phase"));
        Assert.Equal("Usage of EmptyDir volume \"v\" exceeds the limit \"2Mi\". ", await here.Field("pod greedy", ".status.message"));
    });
}
