using KubeApi;
using KubeApi.Objects;
using NodeAgent;

namespace UnitTests.Dns;

public class FailOverTests
{
    private static EndpointSlice Slice(string service, int port) => new()
    {
        Metadata = new ObjectMeta { Name = "s", Namespace = "kube-system", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
        AddressType = "IPv4", Ports = [new DiscoveryEndpointPort { Name = "dns", Port = port, Protocol = "UDP" }],
        Endpoints = [new Endpoint { Addresses = ["192.0.2.1"], NodeName = "node1" }, new Endpoint { Addresses = ["192.0.2.2"], NodeName = "node2" }],
    };

    [Fact]
    public void What_the_own_agent_does_not_answer_goes_to_other_nodes_only() =>
        Assert.Equal("192.0.2.2", Assert.Single(DnsPart.OfOtherNodes(Slice("kube-dns", 10053), "node1").Endpoints!).Addresses[0]);

    [Fact]
    public void Other_Services_and_somebody_elses_DNS_keep_their_endpoints_on_this_node() =>
        Assert.All([Slice("web", 10053), Slice("kube-dns", 53)], slice => Assert.Equal(2, DnsPart.OfOtherNodes(slice, "node1").Endpoints!.Count));
}
