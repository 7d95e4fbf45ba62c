using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;
using Linux;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>What becomes of UDP clients that keep their port, while the endpoints of their Service change.</summary>
public class StaleFlowTests
{
    private const string External = "198.51.100.1", Balancer = "198.51.100.2", Node = "192.168.56.11";
    private const int NodePort = 30053;

    public static TheoryData<RuleMode> Modes => TrafficTests.Modes;

    private static Service Dns(string name = "dns", string vip = Vip)
    {
        var service = Service(name, vip, "UDP", 53);
        return service with
        {
            Spec = service.Spec! with { Type = "LoadBalancer", Ports = [service.Spec.Ports![0] with { NodePort = NodePort }], ExternalIPs = [External] },
            Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = Balancer }] } },
        };
    }

    private static EndpointSlice Pods(params int[] pods) => Slice("dns", "UDP", 5353, [.. pods.Select(PodAddress)]);

    /// <summary>One at each kind of frontend, from the pod and from outside.</summary>
    private static async Task<List<Socket>> Clients(ServiceNetwork network)
    {
        await network.Node.Ip("route add 198.51.100.0/24 dev na0\n"); // a node has a way to anywhere, or a packet would end before it is refused
        await network.Outside.Ip("route add 198.51.100.0/24 via 203.0.113.1\nroute add 192.168.56.11 via 203.0.113.1\n");
        (TestSpace From, string Address, int Port)[] ways =
        [
            (network.Pods[2], Vip, 53), (network.Outside, Node, NodePort), (network.Outside, External, 53), (network.Outside, Balancer, 53),
            .. network.Mode == RuleMode.Nftables ? [] : ((TestSpace, string, int)[])[(network.Node, "127.0.0.1", NodePort)],
        ];
        var clients = new List<Socket>();
        foreach (var (from, address, port) in ways)
        {
            var client = TestClient.Open(from, ProtocolType.Udp);
            await client.ConnectAsync(IPAddress.Parse(address), port);
            clients.Add(client);
        }
        return clients;
    }

    /// <summary>Every client hears this from now on; the first question may be lost, as UDP may be.</summary>
    private static async Task AllHear(List<Socket> clients, string server)
    {
        foreach (var client in clients)
        {
            var heard = "";
            for (var i = 0; i < 40 && heard != server; i++)
            {
                if (i > 0) await Task.Delay(200); // refusals come by ICMP, at most one a second
                heard = (await TestClient.Ask(client, TimeSpan.FromSeconds(1))).Split(' ')[0];
            }
            Assert.True(heard == server, $"{client.RemoteEndPoint}: {heard} instead of {server}");
        }
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task Clients_of_every_frontend_follow_its_endpoints_from_none_to_others_to_none_and_back(RuleMode mode)
    {
        await using var network = await Create(mode);
        using var first = TestServer.Udp(network.Pods[0], 5353);
        using var second = TestServer.Udp(network.Pods[1], 5353);
        var proxier = await network.Serve([], []);
        var clients = await Clients(network);
        foreach (var client in clients) await TestClient.Ask(client, TimeSpan.FromMilliseconds(200)); // tracked as it is, where it comes so far

        await network.Update(proxier, [Dns()], [Pods(0)]);
        await AllHear(clients, "pod1");
        await network.Update(proxier, [Dns()], [Pods(1)]);
        await AllHear(clients, "pod2");
        await network.Update(proxier, [Dns()], []);
        await AllHear(clients, "ConnectionRefused");
        await network.Update(proxier, [Dns()], [Pods(0)]);
        await AllHear(clients, "pod1");

        await network.Update(proxier, [Dns()], [Pods(0, 1)]);
        await AllHear(clients, "pod1"); // what led somewhere goes on leading there
        await network.Update(proxier, [Service("other", OtherVip)], []);
        await Gone(network);
        clients.ForEach(client => client.Dispose());
    }

    private static Task Gone(ServiceNetwork network) => Eventually(() => Task.FromResult(Translated(network) is [var flow, ..] ? $"still there: {flow}" : null));

    private static List<string> Translated(ServiceNetwork network) =>
        [.. new Conntrack(network.Node.Namespace).List(new(ConntrackProtocol.Udp)).Where(flow => flow.IsTranslated).Select(flow => $"{flow}").Order(StringComparer.Ordinal)];

    /// <summary>A flow of 203.0.113.9 in the node's table, as conntrack(8) takes it.</summary>
    private static Task Insert(ServiceNetwork network, string destination, int port, string endpoint, int endpointPort, string protocol = "udp")
    {
        var client = $"{Interlocked.Increment(ref lastClient)}";
        return network.Node.Run("conntrack", ["-I", "-p", protocol, "-t", "600", "-s", "203.0.113.9", "-d", destination, "--sport", client, "--dport", $"{port}",
            "-r", endpoint, "-q", "203.0.113.9", "--reply-port-src", $"{endpointPort}", "--reply-port-dst", client, .. protocol == "tcp" ? (string[])["--state", "ESTABLISHED"] : []]);
    }

    private static int lastClient = 4000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // more changes than are looked at one by one
    public async Task Only_flows_of_frontends_are_ended_and_none_of_tcp(bool few)
    {
        await using var network = await Create(RuleMode.IptablesNft);
        var others = Enumerable.Range(0, few ? 0 : 20).Select(i => Service($"s{i}", $"10.96.1.{i}", "UDP", 53)).ToList();
        await Insert(network, OtherVip, 53, PodAddress(1), 5353);
        var proxier = await network.Serve([Dns()], [Pods(0, 1)]);
        await Gone(network); // what is left behind is ended first
        await Insert(network, Node, NodePort, PodAddress(1), 5353);
        await Insert(network, Vip, 53, PodAddress(1), 5353);
        await Insert(network, Vip, 53, PodAddress(1), 5353, "tcp");
        await Insert(network, Node, NodePort, PodAddress(1), 5353, "tcp");
        await Insert(network, "203.0.113.77", NodePort, PodAddress(1), 5353); // passes through: not this node's port
        await Insert(network, Vip, 54, PodAddress(1), 5353);

        await network.Update(proxier, [Dns(), .. others], [Pods(0), .. others.Select(service => Slice(service.Name, "UDP", 53, PodAddress(0)))]);
        await Eventually(() => Task.FromResult(Translated(network).Count == 2 ? null : string.Join('\n', Translated(network))));
        Assert.Equal([$"udp 10.96.0.17:54 answered by {PodAddress(1)}:5353", $"udp 203.0.113.77:{NodePort} answered by {PodAddress(1)}:5353"], Translated(network));
        Assert.Equal(2, new Conntrack(network.Node.Namespace).List(new(ConntrackProtocol.Tcp)).Count);
    }

    [Fact]
    public async Task What_changed_while_no_agent_ran_is_made_up_for()
    {
        await using var network = await Create(RuleMode.IptablesNft);
        using var first = TestServer.Udp(network.Pods[0], 5353);
        using var second = TestServer.Udp(network.Pods[1], 5353);
        var clients = await Clients(network);
        using (var ends = new CancellationTokenSource())
        {
            await network.Update(network.Start(null, ends.Token), [Dns()], [Pods(0)]);
            await AllHear(clients, "pod1");
            await ends.CancelAsync();
        }
        await Insert(network, OtherVip, 53, PodAddress(0), 5353); // of a Service that went
        await Insert(network, Node, 30099, RemotePod, 5353);
        await Insert(network, Node, HostPort, PodAddress(0), 5353);
        await Insert(network, Node, 8053, "172.17.0.2", 53);

        await network.Serve([Dns()], [Pods(1)]);
        await AllHear(clients, "pod2");
        clients.ForEach(client => client.Dispose());
        var left = Translated(network);
        Assert.DoesNotContain(left, flow => flow.Contains(OtherVip) || flow.Contains("30099"));
        Assert.Contains($"udp {Node}:{HostPort} answered by {PodAddress(0)}:5353", left);
        Assert.Contains($"udp {Node}:8053 answered by 172.17.0.2:53", left);
    }
}
