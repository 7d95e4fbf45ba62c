using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>Where packets end, by walking the rules.</summary>
public class PacketFlowTests
{
    private const string Pod = "10.244.1.5", RemotePod = "10.244.2.5", NodeIP = "192.168.56.11", Outside = "203.0.113.9";

    private static readonly IptablesRules Rules = Render(
        [
            Service("local", "10.96.0.17", Port(80)), Service("remote", "10.96.0.18", Port(80)), Service("empty", "10.96.0.33", Port(80), Port(53, "dns", "UDP")),
            Service("both", "10.96.1.17", Port(53, "dns", "UDP"), Port(53, "dns-tcp")),
        ],
        [
            Slice("local", 8080, Ready(Pod)), Slice("remote", 80, Ready(RemotePod)),
            Slice("both", [SlicePort(53, "dns", "UDP")], [Ready(Pod)], "u"), Slice("both", [SlicePort(5353, "dns-tcp")], [Ready(RemotePod)], "t"),
        ]);

    private readonly PacketTracer tracer = new(Rules);

    [Theory]
    [InlineData("10.244.1.6", "10.96.0.17", 80, "10.244.1.5:8080")] // another pod of this node: the server sees it
    [InlineData("10.244.1.6", "10.96.0.18", 80, "10.244.2.5:80")]
    [InlineData(Pod, "10.96.0.17", 80, "10.244.1.5:8080 masqueraded")] // hairpin
    [InlineData(Outside, "10.96.0.17", 80, "10.244.1.5:8080 masqueraded")] // an outside host that routes Services to this node
    [InlineData("10.244.1.6", "10.96.0.33", 80, "tcp-reset")]
    [InlineData("10.244.1.6", "10.96.0.17", 81, "tcp-reset")] // no such port
    [InlineData("10.244.1.6", "10.96.7.7", 80, "DROP")] // no such Service (yet)
    [InlineData(Outside, NodeIP, 80, "192.168.56.11:80")] // the node's own port
    [InlineData(Pod, "10.244.2.5", 80, "10.244.2.5:80")] // pod to pod: never masqueraded
    [InlineData(RemotePod, Pod, 80, "10.244.1.5:80")]
    [InlineData(Pod, Outside, 443, "203.0.113.9:443 masqueraded")]
    [InlineData(Pod, "224.0.0.251", 5353, "224.0.0.251:5353")]
    [InlineData(RemotePod, Outside, 443, "203.0.113.9:443")] // another node's pod is another node's business
    public void A_forwarded_packet(string source, string destination, int port, string end) => Assert.Equal(end, tracer.Forwarded(source, destination, port));

    [Theory]
    [InlineData("10.96.0.17", 80, "10.244.1.5:8080 masqueraded")]
    [InlineData("10.96.0.18", 80, "10.244.2.5:80 masqueraded")]
    [InlineData("10.96.0.33", 80, "tcp-reset")]
    [InlineData(Pod, 8080, "10.244.1.5:8080")]
    [InlineData(Outside, 443, "203.0.113.9:443")]
    public void A_packet_of_the_node(string destination, int port, string end) => Assert.Equal(end, tracer.FromNode(NodeIP, destination, port));

    [Fact]
    public void Udp_and_tcp_on_one_port_go_their_own_ways()
    {
        Assert.Equal("10.244.1.5:53", tracer.Forwarded("10.244.1.6", "10.96.1.17", 53, "udp"));
        Assert.Equal("10.244.2.5:5353", tracer.Forwarded("10.244.1.6", "10.96.1.17", 53, "tcp"));
        Assert.Equal("icmp-port-unreachable", tracer.Forwarded("10.244.1.6", "10.96.0.33", 53, "udp"));
    }

    [Fact]
    public void Every_service_is_found_through_its_bucket_within_a_few_rules()
    {
        var addresses = Enumerable.Range(0, 512).Select(i => $"10.96.{i / 256}.{i % 256}").ToList();
        var crowded = new PacketTracer(Render(addresses.Select((address, i) => Service($"s{i}", address, Port(80))),
            addresses.Select((address, i) => Slice($"s{i}", 1000 + i, Ready(RemotePod)))));
        for (var i = 0; i < addresses.Count; i++) Assert.Equal($"{RemotePod}:{1000 + i}", crowded.Forwarded(Pod, addresses[i], 80));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    public void Each_endpoint_is_as_likely_as_any_other(int count)
    {
        var rules = Render([Service("s", "10.96.0.17", Port(80))], [Slice("s", 80, Enumerable.Range(1, count).Select(i => Ready($"10.244.2.{i}")).ToArray())]);
        var remaining = 1.0;
        var shares = new List<double>();
        for (var chosen = 0; chosen < count; chosen++)
        {
            var seen = 0;
            var last = 1.0; // the last endpoint has no probability: it takes what is left
            Assert.Equal($"10.244.2.{chosen + 1}:80", new PacketTracer(rules, probability =>
            {
                if (seen++ < chosen) return false;
                last = probability;
                return true;
            }).Forwarded(Pod, "10.96.0.17", 80));
            shares.Add(remaining * last);
            remaining -= shares[^1];
        }
        Assert.All(shares, share => Assert.Equal(1.0 / count, share, 1e-8));
    }
}
