using System.Net;
using System.Net.Sockets;
using Linux;
using NodeAgent.ServiceProxy.IptablesMode;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>Real connections through the rules, in every mode.</summary>
public class TrafficTests
{
    public static TheoryData<IptablesBackend> Backends => new(IptablesBackend.Nft, IptablesBackend.Legacy);

    public static TheoryData<RuleMode> Modes => new(Enum.GetValues<RuleMode>());

    [Theory, MemberData(nameof(Modes))]
    public async Task A_service_is_reached_from_pods_and_from_the_node(RuleMode mode)
    {
        await using var network = await Create(mode);
        using var local = TestServer.Tcp(network.Pods[0], 8080);
        using var remote = TestServer.Tcp(network.Remote, 8080);
        await network.Serve([Service("local", Vip), Service("remote", OtherVip)], [Slice("local", 8080, PodAddress(0)), Slice("remote", 8080, RemotePod)]);

        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], Vip, 80)); // servers see pods as they are
        Assert.Equal("node2 10.244.1.3", await TestClient.Ask(network.Pods[1], OtherVip, 80));
        Assert.Equal("pod1 10.244.1.1", await TestClient.Ask(network.Node, Vip, 80)); // the bridge's address: from this node
        Assert.Equal("node2 192.168.56.11", await TestClient.Ask(network.Node, OtherVip, 80));
    }

    [Theory]
    [InlineData(RuleMode.IptablesNft, false)]
    [InlineData(RuleMode.IptablesNft, true)]
    [InlineData(RuleMode.IptablesLegacy, false)]
    [InlineData(RuleMode.IptablesLegacy, true)]
    [InlineData(RuleMode.Nftables, false)]
    [InlineData(RuleMode.Nftables, true)]
    public async Task A_pod_reaches_itself_and_its_neighbours_whatever_the_bridge_does(RuleMode mode, bool bridgeCallsIptables)
    {
        await using var network = await Create(mode, bridgeCallsIptables);
        using var itself = TestServer.Tcp(network.Pods[0], 8080);
        using var neighbour = TestServer.Tcp(network.Pods[1], 8080);
        await network.Serve([Service("itself", Vip), Service("neighbour", OtherVip)], [Slice("itself", 8080, PodAddress(0)), Slice("neighbour", 8080, PodAddress(1))]);

        Assert.Equal("pod1 10.244.1.1", await TestClient.Ask(network.Pods[0], Vip, 80));
        Assert.Equal("pod2 10.244.1.2", await TestClient.Ask(network.Pods[0], OtherVip, 80));
        Assert.Equal("pod2 10.244.1.2", await TestClient.Ask(network.Pods[0], PodAddress(1), 8080));
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task Connections_are_spread_evenly(RuleMode mode)
    {
        await using var network = await Create(mode);
        var servers = network.Pods.Select(pod => TestServer.Tcp(pod, 80)).ToList();
        await network.Serve([Service("s", Vip)], [Slice("s", 80, PodAddress(0), PodAddress(1), PodAddress(2))]);

        const int connects = 3000;
        var shares = new Dictionary<string, int>();
        for (var i = 0; i < connects; i++)
        {
            var name = (await TestClient.Ask(network.Node, Vip, 80)).Split(' ')[0];
            shares[name] = shares.GetValueOrDefault(name) + 1;
        }
        servers.ForEach(server => server.Dispose());
        Assert.Equal(["pod1", "pod2", "pod3"], shares.Keys.Order());
        const double expected = connects / 3.0;
        // 2 degrees of freedom: a fair draw exceeds 30 three times in ten million.
        Assert.InRange(shares.Values.Sum(share => (share - expected) * (share - expected) / expected), 0, 30);
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task A_service_without_endpoints_refuses_and_serves_when_it_has_some(RuleMode mode)
    {
        await using var network = await Create(mode);
        using var server = TestServer.Tcp(network.Pods[0], 80);
        var (tcp, udp) = (Service("s", Vip), Service("u", Vip, "UDP"));
        var proxier = await network.Serve([tcp, udp], []);
        foreach (var client in (TestSpace[])[network.Pods[1], network.Pods[0], network.Node])
        {
            Assert.Equal("ConnectionRefused", await TestClient.Ask(client, Vip, 80));
            Assert.Equal("ConnectionRefused", await TestClient.Ask(client, Vip, 80, ProtocolType.Udp));
        }
        await network.Update(proxier, [tcp, udp], [Slice("s", 80, PodAddress(0))]);
        if (mode != RuleMode.Nftables) await Eventually(async () => (await network.Save("-t", "filter")).Contains("default/s:80") ? "still refused" : null);
        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], Vip, 80));
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task A_pod_is_masqueraded_towards_the_outside_only(RuleMode mode)
    {
        await using var network = await Create(mode);
        using var outside = TestServer.Tcp(network.Outside, 80);
        using var remote = TestServer.Tcp(network.Remote, 80);
        using var pod = TestServer.Tcp(network.Pods[0], 80);
        await network.Serve([], []);

        Assert.Equal("outside 203.0.113.1", await TestClient.Ask(network.Pods[1], OutsideAddress, 80));
        Assert.Equal("node2 10.244.1.3", await TestClient.Ask(network.Pods[1], RemotePod, 80));
        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], PodAddress(0), 80));
        Assert.Equal("pod1 192.168.56.12", await TestClient.Ask(network.Remote, PodAddress(0), 80));
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task Pods_pass_where_the_policy_drops(RuleMode mode)
    {
        await using var network = await Create(mode);
        using var server = TestServer.Tcp(network.Remote, 80);
        await network.Iptables("", null, "-P", "FORWARD", "DROP");
        await network.Serve([Service("s", Vip), Service("empty", OtherVip)], [Slice("s", 80, RemotePod)]);
        Assert.Equal("node2 10.244.1.2", await TestClient.Ask(network.Pods[0], Vip, 80));
        Assert.Equal("ConnectionRefused", await TestClient.Ask(network.Pods[0], OtherVip, 80));
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task An_open_connection_survives_the_removal_of_its_endpoint(RuleMode mode)
    {
        await using var network = await Create(mode);
        using var first = TestServer.Tcp(network.Pods[0], 80);
        using var second = TestServer.Tcp(network.Pods[1], 80);
        var proxier = await network.Serve([Service("s", Vip)], [Slice("s", 80, PodAddress(0))]);
        using var client = TestClient.Open(network.Pods[2], ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Parse(Vip), 80);
        await network.Update(proxier, [Service("s", Vip)], [Slice("s", 80, PodAddress(1))]);
        Assert.Equal("pod1 10.244.1.4", await TestClient.Ask(client, TestClient.Patience));
        Assert.Equal("pod2 10.244.1.4", await TestClient.Ask(network.Pods[2], Vip, 80));
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task A_udp_client_that_keeps_its_port_follows_the_service(RuleMode mode)
    {
        await using var network = await Create(mode);
        using var first = TestServer.Udp(network.Pods[0], 5353);
        using var second = TestServer.Udp(network.Pods[1], 5353);
        var service = Service("dns", Vip, "UDP", 53);
        var proxier = await network.Serve([service], [Slice("dns", "UDP", 5353, PodAddress(0))]);
        using var client = TestClient.Open(network.Pods[2], ProtocolType.Udp);
        await client.ConnectAsync(IPAddress.Parse(Vip), 53);
        Assert.Equal("pod1 10.244.1.4", await TestClient.Ask(client, TestClient.Patience));
        await network.Update(proxier, [service], [Slice("dns", "UDP", 5353, PodAddress(1))]);
        // An answer on its way while its conntrack entry goes is lost, as UDP may be: do not wait long for it.
        await Eventually(async () => await TestClient.Ask(client, TimeSpan.FromSeconds(1)) is not "pod2 10.244.1.4" and var other ? $"still {other}" : null);
    }
}
