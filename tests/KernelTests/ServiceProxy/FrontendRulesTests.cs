using System.Net;
using KubeApi.Objects;
using Linux;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>Every kind of rule of the iptables mode, in the kernel.</summary>
public class FrontendRulesTests
{
    public static TheoryData<IptablesBackend> Backends => TrafficTests.Backends;

    /// <summary>Every protocol, policy and affinity, each with every kind of frontend.</summary>
    internal static IEnumerable<Service> EveryKind()
    {
        var number = 0;
        foreach (var protocol in (string[])["TCP", "UDP", "SCTP"])
            foreach (var policy in (string[])["Cluster", "Local"])
                foreach (var affinity in (string[])["None", "ClientIP"])
                {
                    var service = Service($"s{++number}", $"10.96.1.{number}", protocol);
                    yield return service with
                    {
                        Spec = service.Spec! with
                        {
                            Type = "LoadBalancer", ExternalTrafficPolicy = policy, InternalTrafficPolicy = policy, SessionAffinity = affinity,
                            Ports = [service.Spec.Ports![0] with { NodePort = 30000 + 200 * number }], ExternalIPs = [$"198.51.100.{number}"],
                            LoadBalancerSourceRanges = ["203.0.113.0/24", "192.168.56.11/32"], HealthCheckNodePort = policy == "Local" ? 31000 + number : null,
                        },
                        Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = $"192.0.2.{number}" }] } },
                    };
                }
    }

    /// <summary>Otherwise every comparison would take them for changed by hand, and write them anew.</summary>
    [Theory, MemberData(nameof(Backends))]
    public async Task The_kernel_prints_every_rule_as_it_was_written(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        var services = EveryKind().ToList();
        var node = Facts with { NodeAddress = IPAddress.Parse("192.168.56.11") };
        string[][] pods = [[PodAddress(0), PodAddress(1), RemotePod], [], [RemotePod]];
        foreach (var endpoints in pods)
            foreach (var facts in (NodeFacts[])[node, node with { LocalhostNodePorts = false, NodePortAddresses = [IPNetwork.Parse("192.168.56.0/24"), IPNetwork.Parse("0.0.0.0/0")] }])
            {
                var table = ServiceTable.Of(services, services.Select(service => Slice(service.Name, service.Spec!.Ports![0].Protocol!, 80, endpoints)), facts);
                var backEnd = new IptablesBackEnd(network.Node.TryRun, backend);
                await backEnd.Compare(table, write: true, default);
                while (backEnd.HasLeftovers) await backEnd.Apply(table, TableChanges.None, default);
                Assert.Equal([], (await backEnd.Compare(table, write: false, default)).Select(drift => drift.ToString()));
                Assert.DoesNotContain(await backEnd.State(table, default), line => line.ApiObject == "no object");
                Assert.DoesNotContain(await backEnd.State(null, default), line => line.ApiObject == "no object");
            }
        await new IptablesBackEnd(network.Node.TryRun).Cleanup(default);
        Assert.DoesNotContain("NA-", await network.Ours());
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task A_node_port_answers_on_localhost_and_keeps_neighbours_from_it(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        using var pod = TestServer.Tcp(network.Pods[0], 80);
        using var secret = TestServer.Tcp(network.Node, 7777);
        var service = Service("s", Vip);
        service = service with { Spec = service.Spec! with { Type = "NodePort", Ports = [service.Spec.Ports![0] with { NodePort = 30080 }] } };
        var without = Service("w", OtherVip);
        without = without with { Spec = without.Spec! with { Type = "NodePort", Ports = [without.Spec.Ports![0] with { NodePort = 30090 }] } };
        await network.Serve([service, without], [Slice("s", 80, PodAddress(0))]);
        await Eventually(async () => (await network.Node.Run("cat", ["/proc/sys/net/ipv4/conf/all/route_localnet"])).Trim() == "1" ? null : "route_localnet is not set");

        Assert.Equal("pod1 10.244.1.1", await TestClient.Ask(network.Node, "127.0.0.1", 30080));
        Assert.Equal("pod1 10.244.1.1", await TestClient.Ask(network.Node, "192.168.56.11", 30080));
        Assert.Equal("pod1 10.244.1.1", await TestClient.Ask(network.Outside, "203.0.113.1", 30080));
        Assert.Equal("pod1 10.244.1.1", await TestClient.Ask(network.Pods[1], "10.244.1.1", 30080));
        foreach (var client in (TestSpace[])[network.Node, network.Outside, network.Pods[1]])
            Assert.Equal("ConnectionRefused", await TestClient.Ask(client, client == network.Outside ? "203.0.113.1" : "10.244.1.1", 30090));

        // A neighbour that routes 127.0.0.0/8 to this node.
        await network.Outside.Ip("address del 127.0.0.1/8 dev lo\nroute add 127.0.0.0/8 via 203.0.113.1 src 203.0.113.9\n");
        network.Outside.Sysctls("ipv4/conf/all/route_localnet=1");
        using var socket = TestClient.Open(network.Outside, System.Net.Sockets.ProtocolType.Tcp);
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await socket.ConnectAsync(IPAddress.Loopback, 7777, soon.Token));
        Assert.Contains("127.0.0.0/8", await network.Iptables("", null, "-vnL", "NA-INPUT"));
        Assert.DoesNotMatch(@"\n\s+0\s+0 DROP .*127\.0\.0\.0/8", await network.Iptables("", null, "-vnL", "NA-INPUT")); // it did come here
        Assert.Equal("node1 127.0.0.1", await TestClient.Ask(network.Node, "127.0.0.1", 7777));
    }
}
