using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

public class AdoptionTests
{
    [Fact]
    public async Task A_restart_changes_nothing_and_connections_survive()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await (await node.Start()).SetPeers([]);
        var (a, b) = (await node.AddPod("a"), await node.AddPod("b"));
        var (client, server) = await Tcp.Hold(node.Pod("a"), node.Pod("b"), b);
        using (client)
        using (server)
        {
            var before = node.Dump();
            await node.Stop();
            var again = await node.Start();
            Assert.Equal(before, node.Dump());
            Assert.Equal([("a", a), ("b", b)], again.Adopted.Select(pod => (pod.Key, pod.Value)).Order());
            Assert.Equal(a, (await again.Add(node.Request("a"))).Address);
            Assert.Equal(before, node.Dump());
            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await Tcp.Echo(client, server, cancel.Token);
        }
    }

    [Fact]
    public async Task A_restart_keeps_the_routes_to_other_nodes_before_it_knows_them()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        await (await node.Start()).SetPeers([other.AsPeer]);
        var before = node.Dump();
        Assert.Contains(before, line => line.StartsWith($"{other.PodCidr} via {other.Address}"));
        await node.Stop();
        await node.Start();
        Assert.Equal(before, node.Dump());
        await node.Network!.SetPeers([other.AsPeer]);
        Assert.Equal(before, node.Dump());
    }

    [Fact]
    public async Task A_new_pod_after_a_restart_gets_an_address_that_none_has()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var a = await node.AddPod("a");
        await node.Stop();
        await node.Start();
        Assert.NotEqual(a, await node.AddPod("b"));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Namespace, node.Address));
    }

    [Fact]
    public async Task An_adopted_pod_whose_entries_were_deleted_meanwhile_gets_them_back()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var a = await node.AddPod("a");
        var before = node.Dump();
        await node.Stop();
        var bridge = Links.Find(node.Socket, Marks.Bridge)!.Index;
        node.Socket.Execute(new NetlinkRequest().DeleteNeighbor(bridge, a).DeleteForwarding(Links.Find(node.Socket, Marks.PodLink("a"))!.Index, Marks.Mac(a)));
        Assert.NotEqual(before, node.Dump());
        await node.Start();
        Assert.Equal(a, node.Network!.Adopted["a"]);
        Assert.Equal(before, node.Dump());
    }

    [Fact]
    public async Task Links_of_pods_whose_namespace_is_not_pinned_any_more_are_removed()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        await node.AddPod("kept");
        await node.AddPod("gone");
        using var lingering = NetworkNamespace.Open(node.Config.NetworkNamespacePath("gone")); // as a process in it would
        await node.Stop();
        PinnedNamespaces.Remove(node.Config.NetworkNamespacePath("gone"));
        await node.Start();
        Assert.Equal(["kept"], node.Network!.Adopted.Keys);
        Assert.Null(Links.Find(node.Socket, Marks.PodLink("gone")));
        Assert.NotNull(Links.Find(node.Socket, Marks.PodLink("kept")));
    }

    [Fact]
    public async Task A_file_that_pins_no_namespace_makes_its_link_an_orphan()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        await node.AddPod("a");
        using var lingering = NetworkNamespace.Open(node.Config.NetworkNamespacePath("a"));
        await node.Stop();
        Mounts.Remove(node.Config.NetworkNamespacePath("a"));
        node.Socket.Execute(new NetlinkRequest().DeleteForwarding(Links.Find(node.Socket, Marks.PodLink("a"))!.Index, Marks.Mac(System.Net.IPAddress.Parse("10.244.1.2"))));
        await node.Start();
        Assert.Empty(node.Network!.Adopted);
        Assert.Null(Links.Find(node.Socket, Marks.PodLink("a")));
    }
}
