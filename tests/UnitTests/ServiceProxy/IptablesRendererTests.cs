using System.Net;
using KubeApi.Objects;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>The whole text of the rules, as it goes to iptables-restore in an empty namespace.</summary>
public class IptablesRendererTests
{
    private static string Text(IEnumerable<Service> services, IEnumerable<EndpointSlice> slices, NodeFacts? node = null) =>
        string.Concat(IptablesRules.Between(IptablesRules.Empty, IptablesRenderer.Render(ServiceTable.Of(services, slices, node ?? Node1))).Texts);

    [Fact]
    public void A_service_with_two_endpoints() => Assert.Equal("""
        *filter
        :NA-FILTER - [0:0]
        :NA-FORWARD - [0:0]
        :NA-INPUT - [0:0]
        :NA-PORTS - [0:0]
        :NA-R - [0:0]
        :NA-R-1 - [0:0]
        :NA-R-11 - [0:0]
        :NA-REJECT - [0:0]
        -A NA-FILTER -j NA-R
        -A NA-FILTER -d 10.96.0.0/16 -m comment --comment "no such Service" -j DROP
        -A NA-FORWARD -s 10.244.1.0/24 -p tcp -m conntrack --ctstate INVALID -j DROP
        -A NA-FORWARD -d 10.244.1.0/24 -p tcp -m conntrack --ctstate INVALID -j DROP
        -A NA-FORWARD -m conntrack --ctstate NEW -j NA-FILTER
        -A NA-FORWARD -s 10.244.1.0/24 -j ACCEPT
        -A NA-FORWARD -d 10.244.1.0/24 -j ACCEPT
        -A NA-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
        -A NA-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A NA-INPUT -d 127.0.0.0/8 ! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment "from outside to localhost" -j DROP
        -A NA-INPUT -d 127.255.255.254/32 -j REJECT --reject-with icmp-port-unreachable
        -A NA-INPUT -m conntrack --ctstate NEW -j NA-FILTER
        -A NA-INPUT -m conntrack --ctstate NEW -j NA-PORTS
        -A NA-R -d 0.0.0.1/0.0.0.15 -j NA-R-1
        -A NA-R-1 -d 0.0.0.16/0.0.0.240 -j NA-R-11
        -A NA-R-11 -d 10.96.0.17/32 -m comment --comment "default/my-nginx: no such port" -j NA-REJECT
        -A NA-REJECT -p tcp -j REJECT --reject-with tcp-reset
        -A NA-REJECT -j REJECT --reject-with icmp-port-unreachable
        -I INPUT -m comment --comment "NodeAgent: node ports and Services" -j NA-INPUT
        -I FORWARD -m comment --comment "NodeAgent: pods and Services" -j NA-FORWARD
        -I OUTPUT -m conntrack --ctstate NEW -m comment --comment "NodeAgent: Services without endpoints" -j NA-FILTER
        COMMIT
        *nat
        :NA-B - [0:0]
        :NA-B-1 - [0:0]
        :NA-B-11 - [0:0]
        :NA-MARK-MASQ - [0:0]
        :NA-NODEPORTS - [0:0]
        :NA-OUTBOUND - [0:0]
        :NA-POSTROUTING - [0:0]
        :NA-REFUSE-OWN - [0:0]
        :NA-SERVICES - [0:0]
        :NA-SVC-4XYD7U2GMSAB5W7P - [0:0]
        -A NA-B -d 0.0.0.1/0.0.0.15 -j NA-B-1
        -A NA-B-1 -d 0.0.0.16/0.0.0.240 -j NA-B-11
        -A NA-B-11 -d 10.96.0.17/32 -p tcp -m comment --comment "default/my-nginx:80 cluster IP" -m tcp --dport 80 -j NA-SVC-4XYD7U2GMSAB5W7P
        -A NA-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
        -A NA-OUTBOUND -d 10.244.0.0/16 -j RETURN
        -A NA-OUTBOUND -d 224.0.0.0/4 -j RETURN
        -A NA-OUTBOUND -m mark ! --mark 0x4000/0x4000 -j MASQUERADE --random-fully
        -A NA-POSTROUTING -m conntrack --ctstate DNAT -m bpf --bytecode "6,32 0 0 12,7 0 0 0,32 0 0 16,29 0 1 0,6 0 0 65535,6 0 0 0" -j MASQUERADE --random-fully
        -A NA-POSTROUTING -s 10.244.1.0/24 -j NA-OUTBOUND
        -A NA-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A NA-POSTROUTING -j MARK --set-xmark 0x4000/0x0
        -A NA-POSTROUTING -j MASQUERADE --random-fully
        -A NA-REFUSE-OWN -p udp -j DNAT --to-destination 127.255.255.254:9
        -A NA-REFUSE-OWN -p sctp -j DNAT --to-destination 127.255.255.254:9
        -A NA-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.0/16 -j NA-MARK-MASQ
        -A NA-SERVICES -j NA-B
        -A NA-SERVICES -m addrtype --dst-type LOCAL -j NA-NODEPORTS
        -A NA-SVC-4XYD7U2GMSAB5W7P -p tcp -m statistic --mode random --probability 0.50000000000 -j DNAT --to-destination 10.244.1.2:80
        -A NA-SVC-4XYD7U2GMSAB5W7P -p tcp -j DNAT --to-destination 10.244.2.2:80
        -I PREROUTING -m comment --comment "NodeAgent: Services, from pods and from outside" -j NA-SERVICES
        -I OUTPUT -m comment --comment "NodeAgent: Services, from this node" -j NA-SERVICES
        -I POSTROUTING -m comment --comment "NodeAgent: masquerade" -j NA-POSTROUTING
        COMMIT

        """, Text([Service("my-nginx", "10.96.0.17", Port(80))], [Slice("my-nginx", 80, Ready("10.244.1.2"), Ready("10.244.2.2"))]));

    /// <summary>The lines that are there for Services, without those that every node has.</summary>
    private static string[] OfServices(IEnumerable<Service> services, IEnumerable<EndpointSlice> slices)
    {
        var always = Text([], []).Split('\n').ToHashSet();
        return Text(services, slices).Split('\n').Where(line => !always.Contains(line) && line.StartsWith("-A ")).ToArray();
    }

    [Fact]
    public void Several_ports_and_protocols_and_named_ports_that_differ_per_slice() => Assert.Equal([
            "-A NA-R -d 0.0.0.10/0.0.0.15 -j NA-R-a",
            "-A NA-R-0a -d 10.96.0.10/32 -m comment --comment \"default/kube-dns: no such port\" -j NA-REJECT",
            "-A NA-R-a -d 0.0.0.0/0.0.0.240 -j NA-R-0a",
            "-A NA-B -d 0.0.0.10/0.0.0.15 -j NA-B-a",
            "-A NA-B-0a -d 10.96.0.10/32 -p sctp -m comment --comment \"default/kube-dns:36412 cluster IP\" -m sctp --dport 36412 -j NA-SVC-7GGLC7SP7556HNWU",
            "-A NA-B-0a -d 10.96.0.10/32 -p tcp -m comment --comment \"default/kube-dns:dns-tcp cluster IP\" -m tcp --dport 53 -j NA-SVC-WOP2MYCWW5OLFVCQ",
            "-A NA-B-0a -d 10.96.0.10/32 -p udp -m comment --comment \"default/kube-dns:dns cluster IP\" -m udp --dport 53 -j NA-SVC-I6LTSFLYMHBQD7TD",
            "-A NA-B-a -d 0.0.0.0/0.0.0.240 -j NA-B-0a",
            "-A NA-SVC-7GGLC7SP7556HNWU -p sctp -j DNAT --to-destination 10.244.1.2:36412",
            "-A NA-SVC-I6LTSFLYMHBQD7TD -p udp -j DNAT --to-destination 10.244.1.2:53",
            "-A NA-SVC-WOP2MYCWW5OLFVCQ -p tcp -m statistic --mode random --probability 0.33333333349 -j DNAT --to-destination 10.244.1.2:53",
            "-A NA-SVC-WOP2MYCWW5OLFVCQ -p tcp -m statistic --mode random --probability 0.50000000000 -j DNAT --to-destination 10.244.2.2:5353",
            "-A NA-SVC-WOP2MYCWW5OLFVCQ -p tcp -j DNAT --to-destination 10.244.2.3:5353",
        ], OfServices(
            [Service("kube-dns", "10.96.0.10", Port(53, "dns", "UDP"), Port(53, "dns-tcp"), Port(36412, null, "SCTP"))],
            [
                Slice("kube-dns", [SlicePort(53, "dns", "UDP"), SlicePort(53, "dns-tcp"), SlicePort(36412, null, "SCTP")], [Ready("10.244.1.2")], "a"),
                Slice("kube-dns", [SlicePort(5353, "dns-tcp")], [Ready("10.244.2.2"), Ready("10.244.2.3")], "b"),
            ]));

    [Fact]
    public void A_service_without_endpoints_is_refused_and_not_dispatched() => Assert.Equal([
            "-A NA-R -d 0.0.0.10/0.0.0.15 -j NA-R-a",
            "-A NA-R-0a -d 10.96.0.10/32 -p tcp -m comment --comment \"default/kube-dns:53 cluster IP has no endpoints\" -m tcp --dport 53 -j REJECT --reject-with tcp-reset",
            "-A NA-R-0a -d 10.96.0.10/32 -p udp -m comment --comment \"default/kube-dns:dns cluster IP has no endpoints\" -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable",
            "-A NA-R-0a -d 10.96.0.10/32 -m comment --comment \"default/kube-dns: no such port\" -j NA-REJECT",
            "-A NA-R-a -d 0.0.0.0/0.0.0.240 -j NA-R-0a",
            "-A NA-B -d 0.0.0.10/0.0.0.15 -j NA-B-a",
            "-A NA-B-0a -d 10.96.0.10/32 -p udp -m comment --comment \"default/kube-dns:dns cluster IP has no endpoints\" -m udp --dport 53 -m addrtype --src-type LOCAL -j NA-REFUSE-OWN",
            "-A NA-B-a -d 0.0.0.0/0.0.0.240 -j NA-B-0a",
        ], OfServices([Service("kube-dns", "10.96.0.10", Port(53), Port(53, "dns", "UDP"))], [Slice("kube-dns", 53, NotReady("10.244.1.2"))]));

    [Fact]
    public void A_headless_service_and_an_external_name_leave_no_trace() => Assert.Empty(OfServices(
        [Service("headless", "None", Port(80)), new Service { Metadata = new() { Name = "name" }, Spec = new() { Type = "ExternalName", ExternalName = "example.org" } }],
        [Slice("headless", 80, Ready("10.244.1.2"))]));

    [Fact]
    public void A_terminating_endpoint_is_used_while_it_is_the_last() => Assert.Contains("--to-destination 10.244.1.2:80",
        Text([Service("my-nginx", "10.96.0.17", Port(80))], [Slice("my-nginx", 80, Terminating("10.244.1.2"))]));

    [Fact]
    public void A_node_without_a_pod_network_masquerades_for_services_only()
    {
        var text = Text([], [], Node1 with { PodCidr = null });
        Assert.DoesNotContain("NA-OUTBOUND", text);
        Assert.DoesNotContain("0/24 -j ACCEPT", text);
        Assert.Contains("-A NA-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.0/16 -j NA-MARK-MASQ", text);
    }

    [Fact]
    public void Other_nodes_can_be_spared_from_masquerade() => Assert.Contains("-A NA-OUTBOUND -d 192.168.56.12/32 -j RETURN",
        Text([], [], Node1 with { NonMasqueradeCidrs = [IPNetwork.Parse("192.168.56.12/32")] }));

    [Fact]
    public void The_order_of_the_objects_does_not_matter()
    {
        Service[] services = [.. Enumerable.Range(1, 40).Select(i => Service($"s{i}", $"10.96.0.{i}", Port(80), Port(81, "b")))];
        EndpointSlice[] slices = [.. Enumerable.Range(1, 40).Select(i => Slice($"s{i}", 80, Ready($"10.244.1.{i}"), Ready($"10.244.2.{i}")))];
        Assert.Equal(Text(services, slices), Text(services.Reverse(), slices.Reverse()));
    }

    [Theory]
    [InlineData(0, 0, 35)]
    [InlineData(1, 1, 35 + 2 * 2 + 3)]
    [InlineData(1, 5, 35 + 2 * 2 + 7)]
    [InlineData(256, 5, 35 + 2 * (16 + 256) + 256 * 7)]
    [InlineData(1000, 5, 35 + 2 * (16 + 250) + 1000 * 7)] // the static part, the buckets in both tables, per Service two rules and one for each endpoint
    public void The_number_of_rules_grows_by_two_for_a_service_and_one_for_an_endpoint(int services, int endpoints, int expected)
    {
        var rules = Render(
            Enumerable.Range(0, services).Select(i => Service($"s{i}", $"10.96.{i / 250}.{(services == 256 ? i : i % 250)}", Port(80))),
            Enumerable.Range(0, services).Select(i => Slice($"s{i}", 80, Enumerable.Range(1, endpoints).Select(e => Ready($"10.244.{e}.{i % 250 + 1}")).ToArray())));
        Assert.Equal(expected, rules.Lines().Count());
    }

    [Fact]
    public void Every_rule_names_the_object_that_it_came_from()
    {
        var lines = Render([Service("my-nginx", "10.96.0.17", Port(80))], [Slice("my-nginx", 80, Ready("10.244.1.2"))]).Lines().ToList();
        Assert.All(lines, line => Assert.NotNull(line.Origin));
        string OriginOf(string part) => Assert.Single(lines, line => line.Line.Contains(part)).Origin!.ToString();
        Assert.Equal("Service default/my-nginx (resourceVersion 100)", OriginOf("--dport 80"));
        Assert.Equal("EndpointSlice default/my-nginx-abc12 (resourceVersion 200)", OriginOf("10.244.1.2:80"));
        Assert.Equal("Node node1 (resourceVersion 7)", OriginOf("-A PREROUTING"));
    }
}
