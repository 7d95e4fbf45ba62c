using ControlPlane.Controllers;
using KubeApi.Objects;

namespace UnitTests.Controllers;

public class DnsEndpointsTests
{
    private static Node Node(string name, string address, string ready) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Status = new NodeStatus { Addresses = [new NodeAddress { Type = "InternalIP", Address = address }], Conditions = [new NodeCondition { Type = "Ready", Status = ready }] },
    };

    [Fact]
    public void Ready_nodes_answer_DNS_queries_at_their_address()
    {
        var subset = Assert.Single(DnsEndpointsController.Subsets([Node("b", "192.0.2.2", "True"), Node("a", "192.0.2.1", "True"), Node("c", "192.0.2.3", "Unknown"), new Node()]));
        Assert.Equal([("192.0.2.1", "a"), ("192.0.2.2", "b")], subset.Addresses!.Select(address => (address.Ip, address.NodeName!)));
        Assert.Equal([("dns", 10053, "UDP"), ("dns-tcp", 10053, "TCP")], subset.Ports!.Select(port => (port.Name!, port.Port, port.Protocol!)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("not an address")]
    public void A_node_with_an_impossible_address_does_not_keep_the_others_out(string address) =>
        Assert.Equal(["b"], Assert.Single(DnsEndpointsController.Subsets([Node("a", address, "True"), Node("b", "192.0.2.2", "True")])).Addresses!.Select(entry => entry.NodeName!));

    [Fact]
    public void Of_many_nodes_a_few_are_enough_and_another_node_changes_nothing()
    {
        var nodes = Enumerable.Range(100, 100).Select(number => Node($"node{number}", $"192.0.2.{number}", "True")).ToList();
        var addresses = Assert.Single(DnsEndpointsController.Subsets(nodes)).Addresses!;
        Assert.Equal(nodes.Take(32).Select(node => node.Name), addresses.Select(address => address.NodeName!));
        Assert.Equal(addresses, Assert.Single(DnsEndpointsController.Subsets(nodes.SkipLast(50))).Addresses!);
    }

    [Fact]
    public void Without_a_ready_node_there_are_none() => Assert.Empty(DnsEndpointsController.Subsets([Node("a", "192.0.2.1", "False")]));
}
