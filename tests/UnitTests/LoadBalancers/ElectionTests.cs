using System.Net;
using System.Net.NetworkInformation;
using KubeApi.Objects;
using Endpoint = KubeApi.Objects.Endpoint;
using Linux;
using NodeAgent.LoadBalancers;

namespace UnitTests.LoadBalancers;

/// <summary>Which node answers for an address, and who counts as alive.</summary>
public class ElectionTests
{
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    private static BalancedAddress Address(int last, params string[] nodes) =>
        new(IPAddress.Parse($"192.0.2.{last}"), "default/web", 1, nodes.Length == 0 ? null : nodes.ToHashSet());

    private static IReadOnlyList<string> Nodes(int count) => [.. Enumerable.Range(1, count).Select(i => $"node{i}")];

    [Fact]
    public void All_nodes_agree_and_exactly_one_holds_an_address()
    {
        var nodes = Nodes(7);
        for (var last = 1; last < 255; last++)
            Assert.Single(nodes, own => Election.Decide(Address(last), own, new Others([.. nodes.Where(node => node != own).Reverse()], []), Nobody) == Claim.Hold);
    }

    [Fact]
    public void Addresses_spread_and_only_those_of_a_node_that_goes_move()
    {
        var addresses = Enumerable.Range(0, 1000).Select(i => new IPAddress([198, 18, (byte)(i / 250), (byte)(i % 250)])).ToList();
        var before = addresses.ToDictionary(address => address, address => Election.Winner(address, Nodes(5))!);
        Assert.All(before.Values.GroupBy(node => node), share => Assert.InRange(share.Count(), 140, 260));
        Assert.All(addresses, address => Assert.Equal(before[address] == "node5" ? Election.Winner(address, Nodes(4)) : before[address], Election.Winner(address, Nodes(4))));
    }

    [Fact]
    public void Only_nodes_that_may_and_can_serve_hold_an_address()
    {
        var winner = Election.Winner(Address(1).Address, Nodes(3))!;
        Assert.Equal(Claim.None, Election.Decide(Address(1), winner, new Others([], []), new HashSet<string> { winner }));
        Assert.Equal(Claim.None, Election.Decide(Address(1, "node9"), winner, new Others([], []), Nobody));
        var second = Nodes(3).First(node => node != winner);
        Assert.Equal(Claim.Hold, Election.Decide(Address(1, second), second, new Others([winner], []), Nobody));
    }

    [Fact]
    public void What_a_silent_node_may_still_answer_for_is_taken_only_if_it_does_not()
    {
        var winner = Election.Winner(Address(1).Address, Nodes(2))!;
        var other = Nodes(2).Single(node => node != winner);
        Assert.Equal(Claim.None, Election.Decide(Address(1), other, new Others([winner], []), Nobody));
        Assert.Equal(Claim.HoldIfUnanswered, Election.Decide(Address(1), other, new Others([], [winner]), Nobody));
        Assert.Equal(Claim.Hold, Election.Decide(Address(1), other, new Others([], []), Nobody));
        Assert.Equal(Claim.Hold, Election.Decide(Address(1), winner, new Others([], [other]), Nobody));
        Assert.Equal(Claim.HoldIfUnanswered, Election.Decide(Address(1), winner, new Others([], [], Unheard: true), Nobody));
    }

    [Fact]
    public void A_node_is_alive_while_it_is_heard_and_doubtful_for_a_while_after()
    {
        var liveness = new Liveness();
        Assert.True(liveness.Heard("a", ready: false));
        Assert.Equivalent((Array.Empty<string>(), new[] { "a" }), liveness.Now(["a"]));
        Assert.True(liveness.Heard("a", ready: true));
        Assert.False(liveness.Heard("a", ready: true));
        for (var i = 0; i < Liveness.Patience; i++) Assert.False(liveness.Tick());
        Assert.Equal(["a"], liveness.Now(["a"]).Alive);
        Assert.True(liveness.Tick());
        Assert.Equivalent((Array.Empty<string>(), new[] { "a" }), liveness.Now(["a"]));
        Assert.True(liveness.Heard("a", ready: true));
        Assert.Equal(["a"], liveness.Now(["a", "never heard"]).Alive);
        Assert.Empty(liveness.Now([]).Alive); // no node of the cluster any more
        var ticks = 0;
        while (liveness.Now(["a"]) is not ({ Count: 0 }, { Count: 0 }) && ticks < 1000) ticks += liveness.Tick() ? 1 : 1;
        Assert.InRange(ticks, 30, 80);
    }

    [Fact]
    public void Addresses_are_those_of_marked_services_without_a_class()
    {
        var service = new Service
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "default", Generation = 3, Annotations = new Dictionary<string, string> { ["nodeagent/load-balancer-pool"] = "x" } },
            Spec = new ServiceSpec { Type = "LoadBalancer" },
            Status = new ServiceStatus
            {
                LoadBalancer = new LoadBalancerStatus
                {
                    Ingress = [new() { Ip = "192.0.2.1", IpMode = "VIP" }, new() { Ip = "192.0.2.2", IpMode = "Proxy" }, new() { Hostname = "example.com" }, new() { Ip = "fd00::1" }],
                },
            },
        };
        var only = Assert.Single(BalancedAddress.Of(service, []));
        Assert.Equal((IPAddress.Parse("192.0.2.1"), "default/web", 3L, null), (only.Address, only.Service, only.Generation!.Value, only.Nodes));
        Assert.Empty(BalancedAddress.Of(service with { Spec = service.Spec with { LoadBalancerClass = "example.com/x" } }, []));
        Assert.Empty(BalancedAddress.Of(service with { Metadata = service.Metadata with { Annotations = null } }, []));
        Assert.Empty(BalancedAddress.Of(service with { Spec = service.Spec with { Type = "ClusterIP" } }, []));

        var local = service with { Spec = service.Spec with { ExternalTrafficPolicy = "Local" } };
        var ending = At("node3", ready: false, serving: true, terminating: true);
        Assert.Equal(["node1"], BalancedAddress.Of(local, [Slice(At("node1", true), At("node2", false)), Slice(ending)]).Single().Nodes!);
        Assert.Equal(["node3"], BalancedAddress.Of(local, [Slice(At("node2", false)), Slice(ending)]).Single().Nodes!);
        Assert.Empty(BalancedAddress.Of(local, []).Single().Nodes!);
    }

    private static EndpointSlice Slice(params Endpoint[] endpoints) => new() { Endpoints = endpoints };

    private static Endpoint At(string node, bool ready, bool serving = false, bool terminating = false) =>
        new() { NodeName = node, Conditions = new EndpointConditions { Ready = ready, Serving = serving, Terminating = terminating } };

    [Theory]
    [InlineData("node1", true)]
    [InlineData("node1.example.com", false)]
    public void A_hello_is_read_as_it_was_written(string node, bool ready) => Assert.Equal(new Hello(node, ready), Hello.Read(new Hello(node, ready).Write()));

    [Theory]
    [InlineData("")]
    [InlineData("NALB")]
    [InlineData("12345678")]
    [InlineData("NALB\u0001\u0001")]
    [InlineData("NALB\u0001\u0002node1")]
    [InlineData("NALB\u0002\u0001node1")]
    public void What_is_no_hello_says_nothing(string message) => Assert.Null(Hello.Read(System.Text.Encoding.ASCII.GetBytes(message)));

    [Fact]
    public void A_hello_is_as_long_as_the_longest_name_at_most()
    {
        Assert.NotNull(Hello.Read(new Hello(new string('a', Hello.LongestName), true).Write()));
        Assert.Null(Hello.Read(new Hello(new string('a', Hello.LongestName + 1), true).Write()));
    }

    [Fact]
    public void An_address_belongs_to_the_link_with_the_narrowest_network_that_holds_it()
    {
        var (wide, narrow) = (Link(1, "10.0.0.0/8", "192.0.2.0/24"), Link(2, "10.1.0.0/16"));
        Assert.Equal(1, NodeLink.Of(IPAddress.Parse("10.2.0.1"), [wide, narrow])!.Link.Index);
        Assert.Equal(2, NodeLink.Of(IPAddress.Parse("10.1.0.1"), [wide, narrow])!.Link.Index);
        Assert.Equal(1, NodeLink.Of(IPAddress.Parse("192.0.2.9"), [wide, narrow])!.Link.Index);
        Assert.Null(NodeLink.Of(IPAddress.Parse("198.51.100.1"), [wide, narrow]));
        Assert.Null(NodeLink.Of(IPAddress.Parse("10.1.0.1"), []));
    }

    [Fact]
    public void A_link_is_another_one_with_another_carrier_address_or_network_only()
    {
        var link = Link(1, "10.0.0.0/8");
        Assert.Equal(link, link with { Link = link.Link with { Mtu = 9000, Flags = link.Link.Flags | 0x100 }, Networks = [IPNetwork.Parse("10.0.0.0/8")] });
        Assert.NotEqual(link, link with { Link = link.Link with { Flags = link.Link.Flags | LibC.IFF_LOWER_UP } });
        Assert.NotEqual(link, link with { Networks = [IPNetwork.Parse("10.0.0.0/16")] });
        Assert.NotEqual(link, link with { Address = IPAddress.Parse("10.0.0.9") });
    }

    private static NodeLink Link(int index, params string[] networks) =>
        new(new Link(index, $"eth{index}", null, PhysicalAddress.Parse("02-00-00-00-00-01"), 1500, LibC.IFF_UP, null, null, 0, null, null), IPAddress.Parse("10.0.0.1"), [.. networks.Select(IPNetwork.Parse)]);

    [Theory]
    [InlineData("eth0", "eth0:na-lb")]
    [InlineData("enp0s31f6", "enp0s31f6:na-lb")]
    [InlineData("wlx0123456789ab", "wlx012345:na-lb")]
    public void A_label_has_room_for_its_mark(string link, string label) => Assert.Equal(label, LinkAddresses.Label(link));
}
