using System.Net;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

public class RepairTests
{
    [Fact]
    public async Task Deleted_routes_addresses_and_entries_come_back()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        await (await node.Start()).SetPeers([other.AsPeer]);
        var a = await node.AddPod("a");
        var before = node.Dump();
        var bridge = Links.Find(node.Socket, Marks.Bridge)!.Index;
        var port = Links.Find(node.Socket, Marks.PodLink("a"))!.Index;

        await Damage(node, before, request => request.DeleteRoute(Routes.List(node.Socket, Marks.RouteProtocol).Single(route => route.Destination.Equals(other.PodCidr))));
        await Damage(node, before, request => request.DeleteNeighbor(bridge, a));
        await Damage(node, before, request => request.DeleteForwarding(port, Marks.Mac(a)));
        await Damage(node, before, request => request.SetLink(port, "hairpin off", hairpin: false));
        await Damage(node, before, request => request.SetLink(port, "down", up: false));
        await Damage(node, before, request => request.DeleteAddress(new LinkAddress(bridge, Marks.Gateway(node.PodCidr), 24)));
        await Damage(node, before, request => request.SetLink(100, "uplink down", up: false).SetLink(100, "uplink up", up: true));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Namespace, node.Address));
    }

    [Fact]
    public async Task A_deleted_pod_link_is_made_again_with_the_same_address()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var a = await node.AddPod("a");
        node.Socket.Execute(new NetlinkRequest().DeleteLink(Links.Find(node.Socket, Marks.PodLink("a"))!.Index, "by hand"));
        await Eventually.Holds(() => Links.Find(node.Socket, Marks.PodLink("a")) is { Carrier: true }, () => string.Join('\n', node.Dump()));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Namespace, node.Address));
    }

    [Fact]
    public async Task A_deleted_bridge_is_made_again_with_all_its_pods()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var (a, b) = (await node.AddPod("a"), await node.AddPod("b"));
        node.Socket.Execute(new NetlinkRequest().DeleteLink(Links.Find(node.Socket, Marks.Bridge)!.Index, "by hand"));
        await Eventually.Holds(() => Links.Find(node.Socket, Marks.Bridge) is { Carrier: true } bridge && Links.Ports(node.Socket, bridge.Index).Count == 3
            && Neighbors.List(node.Socket, bridge.Index).Count(entry => (entry.State & LibC.NUD_PERMANENT) != 0) == 2, () => string.Join('\n', node.Dump()));
        Assert.Equal(a, await Tcp.Connect(node.Pod("a"), node.Pod("b"), b));
    }

    [Fact]
    public async Task The_bridge_has_a_carrier_before_the_first_pod_comes()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        await Eventually.Holds(() => Links.Find(node.Socket, Marks.Bridge)!.Carrier, () => string.Join('\n', node.Dump()));
    }

    [Fact]
    public async Task A_peer_that_is_no_longer_named_loses_its_route()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        await (await node.Start()).SetPeers([other.AsPeer]);
        Assert.Contains(Routes.List(node.Socket, Marks.RouteProtocol), route => route.Destination.Equals(other.PodCidr));
        await node.Network!.SetPeers([]);
        Assert.DoesNotContain(Routes.List(node.Socket, Marks.RouteProtocol), route => route.Destination.Equals(other.PodCidr));
    }

    [Fact]
    public async Task A_foreign_route_to_a_peers_pods_is_reported_and_left_alone()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        await node.Start();
        var foreign = new Route(other.PodCidr, 100, IPAddress.Parse("192.168.56.200"));
        node.Socket.Execute(new NetlinkRequest().AddRoute(foreign));
        await node.Network!.SetPeers([other.AsPeer]);
        Assert.Equal([foreign], Routes.List(node.Socket).Where(route => route.Destination.Equals(other.PodCidr)));
    }

    [Fact]
    public async Task A_peer_behind_a_router_is_reported_and_gets_no_route_where_VXLAN_is_off()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        var log = new List<string>();
        await using var agent = await NodeNetwork.Start(node.Config with { Log = new ListLogger(log), Overlay = OverlayMode.Never }, CancellationToken.None);
        node.Socket.Execute(new NetlinkRequest().AddRoute(new Route(Routes.Default, 100, IPAddress.Parse("192.168.56.1"))));
        await agent.SetPeers([new Peer("far", IPAddress.Parse("172.16.0.1"), IPNetwork.Parse("10.244.9.0/24"))]);
        Assert.Contains(log, line => line.Contains("Node far") && line.Contains("172.16.0.1"));
        Assert.DoesNotContain(Routes.List(node.Socket), route => route.Destination.Equals(IPNetwork.Parse("10.244.9.0/24")));
    }

    private static async Task Damage(TestMachine node, IReadOnlyList<string> whole, Func<NetlinkRequest, NetlinkRequest> damage)
    {
        node.Socket.Execute(damage(new NetlinkRequest()));
        await Eventually.Holds(() => node.Dump().SequenceEqual(whole), () => $"missing: {string.Join('\n', whole.Except(node.Dump()))}\nsurplus: {string.Join('\n', node.Dump().Except(whole))}");
    }
}
