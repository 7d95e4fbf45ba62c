using System.Net;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

public class CleanupTests
{
    [Fact]
    public async Task Cleanup_leaves_nothing_of_ours_and_everything_foreign()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        node.Socket.Execute(new NetlinkRequest().AddBridge("foreign", System.Net.NetworkInformation.PhysicalAddress.Parse("02-00-00-00-00-09"), 1400)
            .AddRoute(new Route(IPNetwork.Parse("10.9.0.0/16"), 100, other.Address)));
        await Eventually.Holds(() => Links.Find(node.Socket, "eth1")!.Carrier, () => "no carrier");
        var before = node.Dump();
        await (await node.Start()).SetPeers([other.AsPeer]);
        await node.AddPod("a");
        Assert.NotEqual(before, node.Dump());
        await node.Stop();

        NodeNetwork.Cleanup(node.Namespace, node.PodsDirectory);
        await Eventually.Holds(() => node.Dump().SequenceEqual(before), () => string.Join('\n', node.Dump().Except(before)));
        Assert.False(File.Exists(node.Config.NetworkNamespacePath("a")));
        NodeNetwork.Cleanup(node.Namespace, node.PodsDirectory);
    }

    [Fact]
    public async Task State_names_the_API_object_of_everything_that_cleanup_would_remove()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        await (await node.Start()).SetPeers([other.AsPeer]);
        var a = await node.AddPod("a");
        var lines = node.Network!.State().Select(line => line.ToString()).ToList();
        Assert.Contains(lines, line => line.StartsWith($"link {Marks.PodLink("a")}") && line.EndsWith("Pod default/pod-a"));
        Assert.Contains(lines, line => line.StartsWith($"neighbour {a}") && line.EndsWith("Pod default/pod-a"));
        Assert.Contains(lines, line => line.StartsWith($"route {other.PodCidr} via {other.Address} dev eth1") && line.EndsWith("Node node2"));
        await node.Stop();
        Assert.Equal(lines, NodeNetwork.ReadState("node1", node.Namespace, node.PodsDirectory).Select(line => line.ToString()));
        await File.WriteAllTextAsync(PeerNames.Place(node.PodsDirectory), "{ damaged");
        Assert.Contains(NodeNetwork.ReadState("node1", node.Namespace, node.PodsDirectory), line => line.ApiObject == $"Node with address {other.Address}");
    }

    [Fact]
    public async Task The_node_address_is_the_setting_or_the_source_towards_the_control_plane()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        Assert.Equal(node.Address, NodeAddress.Choose(null, other.Address, node: node.Namespace));
        Assert.Equal(node.Address, NodeAddress.Choose(node.Address, IPAddress.Parse("203.0.113.1"), node: node.Namespace));
        Assert.Contains("no route", Assert.Throws<InvalidOperationException>(() => NodeAddress.Choose(null, IPAddress.Parse("203.0.113.1"), node: node.Namespace)).Message);
        Assert.Contains("--node-ip", Assert.Throws<InvalidOperationException>(() => NodeAddress.Choose(null, IPAddress.Loopback, node: node.Namespace)).Message);
        Assert.Contains("no link", Assert.Throws<InvalidOperationException>(() => NodeAddress.Choose(other.Address, other.Address, node: node.Namespace)).Message);
        var taken = new Dictionary<IPAddress, string> { [node.Address] = "node9" };
        Assert.Contains("node9", Assert.Throws<InvalidOperationException>(() => NodeAddress.RefuseTaken(node.Address, taken)).Message);
        NodeAddress.RefuseTaken(other.Address, taken);
    }
}
