using System.Net;
using PhysicalAddress = System.Net.NetworkInformation.PhysicalAddress;
using Linux;
using NodeAgent;
using NodeAgent.PodNetwork;

namespace UnitTests.PodNetwork;

/// <summary>
/// Address plan: node1 192.168.56.11, pods 10.244.1.0/24; node2 192.168.56.12, pods 10.244.2.0/24; Services 10.96.0.0/16;
/// link 3 = eth1, link 7 = na0, link 8 = na0-carrier, link 1001 = the pod default/web (uid u1, 10.244.1.2).
/// </summary>
public class NetworkDiffTests
{
    private static readonly PodNetworkConfig Config =
        new("node1", IPAddress.Parse("192.168.56.11"), IPNetwork.Parse("10.244.1.0/24"), IPNetwork.Parse("10.96.0.0/16"));
    private static readonly Peer Node2 = new("node2", IPAddress.Parse("192.168.56.12"), IPNetwork.Parse("10.244.2.0/24"));
    private static readonly NodeFacts Facts = new("eth1", 1500, StrictReversePath: false, new HashSet<string> { "node2" });
    private static readonly PodPort Web = new("default", "web", "u1", IPAddress.Parse("10.244.1.2"));
    private static readonly PhysicalAddress BridgeMac = PhysicalAddress.Parse("0A-58-0A-F4-01-01");

    private static DesiredNetwork Desired() => DesiredNetwork.Of(Config, Facts, [Node2], [Web]);

    private static Link MakeLink(int index, string name, string? kind, PhysicalAddress? mac = null, int? master = null, string? alias = null, uint group = 0, bool? hairpin = null) =>
        new(index, name, kind, mac ?? PhysicalAddress.None, 1500, LibC.IFF_UP, master, alias, group, null, hairpin);

    private static ObservedNetwork Observed()
    {
        Link[] links = [MakeLink(3, "eth1", null), MakeLink(7, "na0", "bridge", BridgeMac), MakeLink(8, "na0-carrier", "veth", master: 7), MakeLink(9, "na0-carrier-end", "veth"),
            MakeLink(1001, Web.LinkName, "veth", master: 7, alias: "default/web/u1", group: 7310, hairpin: true)];
        return new ObservedNetwork(links.ToDictionary(link => link.Name), links[1],
            [new LinkAddress(7, IPAddress.Parse("10.244.1.1"), 24)],
            [new ForwardingEntry(1001, Web.Mac, LibC.NUD_NOARP)],
            [new Neighbor(7, Web.Address, Web.Mac, LibC.NUD_PERMANENT)],
            [new Route(Config.ServiceCidr, 7, null, Config.NodeAddress, 80), new Route(Node2.PodCidr, 3, Node2.NodeAddress, Config.NodeAddress, 80)],
            Desired().Sysctls.Where(setting => !setting.IfPresent).ToDictionary(setting => setting.Name, setting => (string?)setting.Value));
    }

    private static ObservedNetwork WithPort(Func<Link, Link> change)
    {
        var observed = Observed();
        return observed with { Links = observed.Links.Values.Select(link => link.Index == 1001 ? change(link) : link).ToDictionary(link => link.Name) };
    }

    private static NetworkChange Single(ObservedNetwork observed) => Assert.Single(NetworkDiff.Between(Desired(), observed, orphans: true));

    [Fact]
    public void Nothing_changes_where_everything_is_right() => Assert.Empty(NetworkDiff.Between(Desired(), Observed(), orphans: true));

    [Fact]
    public void Without_a_bridge_it_is_made_before_all_else() =>
        Assert.Equal(new AddBridge(new BridgeSpec("na0", BridgeMac, 1500, IPAddress.Parse("10.244.1.1"), 24, "Node node1")), Single(Observed() with { Bridge = null }));

    [Fact]
    public void A_plan_tells_also_what_follows_once_the_bridge_is_there()
    {
        var observed = Observed();
        var steps = NetworkPlan.Steps(Desired(), observed with { Bridge = null, Links = new Dictionary<string, Link> { ["eth1"] = observed.Links["eth1"] }, Addresses = [], Routes = [], Forwarding = [], Neighbors = [] });
        Assert.Equal(
        [
            "add bridge na0 0a:58:0a:f4:01:01 mtu 1500  ←  Node node1", "add link na0-carrier mtu 1500  ←  Node node1", "add address 10.244.1.1/24 dev na0  ←  Node node1",
            $"connect again {Web.LinkName} 10.244.1.2  ←  Pod default/web", "add route 10.96.0.0/16 dev na0 src 192.168.56.11  ←  Node node1",
            "add route 10.244.2.0/24 via 192.168.56.12 dev eth1 src 192.168.56.11  ←  Node node2",
        ], steps.Select(step => $"{step}"));
        Assert.Empty(NetworkPlan.Steps(Desired(), observed));
    }

    [Fact]
    public void Only_the_attribute_of_a_port_that_differs_is_set()
    {
        Assert.Equal(new SetPort(1001, Web.LinkName, null, null, null, null, null, true, "Pod default/web"), Single(WithPort(link => link with { Hairpin = false })));
        Assert.Equal(new SetPort(1001, Web.LinkName, null, null, 1500, null, null, null, "Pod default/web"), Single(WithPort(link => link with { Mtu = 9000 })));
        Assert.Equal(new SetPort(1001, Web.LinkName, 7, null, null, null, null, true, "Pod default/web"), Single(WithPort(link => link with { Master = null, Hairpin = null })));
    }

    [Fact]
    public void Missing_entries_are_set_and_name_the_pod()
    {
        Assert.Equal(new SetForwarding(1001, Web.Mac, "Pod default/web"), Single(Observed() with { Forwarding = [] }));
        Assert.Equal(new SetNeighbor(7, Web.Address, Web.Mac, "Pod default/web"), Single(Observed() with { Neighbors = [] }));
    }

    [Fact]
    public void Entries_of_unknown_addresses_are_deleted()
    {
        var stale = IPAddress.Parse("10.244.1.9");
        Assert.Equal(new DeleteNeighbor(7, stale, "Node node1"),
            Single(Observed() with { Neighbors = [.. Observed().Neighbors, new Neighbor(7, stale, Marks.Mac(stale), LibC.NUD_PERMANENT)] }));
        Assert.Equal(new DeleteForwarding(1001, Marks.Mac(stale), "Node node1"),
            Single(Observed() with { Forwarding = [.. Observed().Forwarding, new ForwardingEntry(1001, Marks.Mac(stale), LibC.NUD_NOARP)] }));
    }

    [Fact]
    public void A_pod_without_its_link_is_connected_anew()
    {
        var observed = Observed();
        var links = observed.Links.Values.Where(link => link.Index != 1001).ToDictionary(link => link.Name);
        Assert.Contains(new ReconnectPod(Web), NetworkDiff.Between(Desired(), observed with { Links = links, Forwarding = [] }, orphans: false));
    }

    [Fact]
    public void A_link_without_a_pod_goes_only_when_orphans_are_looked_for()
    {
        var observed = Observed();
        var links = observed.Links.Values.Append(MakeLink(1002, "nav00000000", "veth", master: 7, alias: "default/old/u0", group: 7310, hairpin: true)).ToDictionary(link => link.Name);
        Assert.Empty(NetworkDiff.Between(Desired(), observed with { Links = links }, orphans: false));
        Assert.Equal(new DeleteOrphan(1002, "nav00000000", "Node node1"), Single(observed with { Links = links }));
    }

    [Fact]
    public void Routes_are_added_replaced_and_deleted_as_the_peers_say()
    {
        var observed = Observed();
        var route = new NodeRoute(Node2.PodCidr, "eth1", Node2.NodeAddress, Config.NodeAddress, "Node node2");
        Assert.Equal(new AddRoute(route), Single(observed with { Routes = [observed.Routes[0]] }));
        Assert.Equal(new ReplaceRoute(route), Single(observed with { Routes = [observed.Routes[0]], ForeignRoutes = new HashSet<IPNetwork> { route.Destination } }));
        Assert.Equal(new ReplaceRoute(route), Single(observed with { Routes = [observed.Routes[0], observed.Routes[1] with { Gateway = IPAddress.Parse("192.168.56.99") }] }));
        var gone = new Route(IPNetwork.Parse("10.244.3.0/24"), 3, IPAddress.Parse("192.168.56.13"), Config.NodeAddress, 80);
        Assert.Equal(new DeleteRoute(gone, "Node node1"), Single(observed with { Routes = [.. observed.Routes, gone] }));
    }

    [Fact]
    public void Until_the_peers_are_known_routes_to_them_stay() =>
        Assert.Empty(NetworkDiff.Between(DesiredNetwork.Of(Config, Facts, null, [Web]), Observed(), orphans: true));

    [Fact]
    public void A_peer_behind_a_router_gets_no_route_where_VXLAN_is_off() =>
        Assert.DoesNotContain(DesiredNetwork.Of(Config with { Overlay = OverlayMode.Never }, Facts with { DirectPeers = new HashSet<string>() }, [Node2], []).Routes, route => route.Gateway is not null);

    [Fact]
    public void A_setting_of_an_absent_module_waits_and_a_wrong_one_is_set()
    {
        var values = new Dictionary<string, string?>(Observed().Sysctls) { ["net/netfilter/nf_conntrack_tcp_be_liberal"] = "0" };
        Assert.Equal("net/netfilter/nf_conntrack_tcp_be_liberal", Assert.IsType<SetSysctl>(Single(Observed() with { Sysctls = values })).Setting.Name);
    }

    [Fact]
    public void Where_a_distribution_forces_strict_reverse_paths_they_are_made_loose()
    {
        Assert.Contains(DesiredNetwork.Of(Config, Facts with { StrictReversePath = true }, [], []).Sysctls, setting => setting is { Name: "net/ipv4/conf/all/rp_filter", Value: "2" });
        Assert.Contains(Desired().Sysctls, setting => setting is { Name: "net/ipv4/conf/all/rp_filter", Value: "0" });
    }

    [Fact]
    public void Every_line_of_state_names_an_API_object()
    {
        var lines = StateLines.Of(Observed(), "node1", new Dictionary<IPAddress, string> { [Node2.NodeAddress] = "node2" }).ToList();
        Assert.Contains(new StateLine("route 10.244.2.0/24 via 192.168.56.12 dev eth1", "Node node2"), lines);
        Assert.Contains(new StateLine("route 10.96.0.0/16 dev na0", "Node node1"), lines);
        Assert.Equal(3, lines.Count(line => line.ApiObject == "Pod default/web"));
    }
}
