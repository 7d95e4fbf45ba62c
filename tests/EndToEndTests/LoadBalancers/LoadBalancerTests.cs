using System.Text.RegularExpressions;
using EndToEndTests.Fixture;

namespace EndToEndTests.LoadBalancers;

/// <summary>Services of type LoadBalancer and with external IPs, from outside the cluster.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class LoadBalancerTests(FaultCluster cluster) : FaultTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_node_port_service_is_edited_to_a_load_balancer_as_the_guide_prints_it(string kubectl) => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        await here.Run("kubectl expose deployment/my-nginx --type=NodePort");
        await here.PodsReady("run=my-nginx", 2);
        var edited = await here.Run("KUBE_EDITOR='sed -i s/NodePort/LoadBalancer/' kubectl edit svc my-nginx");
        Assert.Equal("service/my-nginx edited\n", edited); // and no warning
        var address = await service.ExternalIp();
        var described = await here.Run("kubectl describe service my-nginx");
        Assert.Matches($@"LoadBalancer Ingress: +{Regex.Escape(address)}( \(VIP\))?\n", described);
        Assert.Matches(@"Normal +EnsuredLoadBalancer .* Ensured load balancer\n", described);
        await service.AnswersOutside(address);
        await service.Holder(address);
        foreach (var node in Cluster.Nodes) await here.Answers(node, $"http://{address}");
        var (page, _) = await here.CurlFromPod($"http://{address}");
        Assert.Contains(NamespacedTest.WelcomeHeading, page, StringComparison.Ordinal);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_service_changes_its_type_and_leaves_nothing_behind(string kubectl) => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        await service.Make("type: ClusterIP");
        await here.PodsReady("run=my-nginx", 2);
        await service.Patch("""{"type":"NodePort"}""");
        var nodePort = await service.NodePort();
        await service.EverywhereSays(nodePort);
        await service.Patch("""{"type":"LoadBalancer"}""");
        var address = await service.ExternalIp();
        Assert.Equal(nodePort, await service.NodePort());
        await service.EverywhereSays(nodePort, address);
        await service.AnswersOutside(address);

        await service.Patch("""{"type":"NodePort"}""");
        await service.NothingSays(address);
        await service.EverywhereSays(nodePort);
        Assert.Matches($@"my-nginx +NodePort +10\.96\.\d+\.\d+ +<none> +80:{nodePort}/TCP", await here.Run("kubectl get svc my-nginx"));
        Assert.Equal("", await here.Field("svc my-nginx", ".status.loadBalancer.ingress"));
        await Eventually.Get("no finalizer is left", () => here.Field("svc my-nginx", ".metadata.finalizers"), finalizers => finalizers == "");
        Assert.DoesNotContain("load-balancer-pool", await here.Run("kubectl get svc my-nginx -o yaml"), StringComparison.Ordinal);

        await service.Patch("""{"type":"LoadBalancer"}""");
        Assert.Equal(address, await service.ExternalIp()); // it is the first free one again
        await service.AnswersOutside(address);
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await service.Patch("""{"type":"ExternalName","externalName":"example.com"}""");
        await service.NothingSays(address, nodePort, clusterIp, $"{here.Namespace}/my-nginx");
        Assert.Matches(@"my-nginx +ExternalName +<none> +example\.com +80/TCP", await here.Run("kubectl get svc my-nginx"));

        await service.Patch("""{"type":"LoadBalancer","externalName":null}""");
        address = await service.ExternalIp();
        await service.AnswersOutside(address);
        nodePort = await service.NodePort();
        await service.Patch("""{"type":"ClusterIP"}""");
        await service.NothingSays(address, nodePort);
        clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await service.EverywhereSays(clusterIp);
        await here.Answers(Cluster.Nodes[0], $"http://{clusterIp}");

        await service.Patch("""{"type":"LoadBalancer"}""");
        await service.AnswersOutside(await service.ExternalIp());
        await here.Run("kubectl delete svc my-nginx");
        await service.NothingSays(address, clusterIp, $"{here.Namespace}/my-nginx");
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task External_ips_answer_outside_while_the_service_has_them(string kubectl) => InNamespace(async here =>
    {
        const string onLink = "192.168.56.199", routed = "198.51.100.7";
        var service = new LoadBalancer(Cluster, here);
        await service.Make($"externalIPs: [{onLink}, {routed}]");
        Assert.Matches($@"my-nginx +ClusterIP +10\.96\.\d+\.\d+ +{onLink},{routed} +80/TCP", await here.Run("kubectl get svc my-nginx"));
        Assert.Matches($@"External IPs: +{onLink},{routed}\n", await here.Run("kubectl describe svc my-nginx"));
        await here.PodsReady("run=my-nginx", 2);
        foreach (var node in Cluster.Nodes)
        {
            // They are not of the cluster's pool, so that who has them routes them.
            var via = await here.Field($"node {node}", ".status.addresses[?(@.type==\"InternalIP\")].address");
            foreach (var address in new[] { onLink, routed }) await Cluster.Ssh(LoadBalancer.Outside, "ip", "route", "replace", $"{address}/32", "via", via);
            await service.AnswersOutside(onLink);
            await service.AnswersOutside(routed);
        }
        await service.Patch("""{"externalIPs":null}""");
        await service.NothingSays(onLink, routed);
        foreach (var address in new[] { onLink, routed }) await Cluster.Ssh(LoadBalancer.Outside, "ip", "route", "delete", $"{address}/32");
    }, kubectl);

    [Fact]
    public Task Source_ranges_let_in_who_is_of_them_and_no_other() => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        await service.Make("type: LoadBalancer, loadBalancerSourceRanges: [192.168.56.1/32]");
        await here.PodsReady("run=my-nginx", 2);
        var address = await service.ExternalIp();
        await service.AnswersOutside(address);
        await service.Patch("""{"loadBalancerSourceRanges":["203.0.113.99/32"]}""");
        await service.FailsOutside(address, 28);
        // The ranges are for the load balancer's address alone.
        var node = await here.Field($"node {Cluster.Nodes[0]}", ".status.addresses[?(@.type==\"InternalIP\")].address");
        await service.AnswersOutside($"{node}:{await service.NodePort()}");
        await service.Patch("""{"loadBalancerSourceRanges":null}""");
        await service.AnswersOutside(address);
    });

    [Fact]
    public Task Two_services_have_two_addresses_and_a_wanted_one_is_given() => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        await service.Make("type: LoadBalancer, loadBalancerIP: 192.168.56.244");
        await here.PodsReady("run=my-nginx", 2);
        Assert.Equal("192.168.56.244", await service.ExternalIp());
        await here.Run("kubectl expose deployment my-nginx --name=second --type=LoadBalancer --load-balancer-ip=192.168.56.244 --port=81 --target-port=80");
        await Eventually.Get("the second Service says why it waits", () => here.Run("kubectl describe svc second"),
            described => described.Contains($"loadBalancerIP 192.168.56.244 is already allocated to {here.Namespace}/my-nginx", StringComparison.Ordinal));
        await here.Run("kubectl delete svc my-nginx");
        await Eventually.Get("and gets it once it is free", () => here.Field("svc second", ".status.loadBalancer.ingress[0].ip"), ip => ip == "192.168.56.244");
        await service.AnswersOutside("192.168.56.244:81");
    });
}
