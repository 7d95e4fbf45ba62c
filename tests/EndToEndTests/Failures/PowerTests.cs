using System.Globalization;
using EndToEndTests.Fixture;
using Xunit.Abstractions;

namespace EndToEndTests.Failures;

/// <summary>Machines whose power is pulled, one and all.</summary>
public sealed class PowerTests(FaultCluster cluster, ITestOutputHelper output) : FaultTest(cluster)
{
    /// <summary>Pods on both nodes behind a Service, and one on node2 alone that says on that node's disk whenever it starts.</summary>
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          replicas: 4
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec: { terminationGracePeriodSeconds: 1, containers: [{ name: nginx, image: nginx, ports: [{ containerPort: 80 }] }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: alone, labels: { app: alone } }
        spec:
          nodeSelector: { kubernetes.io/hostname: node2 }
          terminationGracePeriodSeconds: 1
          containers:
          - { name: main, image: busybox, command: [sh, -c, "echo started >>/disk/starts; sleep 3600"], volumeMounts: [{ name: disk, mountPath: /disk }] }
          volumes: [{ name: disk, hostPath: { path: /var/lib/power-test, type: DirectoryOrCreate } }]
        """;

    private const string Starts = "/var/lib/power-test/starts";

    [Fact]
    public Task A_node_without_power_leaves_the_rules_at_its_leases_end_and_comes_back_by_itself_without_its_old_pods() => InNamespace(async here =>
    {
        var (stays, lost) = (Cluster.Nodes[0], Cluster.Nodes[1]);
        var (pods, url) = await Serving(here, stays);
        await here.PodsReady("app=alone", 1);

        await Cluster.Kill(lost);
        var leaseEnd = await LeaseEnd(here, lost);
        var gone = await Cluster.LeftRules(stays, pods.Where(pod => pod.Node == lost).Select(pod => pod.Address));
        output.WriteLine($"its endpoints left the rules {(gone - leaseEnd).TotalSeconds:0.00} s after its lease's end");
        Assert.InRange((gone - leaseEnd).TotalSeconds, -0.5 * TestMachines.Patience, 10 * TestMachines.Patience); // two seconds, on a machine that has nothing else to do
        await using (var calls = await ConstantCalls.Start(Cluster, stays, url))
        {
            await calls.Succeed(20);
            Assert.All(await calls.Codes(), code => Assert.Equal("200", code));
        }
        await here.NodeIs(lost, "Unknown");
        Assert.All(await here.PodsReady("app=web", 4), pod => Assert.Equal(stays, pod.Node));
        output.WriteLine($"its pods ran elsewhere {(DateTime.UtcNow - leaseEnd).TotalSeconds:0.00} s after its lease's end");
        Assert.NotEmpty(await here.Field("pod alone", ".metadata.deletionTimestamp")); // nobody there who could say that it has ended

        await Cluster.Boot(lost);
        await here.NodeIs(lost, "True");
        await Eventually.Get("the old pods are gone", () => here.Run("kubectl get pods -o name"), names => names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 4);
        await Eventually.Get($"{lost} holds nothing of them", () => Cluster.PodTraces(lost), traces => traces.Length == 0);
        Assert.Equal("started", (await Cluster.Ssh(lost, "cat", Starts)).Trim()); // before the power went, and not again
        await Cluster.Ssh(lost, "rm", "-r", Path.GetDirectoryName(Starts)!);

        await here.Run("kubectl scale deployment web --replicas=6");
        pods = await here.PodsReady("app=web", 6);
        Assert.Contains(pods, pod => pod.Node == lost);
        await here.EndpointsAre("web", pods.Select(pod => pod.Address));
        foreach (var from in Cluster.Nodes) await here.Answers(from, url);
    });

    [Fact]
    [Trait(TestMachines.Trait, TestMachines.Lab)]
    public Task The_whole_clusters_power_is_pulled_and_all_that_was_acknowledged_comes_back_by_itself() => InNamespace(async here =>
    {
        var (_, url) = await Serving(here, Cluster.Nodes[0]);
        var port = await here.Field("svc web", ".spec.ports[0].nodePort");
        var acknowledged = new List<string>();
        var writing = WriteUntilRefused(here, acknowledged);
        await Eventually.Get("something is written", () => Task.FromResult(acknowledged.Count), count => count >= 3);
        await Task.WhenAll(Cluster.Machines.Select(Cluster.Kill));
        await writing;

        foreach (var machine in Cluster.Machines.Reverse()) await Cluster.Boot(machine); // in any order
        await Eventually.Get("the control plane answers", () => here.Run("kubectl get --raw /readyz"), text => text == "ok");
        var present = (await here.Run("kubectl get configmaps -o name")).Split('\n');
        Assert.All(acknowledged, name => Assert.Contains($"configmap/{name}", present));
        foreach (var node in Cluster.Nodes) await here.NodeIs(node, "True");
        foreach (var from in Cluster.Nodes) await here.Answers(from, url);
        await here.Answers("outside", $"http://192.168.56.11:{port}");
        var pods = await here.PodsReady("app=web", 4);
        await here.EndpointsAre("web", pods.Select(pod => pod.Address));
        foreach (var pod in pods) await here.Answers(Cluster.Nodes[0], $"http://{pod.Address}");
        await here.Run("kubectl scale deployment web --replicas=6");
        await here.PodsReady("app=web", 6);
        await Cluster.Ssh(Cluster.Nodes[1], "rm", "-rf", Path.GetDirectoryName(Starts)!);
    });

    private async Task<(IReadOnlyList<TestPod> Pods, string Url)> Serving(NamespacedTest here, string from)
    {
        await here.Pipe(Manifest, "kubectl apply -f -");
        var pods = await here.PodsReady("app=web", 4);
        Assert.All(Cluster.Nodes, node => Assert.Contains(pods, pod => pod.Node == node));
        var url = $"http://{await here.Field("svc web", ".spec.clusterIP")}";
        await here.Answers(from, url);
        return (pods, url);
    }

    /// <summary>The lease does not change any more.</summary>
    private static async Task<DateTime> LeaseEnd(NamespacedTest here, string node)
    {
        var words = (await here.Run($"kubectl get lease {node} -n kube-node-lease -o jsonpath='{{.spec.renewTime}} {{.spec.leaseDurationSeconds}}'")).Split(' ');
        return DateTime.Parse(words[0], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).AddSeconds(int.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Creates one object after the other; those whose creation was answered are in the list.</summary>
    private static async Task WriteUntilRefused(NamespacedTest here, List<string> acknowledged)
    {
        try
        {
            for (var number = 0; number < 1000; number++)
            {
                await here.Run($"kubectl create configmap written-{number}");
                acknowledged.Add($"written-{number}");
            }
        }
        catch (Linux.CommandException) { } // the power is off
    }
}
