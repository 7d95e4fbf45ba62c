using EndToEndTests.Fixture;

namespace EndToEndTests.Dns;

/// <summary>Pods on the node's own network, and ports of the node that lead to pods.</summary>
public sealed class NodeNetworkTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Fact]
    public Task A_pod_on_the_nodes_network_has_its_address_and_name_and_is_a_Services_endpoint() => InNamespace(async here =>
    {
        await here.Pipe(DnsManifests.NodeNetwork, "kubectl apply -f -");
        var pod = (await here.PodsReady("app=on-node", 1))[0];
        await here.PodsReady("app=client", 1);
        Assert.Equal(await here.Field("pod on-node", ".status.hostIP"), pod.Address);
        Assert.Equal(pod.Node, (await here.Run("kubectl exec on-node -- hostname")).Trim());
        Assert.StartsWith("# Kubernetes-managed hosts file (host network).\n", await here.Run("kubectl exec on-node -- cat /etc/hosts"));
        Assert.Contains("nameserver 10.96.0.10", await here.Run("kubectl exec on-node -- cat /etc/resolv.conf"));
        await here.EndpointsAre("on-node", [pod.Address]);
        Assert.Equal("from-the-node\n", await Eventually.Get("the client reaches it by its Service's name", () => here.Run("kubectl exec client -- curl -s http://on-node"), text => text.Length > 0));
    });

    [Fact]
    public Task A_host_port_is_open_from_outside_survives_the_agent_and_ends_with_the_pod() => InNamespace(async here =>
    {
        await here.Pipe(DnsManifests.NodeNetwork, "kubectl apply -f -");
        var pod = (await here.PodsReady("app=host-port", 1))[0];
        var url = $"http://{await here.Field("pod host-port", ".status.hostIP")}:8088";
        await here.Answers("outside", url);
        foreach (var node in Cluster.Nodes) await here.Answers(node, url);
        await Cluster.CrashAgent(pod.Node, meanwhile: () => here.Answers("outside", url));
        await here.Answers("outside", url);
        await here.Run("kubectl delete pod host-port --grace-period=1");
        Assert.DoesNotContain("8088", await Cluster.Ssh(pod.Node, "iptables-save", "-t", "nat"));
    });
}
