using System.Net;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

public class PodTrafficTests
{
    [Fact]
    public async Task Two_pods_of_one_node_reach_each_other_and_see_each_others_address()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var (a, b) = (await node.AddPod("a"), await node.AddPod("b"));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Pod("b"), b));
        Assert.Equal(b, await Tcp.Connect(node.Pod("b"), node.Pod("a"), a));
    }

    [Fact]
    public async Task A_pod_and_its_node_reach_each_other()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var a = await node.AddPod("a");
        Assert.Equal(Marks.Gateway(node.PodCidr), await Tcp.Connect(node.Namespace, node.Pod("a"), a));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Namespace, node.Address));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Namespace, Marks.Gateway(node.PodCidr)));
    }

    [Fact]
    public async Task Pods_of_two_nodes_reach_each_other_and_both_nodes_without_address_translation()
    {
        await using var network = new TestNetwork();
        var (node1, node2) = (network.AddMachine(), network.AddMachine());
        await (await node1.Start()).SetPeers([node2.AsPeer]);
        await (await node2.Start()).SetPeers([node1.AsPeer]);
        var (a, b) = (await node1.AddPod("a"), await node2.AddPod("b"));
        Assert.Equal(a, await Tcp.Connect(node1.Pod("a"), node2.Pod("b"), b));
        Assert.Equal(b, await Tcp.Connect(node2.Pod("b"), node1.Pod("a"), a));
        Assert.Equal(node1.Address, await Tcp.Connect(node1.Namespace, node2.Pod("b"), b));
        Assert.Equal(a, await Tcp.Connect(node1.Pod("a"), node2.Namespace, node2.Address));
    }

    [Fact]
    public async Task A_pod_reaches_itself_through_an_address_that_the_node_translates_to_it()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var a = await node.AddPod("a");
        var virtualAddress = IPAddress.Parse("10.96.0.7");
        node.Execute("iptables", "-w", "-t", "nat", "-A", "PREROUTING", "-d", $"{virtualAddress}", "-j", "DNAT", "--to-destination", $"{a}");
        node.Execute("iptables", "-w", "-t", "nat", "-A", "POSTROUTING", "-s", $"{a}", "-d", $"{a}", "-j", "MASQUERADE");
        Assert.Equal(Marks.Gateway(node.PodCidr), await Tcp.Connect(node.Pod("a"), node.Pod("a"), virtualAddress));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Pods_reach_each_other_whatever_bridge_nf_call_iptables_is(string value)
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        node.Namespace.Run(() => { if (Sysctl.Read("net/bridge/bridge-nf-call-iptables") is not null) Sysctl.Write("net/bridge/bridge-nf-call-iptables", value); });
        var (a, b) = (await node.AddPod("a"), await node.AddPod("b"));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Pod("b"), b));
    }
}
