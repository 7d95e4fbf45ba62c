using System.Net;
using Linux;
using NodeAgent;
using NodeAgent.PodNetwork;
using PhysicalAddress = System.Net.NetworkInformation.PhysicalAddress;

namespace UnitTests.PodNetwork;

/// <summary>
/// Address plan: node1 192.168.56.11, pods 10.244.1.0/24; node2 192.168.56.12 beside it; node3 192.168.57.13 behind a router, pods 10.244.3.0/24.
/// Link 3 = eth1, link 7 = na0, link 9 = na-vxlan.
/// </summary>
public class OverlayTests
{
    private static readonly PodNetworkConfig Config =
        new("node1", IPAddress.Parse("192.168.56.11"), IPNetwork.Parse("10.244.1.0/24"), IPNetwork.Parse("10.96.0.0/16"));
    private static readonly Peer Node2 = new("node2", IPAddress.Parse("192.168.56.12"), IPNetwork.Parse("10.244.2.0/24"));
    private static readonly Peer Node3 = new("node3", IPAddress.Parse("192.168.57.13"), IPNetwork.Parse("10.244.3.0/24"));
    private static readonly NodeFacts Facts = new("eth1", 1500, StrictReversePath: false, new HashSet<string> { "node2" });
    private static readonly IPAddress Base3 = IPAddress.Parse("10.244.3.0");
    private static readonly PhysicalAddress Mac3 = PhysicalAddress.Parse("0A-58-0A-F4-03-00");

    private static DesiredNetwork Desired(OverlayMode mode = OverlayMode.Auto, params Peer[] peers) => DesiredNetwork.Of(Config with { Overlay = mode }, Facts, peers, []);
    private static readonly DesiredNetwork Mixed = Desired(OverlayMode.Auto, Node2, Node3);

    private static Link MakeLink(int index, string name, string? kind, PhysicalAddress mac, int? master = null) =>
        new(index, name, kind, mac, 1450, LibC.IFF_UP, master, null, 0, null, null);

    private static ObservedNetwork Observed()
    {
        var device = MakeLink(9, "na-vxlan", "vxlan", PhysicalAddress.Parse("0A-58-0A-F4-01-00")) with { Vxlan = new VxlanParameters(7310, 3, Config.NodeAddress, 8472) };
        Link[] links = [MakeLink(3, "eth1", null, PhysicalAddress.None), MakeLink(7, "na0", "bridge", PhysicalAddress.Parse("0A-58-0A-F4-01-01")),
            MakeLink(8, "na0-carrier", "veth", PhysicalAddress.None, 7), MakeLink(10, "na0-carrier-end", "veth", PhysicalAddress.None), device];
        return new ObservedNetwork(links.ToDictionary(link => link.Name), links[1],
            [new LinkAddress(7, IPAddress.Parse("10.244.1.1"), 24), new LinkAddress(9, IPAddress.Parse("10.244.1.0"), 32)], [], [],
            [new Route(Config.ServiceCidr, 7, null, Config.NodeAddress, 80), new Route(Node2.PodCidr, 3, Node2.NodeAddress, Config.NodeAddress, 80),
                new Route(Node3.PodCidr, 9, Base3, Config.PodCidr.BaseAddress, 80, OnLink: true)],
            Mixed.Sysctls.Where(setting => !setting.IfPresent).ToDictionary(setting => setting.Name, setting => (string?)setting.Value))
        {
            Overlay = new ObservedOverlay(device, [new TunnelEntry(9, Mac3, Node3.NodeAddress, LibC.NUD_PERMANENT | LibC.NUD_NOARP)], [new Neighbor(9, Base3, Mac3, LibC.NUD_PERMANENT)]),
        };
    }

    private static ObservedNetwork With(Func<ObservedOverlay, ObservedOverlay> change) => Observed() with { Overlay = change(Observed().Overlay!) };
    private static string[] Changes(DesiredNetwork desired, ObservedNetwork observed) => [.. NetworkDiff.Between(desired, observed, orphans: true).Select(change => change.ToString())];

    [Fact]
    public void Nothing_changes_where_everything_is_right() => Assert.Empty(Changes(Mixed, Observed()));

    [Fact]
    public void A_node_behind_a_router_is_reached_through_VXLAN_and_one_beside_by_a_route()
    {
        Assert.Contains(Mixed.Routes, route => route.ToString() == "10.244.2.0/24 via 192.168.56.12 dev eth1 src 192.168.56.11");
        Assert.Contains(Mixed.Routes, route => route.ToString() == "10.244.3.0/24 via 10.244.3.0 dev na-vxlan src 10.244.1.0 onlink");
        Assert.Equal([Node3.NodeAddress], Mixed.Overlay!.Peers.Select(peer => peer.NodeAddress));
    }

    [Fact]
    public void Pods_have_the_MTU_that_fits_into_the_tunnel_only_where_there_may_be_one()
    {
        Assert.Equal(1450, Mixed.Bridge.Mtu);
        Assert.Equal(1500, Desired(OverlayMode.Auto, Node2).Bridge.Mtu);
        Assert.Equal(1450, Desired(OverlayMode.Always).Bridge.Mtu);
        Assert.Equal(1500, Desired(OverlayMode.Never, Node2, Node3).Bridge.Mtu);
        var narrow = Facts with { PathMtus = new Dictionary<string, int> { ["node3"] = 1400 } };
        Assert.Equal(1350, DesiredNetwork.Of(Config, narrow, [Node2, Node3], []).Bridge.Mtu);
    }

    [Fact]
    public void Forced_VXLAN_takes_the_nodes_beside_too_and_off_means_off()
    {
        Assert.Equal(2, Desired(OverlayMode.Always, Node2, Node3).Overlay!.Peers.Count);
        Assert.Null(Desired(OverlayMode.Never, Node2, Node3).Overlay);
        Assert.Null(Desired(OverlayMode.Auto, Node2).Overlay);
    }

    [Fact]
    public void The_entries_of_a_tunnel_come_before_its_route()
    {
        var bare = With(overlay => overlay with { Tunnels = [], Neighbors = [] });
        Assert.Equal(
        [
            "set neighbour 10.244.3.0 at 0a:58:0a:f4:03:00 dev na-vxlan  ←  Node node3",
            "set tunnel entry 0a:58:0a:f4:03:00 dst 192.168.57.13 dev na-vxlan  ←  Node node3",
            "add route 10.244.3.0/24 via 10.244.3.0 dev na-vxlan src 10.244.1.0 onlink  ←  Node node3",
        ], Changes(Mixed, bare with { Routes = [.. bare.Routes.Take(2)] }));
    }

    [Fact]
    public void The_entries_of_a_node_that_is_no_more_go_after_its_route() => Assert.Equal(
        ["delete route 10.244.3.0/24 via 10.244.3.0 dev #9 src 10.244.1.0 proto 80 onlink  ←  Node node1", "delete vxlan na-vxlan (no node needs it)  ←  Node node1"],
        Changes(Desired(OverlayMode.Auto, Node2), Observed()).Where(change => !change.Contains("mtu")));

    [Fact]
    public void A_node_that_changes_its_address_gets_its_tunnel_turned()
    {
        var moved = Node3 with { NodeAddress = IPAddress.Parse("192.168.58.13") };
        Assert.Equal(
        [
            "set tunnel entry 0a:58:0a:f4:03:00 dst 192.168.58.13 dev na-vxlan  ←  Node node3",
            "delete tunnel entry 0a:58:0a:f4:03:00 dst 192.168.57.13 dev na-vxlan  ←  Node node3",
        ], Changes(Desired(OverlayMode.Auto, Node2, moved), Observed()));
    }

    [Fact]
    public void An_entry_that_would_flood_is_deleted() => Assert.Equal(
        ["delete tunnel entry 00:00:00:00:00:00 dst 192.168.57.13 dev na-vxlan  ←  Node node3"],
        Changes(Mixed, With(overlay => overlay with { Tunnels = [.. overlay.Tunnels, new TunnelEntry(9, new PhysicalAddress(new byte[6]), Node3.NodeAddress, LibC.NUD_PERMANENT)] })));

    [Fact]
    public void Another_local_address_makes_the_device_anew_and_another_MTU_does_not()
    {
        var device = Observed().Overlay!.Device;
        Assert.Collection(Changes(Mixed, With(overlay => overlay with { Device = device with { Vxlan = device.Vxlan! with { Local = IPAddress.Parse("192.168.56.99") } } })),
            change => Assert.StartsWith("delete vxlan na-vxlan (it is id 7310 port 8472 local 192.168.56.99", change),
            change => Assert.StartsWith("add vxlan na-vxlan 0a:58:0a:f4:01:00 id 7310 port 8472 local 192.168.56.11 dev eth1 mtu 1450", change));
        Assert.Equal(["set vxlan na-vxlan 0a:58:0a:f4:01:00 mtu 1450 up  ←  Node node3"], Changes(Mixed, With(overlay => overlay with { Device = device with { Mtu = 1500 } })));
    }

    [Fact]
    public void Until_the_other_nodes_are_known_an_adopted_device_stays_with_all_its_entries() =>
        Assert.Empty(Changes(DesiredNetwork.Of(Config, Facts with { KeepOverlay = true }, null, []), Observed()));

    [Fact]
    public void Every_line_of_state_names_the_node_that_a_tunnel_leads_to()
    {
        var lines = StateLines.Of(Observed(), "node1", new Dictionary<IPAddress, string> { [Node3.NodeAddress] = "node3" }).ToList();
        Assert.Contains(new StateLine("tunnel entry 0a:58:0a:f4:03:00 dst 192.168.57.13 dev na-vxlan", "Node node3"), lines);
        Assert.Contains(new StateLine("neighbour 10.244.3.0 at 0a:58:0a:f4:03:00 dev na-vxlan", "Node node3"), lines);
        Assert.Contains(new StateLine("route 10.244.3.0/24 via 10.244.3.0 dev na-vxlan", "Node node3"), lines);
    }
}
