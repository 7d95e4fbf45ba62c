using System.Text.RegularExpressions;
using EndToEndTests.Fixture;

namespace EndToEndTests.Guide;

/// <summary>Station 2 of the guide: a Service.</summary>
public sealed class ServiceTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_service_of_the_replication_controller_is_shown_as_the_guide_prints_it(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create -f ./nginxrc.yaml");
        Assert.Equal("service/nginxsvc created\n", await here.Run("kubectl create -f ./nginxsvc.yaml"));
        Assert.Equal("service/my-nginx exposed\n", await here.Run("kubectl expose rc my-nginx --port=80"));
        var pods = await here.PodsReady("app=nginx", 2);
        Assert.Matches(@"nginxsvc +ClusterIP +10\.96\.\d+\.\d+ +<none> +80/TCP", await here.Run("kubectl get svc"));
        await AssertServiceWorks(here, "nginxsvc", "app=nginx", pods);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_exposed_deployment_is_shown_as_the_guide_prints_it(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        Assert.Equal("service/my-nginx exposed\n", await here.Run("kubectl expose deployment/my-nginx"));
        await AssertServiceWorks(here, "my-nginx", "run=my-nginx", await here.PodsReady("run=my-nginx", 2));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_applied_service_is_shown_as_the_guide_prints_it(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        Assert.Equal("service/my-nginx created\n", await here.Run("kubectl apply -f ./nginx-svc.yaml"));
        await AssertServiceWorks(here, "my-nginx", "run=my-nginx", await here.PodsReady("run=my-nginx", 2));
        Assert.Equal("service/my-nginx unchanged\n", await here.Run("kubectl apply -f ./nginx-svc.yaml"));
    }, kubectl);

    [Fact]
    public Task Calls_reach_both_pods_about_equally() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        var url = $"http://{await here.Field("svc my-nginx", ".spec.clusterIP")}:80/counted";
        foreach (var node in Cluster.Nodes)
        {
            await here.Answers(node, url.Replace("/counted", ""));
            await Cluster.Ssh(node, "sh", "-c", $"for i in $(seq 100); do curl -s -o /dev/null {url}; done");
        }
        var counts = new List<int>();
        foreach (var pod in pods) counts.Add(Regex.Count(await Cluster.ContainerLog(pod, "my-nginx"), "\\] \"GET /counted "));
        Assert.Equal(200, counts.Sum());
        // Of 200 fair throws fewer than 65 heads come once in a million runs.
        Assert.All(counts, count => Assert.InRange(count, 65, 135));
    });

    [Fact]
    public Task The_cluster_ip_never_appears_on_the_wire() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        foreach (var node in Cluster.Nodes) await here.Answers(node, $"http://{clusterIp}");
        var packets = await PacketCapture.Of(Cluster, Cluster.Nodes, async () =>
        {
            foreach (var node in Cluster.Nodes)
                await Cluster.Ssh(node, "sh", "-c", $"for i in $(seq 20); do curl -sf -o /dev/null http://{clusterIp}:80 || exit 1; done");
            await here.CurlFromPod($"http://{clusterIp}:80");
        });
        // That the other node's pod is seen proves that the capture sees what crosses the wire.
        foreach (var pod in pods) Assert.Contains($"{pod.Address}.80", packets, StringComparison.Ordinal);
        Assert.DoesNotContain(clusterIp, packets, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_deleted_pod_leaves_the_endpoints_and_its_successor_joins_them() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var before = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", before.Select(pod => pod.Address));
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await here.Run($"kubectl delete pod {before[0].Name}");
        var after = await here.PodsReady("run=my-nginx", 2);
        Assert.DoesNotContain(before[0].Name, after.Select(pod => pod.Name));
        await here.EndpointsAre("my-nginx", after.Select(pod => pod.Address));
        Assert.Equal(clusterIp, await here.Field("svc my-nginx", ".spec.clusterIP"));
        foreach (var node in Cluster.Nodes) await here.Answers(node, $"http://{clusterIp}");
    });

    [Fact]
    public Task Constant_calls_recover_by_themselves_when_one_of_two_pods_is_deleted() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await here.Answers(Cluster.Nodes[0], $"http://{clusterIp}");
        await using var calls = await ConstantCalls.Start(Cluster, Cluster.Nodes[0], $"http://{clusterIp}");
        await calls.Succeed(10);
        await here.Run($"kubectl delete pod {pods[0].Name}");
        var after = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", after.Select(pod => pod.Address));
        await calls.Succeed(30);
    });

    [Fact]
    public Task A_pod_reaches_itself_through_its_service() => InNamespace(async here =>
    {
        await here.Run("kubectl create -f ./nginxsvc.yaml");
        var clusterIp = await here.Field("svc nginxsvc", ".spec.clusterIP");
        // One server only, which calls the clusterIP: there is no other pod that could answer.
        await here.Run($"kubectl run itself --image=nginx --labels=app=nginx --command -- sh -c " +
            $"'nginx; until curl -sf -m 2 http://{clusterIp} >/dev/null; do sleep 0.2; done; echo reached myself; sleep 600'");
        var pod = (await here.PodsReady("app=nginx", 1))[0];
        await Eventually.Get("the pod reached itself", () => Cluster.ContainerLog(pod, "itself"), log => log.Contains("reached myself", StringComparison.Ordinal));
    });

    private async Task AssertServiceWorks(NamespacedTest here, string service, string selector, IReadOnlyList<TestPod> pods)
    {
        Assert.Matches($@"^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE *\n{service} +ClusterIP +10\.96\.\d+\.\d+ +<none> +80/TCP +\d+s\n$", await here.Run($"kubectl get svc {service}"));
        await here.EndpointsAre(service, pods.Select(pod => pod.Address));
        var description = await here.Run($"kubectl describe svc {service}");
        Assert.Matches($@"Selector: +{selector}\n", description);
        Assert.Matches(@"Session Affinity: +None\n", description);
        Assert.Matches(@"Events: +<none>\n", description);
        var shown = Regex.Match(description, @"Endpoints: +(.*)\n").Groups[1].Value.Split(',').Order(StringComparer.Ordinal);
        var addresses = pods.Select(pod => $"{pod.Address}:80").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(addresses, shown);
        var endpoints = await here.Run($"kubectl get ep {service} | grep {service}");
        Assert.All(addresses, address => Assert.Contains(address, endpoints, StringComparison.Ordinal));
        var slices = await here.Run($"kubectl get endpointslices -l kubernetes.io/service-name={service}");
        Assert.Matches($@"{service}-\w+ +IPv4 +80 +", slices);
        var clusterIp = await here.Field($"svc {service}", ".spec.clusterIP");
        foreach (var node in Cluster.Nodes) await here.Answers(node, $"http://{clusterIp}:80");
        var (page, _) = await here.CurlFromPod($"http://{clusterIp}:80");
        Assert.Contains(NamespacedTest.WelcomeHeading, page, StringComparison.Ordinal);
    }
}
