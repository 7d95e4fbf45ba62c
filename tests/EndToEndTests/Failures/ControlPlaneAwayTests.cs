using System.Diagnostics;
using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>The control plane is away, for longer than any lease holds.</summary>
public sealed class ControlPlaneAwayTests(FaultCluster cluster) : FaultTest(cluster)
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(13);

    private const string Manifest = Web.Manifest + """
        apiVersion: v1
        kind: Pod
        metadata: { name: fragile, labels: { app: fragile } }
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: main, image: busybox, command: [sh, -c, "echo begun; while true; do sleep 1; done # fragile-one"] }] }
        """;

    [Fact]
    public Task Pods_Services_and_names_go_on_and_nobody_is_given_up_when_it_is_back() => InNamespace(async here =>
    {
        await here.Pipe(Manifest, "kubectl apply -f -");
        var pods = await here.PodsReady("app=web", 2);
        var fragile = Assert.Single(await here.PodsReady("app=fragile", 1));
        var (node, clusterIp) = (Cluster.Nodes[0], await here.Field("svc web", ".spec.clusterIP"));
        await here.Answers(node, $"http://{clusterIp}");
        await Task.Delay(TimeSpan.FromSeconds(2)); // the agents write down what they know
        var ready = await here.NodesReadySince();

        await using (var calls = await ConstantCalls.Start(Cluster, node, $"http://{clusterIp}", seconds: 5))
        {
            await calls.Succeed(5);
            await Cluster.Kill("control");
            var away = Stopwatch.StartNew();
            try
            {
                await Cluster.Ssh(fragile.Node, "pkill", "-KILL", "-f", "^sh -c echo begun.*fragile-one");
                await Eventually.Get("the container runs again", () => Cluster.ContainerLog(fragile, "main"), log => log.Split("begun").Length == 3);
                Assert.Equal(clusterIp, (await Cluster.Ssh(node, "dig", "+short", "@10.96.0.10", $"web.{here.Namespace}.svc.cluster.local")).Trim());
                if (Away - away.Elapsed is var left && left > TimeSpan.Zero) await Task.Delay(left);
                await calls.Succeed(20);
            }
            finally { await Cluster.Boot("control"); }
            await Eventually.Get("the control plane answers", () => here.Run("kubectl get --raw /readyz"), text => text == "ok");
            await Eventually.Get("it learns what happened meanwhile", () => here.Field("pod fragile", ".status.containerStatuses[0].restartCount"), count => count == "1");
            await calls.Succeed(20);
            Assert.All(await calls.Codes(), code => Assert.Equal("200", code));
        }
        await here.Run("kubectl scale deployment web --replicas=4");
        var now = await here.PodsReady("app=web", 4);
        await here.EndpointsAre("web", now.Select(pod => pod.Address));
        Assert.Subset(now.Select(pod => pod.Uid).ToHashSet(), pods.Select(pod => pod.Uid).ToHashSet());
        Assert.Equal(ready, await here.NodesReadySince()); // the leases were older than they hold
    });
}
