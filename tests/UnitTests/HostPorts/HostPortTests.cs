using KubeApi.Objects;
using NodeAgent.HostPorts;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;

namespace UnitTests.HostPorts;

public class HostPortTests
{
    private static Pod Pod(params ContainerPort[] ports) => new()
    {
        Metadata = new ObjectMeta { Name = "p", Namespace = "default", Uid = "u" },
        Spec = new PodSpec { Containers = [new Container { Name = "c", Ports = ports }] },
    };

    private static ContainerPort Port(int port, int? hostPort, string? hostIP = null, string protocol = "TCP") =>
        new() { Port = port, HostPort = hostPort, HostIP = hostIP, Protocol = protocol };

    [Fact]
    public void Each_host_port_is_one_rule_an_own_address_first() => Assert.Equal(
        [
            "-A PREROUTING -m addrtype --dst-type LOCAL -m comment --comment \"NodeAgent: host ports\" -j NA-HOSTPORTS",
            "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -m comment --comment \"NodeAgent: host ports\" -j NA-HOSTPORTS",
            "-A NA-HOSTPORTS -p udp -m comment --comment \"default/p\" -m udp --dport 53 -j DNAT --to-destination 10.244.1.2:5353",
            "-A NA-HOSTPORTS -d 192.0.2.1/32 -p tcp -m comment --comment \"default/p\" -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.2:81",
            "-A NA-HOSTPORTS -p tcp -m comment --comment \"default/p\" -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.2:80",
        ],
        HostPortRules.Render(HostPort.Of(Pod(Port(80, 8080), Port(81, 8080, "192.0.2.1"), Port(82, null), Port(5353, 53, "0.0.0.0", "UDP")), "10.244.1.2")).Lines().Select(rule => rule.Line));

    [Fact]
    public void Without_host_ports_and_on_the_nodes_network_there_is_no_rule()
    {
        Assert.Empty(HostPortRules.Render(HostPort.Of(Pod(Port(80, null)), "10.244.1.2")).Lines());
        var onNode = Pod(Port(80, 80));
        Assert.Empty(HostPort.Of(onNode with { Spec = onNode.Spec! with { HostNetwork = true } }, "192.0.2.10"));
    }

    [Theory]
    [InlineData("", "", "tcp", true)]
    [InlineData("", "192.0.2.1", "tcp", true)]
    [InlineData("192.0.2.1", "192.0.2.1", "tcp", true)]
    [InlineData("192.0.2.2", "192.0.2.1", "tcp", false)]
    [InlineData("", "", "udp", false)]
    public void Two_pods_cannot_have_one_port(string address, string other, string protocol, bool clash) =>
        Assert.Equal(clash, new HostPort("a/b", "tcp", address, 80, "10.244.1.2", 80).ClashesWith(new HostPort("a/c", protocol, other, 80, "10.244.1.3", 80)));

    [Fact]
    public void An_address_is_written_as_iptables_writes_it() => Assert.Equal("10.0.0.1", HostPort.Of(Pod(Port(80, 80, "10.1")), "10.244.1.2")[0].HostAddress);

    [Fact]
    public void An_IPv6_address_is_refused_with_its_field() =>
        Assert.Contains("hostIP ::1", Assert.Throws<IOException>(() => HostPort.Of(Pod(Port(80, 80, "::1")), "10.244.1.2")).Message);

    [Fact]
    public void The_Services_leave_the_chains_of_host_ports_alone()
    {
        const string saved = "*nat\n:NA-SERVICES - [0:0]\n:NA-HOSTPORTS - [0:0]\n-A PREROUTING -j NA-SERVICES\n-A PREROUTING -j NA-HOSTPORTS\n-A NA-HOSTPORTS -p tcp -j DNAT --to-destination 10.244.1.2:80\n";
        var services = IptablesSave.Parse("nat", saved, chain => !HostPortRules.Owns(chain));
        Assert.Equal(["-A PREROUTING -j NA-SERVICES"], services.Lines().Select(rule => rule.Line));
        Assert.Equal(2, IptablesSave.Parse("nat", saved, HostPortRules.Owns).Lines().Count());
    }
}
