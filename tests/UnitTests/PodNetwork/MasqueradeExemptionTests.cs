using System.Net;
using KubeApi;
using KubeApi.Objects;
using NodeAgent;

namespace UnitTests.PodNetwork;

public class MasqueradeExemptionTests
{
    private static Node MakeNode(string name, string address, string pods) => new()
    {
        Metadata = new ObjectMeta { Name = name }, Spec = new NodeSpec { PodCIDR = pods }, Status = new NodeStatus { Addresses = [new NodeAddress { Type = "InternalIP", Address = address }] },
    };

    [Fact]
    public void Pods_keep_their_address_towards_nodes_beside_theirs_and_not_towards_those_behind_a_router()
    {
        Node[] nodes = [MakeNode("node1", "192.168.56.11", "10.244.1.0/24"), MakeNode("node2", "192.168.56.12", "10.244.2.0/24"), MakeNode("node3", "192.168.57.13", "10.244.3.0/24")];
        var facts = NodePeers.Facts(nodes, "node1", IPNetwork.Parse("10.244.0.0/16"), IPNetwork.Parse("10.96.0.0/16"), ["node3"]);
        Assert.Equal([IPNetwork.Parse("192.168.56.12/32")], facts.NonMasqueradeCidrs);
    }
}
