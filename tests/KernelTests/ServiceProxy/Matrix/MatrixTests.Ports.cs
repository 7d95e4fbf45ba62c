using System.Net;
using KubeApi.Objects;
using NodeAgent.ServiceProxy.Model;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Ports of Services, their names, and the addresses at which nodePorts are served.</summary>
public abstract partial class MatrixTests
{
    [Fact]
    public async Task Each_port_leads_to_its_own_target_also_where_pods_number_it_differently()
    {
        var extra = new ExtraService(5);
        var service = extra.ToObject();
        service = service with
        {
            Spec = service.Spec! with
            {
                Ports =
                [
                    new() { Name = "http", Port = 80, NodePort = 30301, TargetPort = "web" }, new() { Name = "metrics", Port = 9090, NodePort = 30302, TargetPort = 9802 },
                    new() { Name = "dns", Port = 53, Protocol = "UDP", NodePort = 30301 }, new() { Name = "dns-tcp", Port = 53, NodePort = 30303 },
                ],
            },
        };
        DiscoveryEndpointPort Port(string name, int number, string protocol = "TCP") => new() { Name = name, Port = number, Protocol = protocol };
        EndpointSlice[] slices =
        [
            extra.ToSlice("a", [Port("http", 9801), Port("metrics", 9802), Port("dns", 9803, "UDP"), Port("dns-tcp", 9803)], Server.Pod(1)),
            extra.ToSlice("b", [Port("http", 9804), Port("metrics", 9802), Port("dns", 9803, "UDP"), Port("dns-tcp", 9803)], Server.Pod(2)),
        ];
        await Put(service, slices);
        async Task Leads(string servers, string protocol, int port, int nodePort)
        {
            foreach (var (address, number) in (IEnumerable<(string, int)>)[(extra.ClusterIP, port), (extra.LoadBalancerIP, port), (AddressPlan.Node(1), nodePort)])
                Assert.Equal(servers, string.Join(' ', (await Ask(Enumerable.Repeat(new Question(fixture.World.ClientPod(1), null, protocol, address, number), 40)))
                    .Select(answer => answer.Split(' ')[0]).Distinct().Order()));
        }
        await Leads("pod1a:9801 pod2a:9804", "tcp", 80, 30301);
        await Leads("pod1a:9802 pod2a:9802", "tcp", 9090, 30302);
        await Leads("pod1a:9803 pod2a:9803", "udp", 53, 30301);
        await Leads("pod1a:9803 pod2a:9803", "tcp", 53, 30303);
        Assert.Equal(Asker.Refused, await Ask(fixture.World.ClientPod(1), "udp", extra.ClusterIP, 80));
        await Remove(service, slices);
    }

    [Fact]
    public async Task Node_ports_are_served_on_the_addresses_that_were_asked_for()
    {
        var service = MatrixService.All[0];
        var facts = MatrixWorld.Facts(1);
        async Task Served(NodeFacts asked, bool node, bool bridge, bool localhost)
        {
            await fixture.Nodes[1].Change(table => table.SetNode(asked));
            foreach (var protocol in (string[])["tcp", "udp"])
                foreach (var (from, address, served) in (IEnumerable<(TestSpace, string, bool)>)
                [
                    (fixture.World.Outside, AddressPlan.Node(1), node), (fixture.World.ClientPod(1), AddressPlan.Node(1), node), (fixture.World.ClientPod(1), AddressPlan.Bridge(1), bridge),
                    (fixture.World.Node(1), AddressPlan.Node(1), node), (fixture.World.Node(1), "127.0.0.1", localhost),
                ])
                {
                    var answer = await Ask(from, protocol, address, service.NodePort);
                    Assert.True(served == answer.StartsWith("pod", StringComparison.Ordinal) && served != (answer == Asker.Refused), $"{protocol} {from.Name} → {address}: {answer}");
                }
            Assert.Equal([], await fixture.Nodes[1].Drift());
        }
        var everywhere = fixture.Mode.NodePortsEverywhere;
        await Served(facts with { NodePortAddresses = [IPNetwork.Parse("192.168.56.0/24")] }, node: true, bridge: false, localhost: false);
        await Served(facts with { NodePortAddresses = [IPNetwork.Parse("10.244.0.0/16"), IPNetwork.Parse("127.0.0.0/8")] }, node: false, bridge: true, localhost: everywhere);
        await Served(facts with { NodePortAddresses = [IPNetwork.Parse("0.0.0.0/0")] }, node: true, bridge: true, localhost: everywhere);
        await Served(facts with { NodePortAddresses = [IPNetwork.Parse("0.0.0.0/0")], LocalhostNodePorts = false }, node: true, bridge: true, localhost: false);
        await Served(facts with { LocalhostNodePorts = false }, node: true, bridge: everywhere, localhost: false);
        await Served(facts, node: true, bridge: everywhere, localhost: everywhere);
    }
}
