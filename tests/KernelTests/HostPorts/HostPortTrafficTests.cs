using System.Net.Sockets;
using KernelTests.ServiceProxy;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.HostPorts;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.HostPorts;

/// <summary>Real connections to ports of the node that lead to pods, with both back ends of iptables.</summary>
public class HostPortTrafficTests
{
    private const string Node = "192.168.56.11", OtherNodeAddress = "203.0.113.1";

    public static TheoryData<IptablesBackend> Backends => new(IptablesBackend.Nft, IptablesBackend.Legacy);

    private static HostPortMapper Mapper(ServiceNetwork network, IReadOnlyDictionary<string, IReadOnlyList<HostPort>>? adopted = null) =>
        new(adopted ?? new Dictionary<string, IReadOnlyList<HostPort>>(), NullLogger.Instance, network.Node.TryRun, network.Backend, network.Node.Namespace);

    private static HostPort Port(int pod, int port, string address = "", string protocol = "tcp") => new($"default/p{pod}", protocol, address, port, PodAddress(pod), 8080);

    [Theory, MemberData(nameof(Backends))]
    public async Task A_host_port_is_reached_from_outside_from_pods_from_the_node_and_from_the_pod_itself(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        using var server = TestServer.Tcp(network.Pods[0], 8080);
        await network.Serve([Service("s", Vip)], [Slice("s", 8080, PodAddress(0))]); // has the rule for pods that reach themselves
        var mapper = Mapper(network);
        await mapper.Open("u0", [Port(0, 80)], default);

        Assert.Equal("pod1 203.0.113.9", await TestClient.Ask(network.Outside, OtherNodeAddress, 80));
        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], Node, 80));
        Assert.Equal("pod1 10.244.1.1", await TestClient.Ask(network.Pods[0], Node, 80));
        Assert.StartsWith("pod1 ", await TestClient.Ask(network.Node, Node, 80));

        await mapper.Close("u0", default);
        Assert.Equal("ConnectionRefused", await TestClient.Ask(network.Outside, OtherNodeAddress, 80));
        Assert.DoesNotContain("HOSTPORTS", await network.Ours());
        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], Vip, 80));
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task A_host_address_is_respected_and_UDP_is_another_port_than_TCP(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        using var tcp = TestServer.Tcp(network.Pods[0], 8080);
        using var udp = TestServer.Udp(network.Pods[1], 8080);
        var mapper = Mapper(network);
        await mapper.Open("u0", [Port(0, 80, OtherNodeAddress)], default);
        await mapper.Open("u1", [Port(1, 80, protocol: "udp")], default);

        Assert.Equal("pod1 203.0.113.9", await TestClient.Ask(network.Outside, OtherNodeAddress, 80));
        Assert.Equal("pod2 203.0.113.9", await TestClient.Ask(network.Outside, OtherNodeAddress, 80, ProtocolType.Udp));
        Assert.Equal("ConnectionRefused", await TestClient.Ask(network.Pods[1], Node, 80));
    }

    [Fact]
    public async Task A_port_of_another_pod_is_refused_with_its_name_and_stays_where_it_is()
    {
        await using var network = await Create(IptablesBackend.Nft);
        using var server = TestServer.Tcp(network.Pods[0], 8080);
        var mapper = Mapper(network);
        await mapper.Open("u0", [Port(0, 80)], default);
        var error = await Assert.ThrowsAsync<IOException>(() => mapper.Open("u1", [Port(1, 80)], default));
        Assert.Equal("node(s) didn't have free ports for the requested pod ports: host port 80/TCP belongs to pod default/p0", error.Message);
        Assert.Equal("pod1 203.0.113.9", await TestClient.Ask(network.Outside, OtherNodeAddress, 80));
    }

    [Fact]
    public async Task A_port_that_iptables_refuses_does_not_keep_those_of_other_pods_closed()
    {
        await using var network = await Create(IptablesBackend.Nft);
        using var server = TestServer.Tcp(network.Pods[0], 8080);
        var mapper = Mapper(network);
        await Assert.ThrowsAsync<IOException>(() => mapper.Open("u1", [Port(1, 81, protocol: "bogus")], default));
        await mapper.Open("u0", [Port(0, 80)], default);
        Assert.Equal("pod1 203.0.113.9", await TestClient.Ask(network.Outside, OtherNodeAddress, 80));
    }

    [Fact]
    public async Task A_new_agent_keeps_what_pods_have_takes_away_what_nobody_has_and_repairs()
    {
        await using var network = await Create(IptablesBackend.Nft);
        using var server = TestServer.Tcp(network.Pods[0], 8080);
        var first = Mapper(network);
        await first.Open("u0", [Port(0, 80)], default);
        await first.Open("u1", [Port(1, 81)], default);

        var second = Mapper(network, new Dictionary<string, IReadOnlyList<HostPort>> { ["u0"] = [Port(0, 80)] });
        using var stop = new CancellationTokenSource();
        var running = second.Run(stop.Token);
        await Eventually(async () => (await network.Ours()).Contains("--dport 81") ? "the port of a pod that is gone is still open" : null);
        Assert.Equal("pod1 203.0.113.9", await TestClient.Ask(network.Outside, OtherNodeAddress, 80));
        await network.Iptables("", null, "-t", "nat", "-F", "NA-HOSTPORTS");
        await second.Open("u2", [Port(2, 82)], default); // what comes next also compares
        Assert.Equal("pod1 203.0.113.9", await TestClient.Ask(network.Outside, OtherNodeAddress, 80));
        await stop.CancelAsync();
        await running;
    }
}
