using KubeApi.Objects;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Services that become others, and those that are none of the proxy's.</summary>
public abstract partial class MatrixTests
{
    [Fact]
    public async Task A_service_that_changes_its_type_leaves_nothing_behind()
    {
        var before = await fixture.Nodes[1].State();
        var extra = new ExtraService(6);
        var (balanced, slice) = (extra.ToObject(), extra.ToSlice(9801, FourPods));
        Service As(string type, bool nodePorts) => balanced with
        {
            Spec = balanced.Spec! with { Type = type, ExternalIPs = null, Ports = [.. balanced.Spec.Ports!.Select(port => port with { NodePort = nodePorts ? port.NodePort : null })] },
            Status = new() { LoadBalancer = new() },
        };
        async Task Reaches(Service service, bool cluster, bool node, bool balancer)
        {
            await Put(service, slice);
            var pod = fixture.World.ClientPod(1);
            Assert.Equal(cluster, (await AskInVain(pod, "tcp", extra.ClusterIP, 80)).StartsWith("pod", StringComparison.Ordinal));
            Assert.Equal(node, (await AskInVain(pod, "tcp", AddressPlan.Node(1), extra.NodePort)).StartsWith("pod", StringComparison.Ordinal));
            Assert.Equal(balancer, (await AskInVain(pod, "tcp", extra.LoadBalancerIP, 80)).StartsWith("pod", StringComparison.Ordinal));
            Assert.Equal([], await fixture.Nodes[1].Drift());
        }
        await Reaches(As("ClusterIP", false), true, false, false);
        var asClusterIP = await fixture.Nodes[1].State();
        await Reaches(balanced, true, true, true);
        await Reaches(As("NodePort", true), true, true, false);
        await Reaches(As("ClusterIP", false), true, false, false);
        Assert.Equal(asClusterIP, await fixture.Nodes[1].State());
        await Reaches(balanced with { Spec = balanced.Spec! with { Type = "ExternalName", ExternalName = "example.com", ClusterIP = null, ClusterIPs = null } }, false, false, false);
        Assert.Equal(before, await fixture.Nodes[1].State());
        await Reaches(balanced, true, true, true);
        await Remove(balanced, slice);
        Assert.Equal(before, await fixture.Nodes[1].State());
    }

    [Fact]
    public async Task Headless_services_and_those_of_another_proxy_are_left_alone()
    {
        var before = await fixture.Nodes[1].State();
        var extra = new ExtraService(7);
        var (service, slice) = (extra.ToObject(), extra.ToSlice(9801, FourPods));
        await Put(service with { Spec = service.Spec! with { Type = "ClusterIP", ClusterIP = "None", ClusterIPs = ["None"] } }, slice);
        Assert.Equal(before, await fixture.Nodes[1].State());
        await Put(service with { Metadata = service.Metadata with { Labels = new Dictionary<string, string> { ["service.kubernetes.io/service-proxy-name"] = "mine" } } }, slice);
        Assert.Equal(before, await fixture.Nodes[1].State());
        Assert.Equal(Asker.Silent, await AskInVain(fixture.World.ClientPod(1), "tcp", extra.ClusterIP, 80));
        await Remove(service, slice);
    }

    /// <summary>A node has a load balancer's address on an interface where a load balancer runs on it; then it connects from that address.</summary>
    [Fact]
    public async Task A_node_in_the_source_ranges_may_come_from_the_load_balancers_own_address()
    {
        var extra = new ExtraService(8);
        var (service, slice) = (extra.ToObject(), extra.ToSlice(9801, Server.Pod(2)));
        await fixture.World.Node(1).Ip($"address add {extra.LoadBalancerIP}/32 dev lo\n");
        await Put(service with { Spec = service.Spec! with { LoadBalancerSourceRanges = [$"{AddressPlan.Node(1)}/32"] } }, slice);
        foreach (var protocol in MatrixService.Protocols)
        {
            Assert.Equal($"pod2a:9801 {AddressPlan.Node(1)}", await Ask(fixture.World.Node(1), protocol, extra.LoadBalancerIP, 80));
            Assert.Equal(Asker.Silent, await AskInVain(fixture.World.ClientPod(1), protocol, extra.LoadBalancerIP, 80));
            Assert.Equal(Asker.Silent, await AskInVain(fixture.World.Outside, protocol, extra.LoadBalancerIP, 80, AddressPlan.Outside(1)));
        }
        await Remove(service, slice);
        await fixture.World.Node(1).Ip($"address del {extra.LoadBalancerIP}/32 dev lo\n");
    }
}
