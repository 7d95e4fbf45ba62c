using System.Net;
using KubeApi.Objects;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.OnePort;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>
/// The rules of one port of one Service, whatever its frontends and policies: chains first, then what is dispatched. Names of chains are
/// shortened to their kind; endpoints are 10.244.1.2 on this node and 10.244.2.2 on another.
/// </summary>
public class IptablesFrontendTests
{
    private static string Rules(ProxiedPort port, NodeFacts? node = null)
    {
        var rules = PortRules.Of(port, node ?? Node1);
        var lines = rules.Chains.SelectMany(chain => chain.Value.Select(rule => $"{chain.Key} {rule.Text}")).Concat(rules.Entries.Select(entry => $"{entry.Kind} {entry.Rule.Text}"));
        return System.Text.RegularExpressions.Regex.Replace(string.Join('\n', lines), "NA-(S..|EXT|FW)-[A-Z2-7]{16}", "$1");
    }

    private const string ToEither = "SVC -p tcp -m statistic --mode random --probability 0.50000000000 -j DNAT --to-destination 10.244.1.2:8080\nSVC -p tcp -j DNAT --to-destination 10.244.2.2:8080\n";
    private const string NoSuchPort = "RefusedAddress -d 10.96.0.17/32 -m comment --comment \"default/s: no such port\" -j NA-REJECT";

    [Fact]
    public void Every_kind_of_frontend_leads_to_the_same_endpoints_and_those_for_the_outside_are_masqueraded() => Assert.Equal(ToEither + """
        EXT -j NA-MARK-MASQ
        EXT -j SVC
        Address -d 10.96.0.17/32 -p tcp -m comment --comment "default/s:http cluster IP" -m tcp --dport 80 -j SVC

        """ + NoSuchPort + """

        NodePort -p tcp -m comment --comment "default/s:http node port" -m tcp --dport 30080 -j EXT
        Address -d 198.51.100.1/32 -p tcp -m comment --comment "default/s:http external IP" -m tcp --dport 80 -j EXT
        Address -d 192.0.2.1/32 -p tcp -m comment --comment "default/s:http load-balancer IP" -m tcp --dport 80 -j EXT
        """, Rules(Of([ClusterIP, NodePort, ExternalIP, LoadBalancer], Here, There)));

    [Fact]
    public void External_policy_local_spares_the_clients_address_and_lets_pods_and_the_node_reach_any_endpoint() => Assert.Equal(ToEither + """
        SVL -p tcp -j DNAT --to-destination 10.244.1.2:8080
        EXT -s 10.244.1.0/24 -j SVC
        EXT -m addrtype --src-type LOCAL -j NA-MARK-MASQ
        EXT -m addrtype --src-type LOCAL -j SVC
        EXT -j SVL
        NodePort -p tcp -m comment --comment "default/s:http node port" -m tcp --dport 30080 -j EXT
        """, Rules(Of([NodePort], Here, There) with { ExternalLocal = true }));

    [Fact]
    public void External_policy_local_without_an_endpoint_here_drops_what_comes_from_outside() => Assert.Equal("""
        SVC -p tcp -j DNAT --to-destination 10.244.2.2:8080
        EXT -s 10.244.1.0/24 -j SVC
        EXT -m addrtype --src-type LOCAL -j NA-MARK-MASQ
        EXT -m addrtype --src-type LOCAL -j SVC
        NodePort -p tcp -m comment --comment "default/s:http node port" -m tcp --dport 30080 -j EXT
        InputPort -p tcp -m comment --comment "default/s:http node port has no local endpoints" -m tcp --dport 30080 -j DROP
        """, Rules(Of([NodePort], There) with { ExternalLocal = true }));

    [Fact]
    public void Internal_policy_local_leads_to_this_nodes_endpoints() => Assert.Equal("""
        SVL -p tcp -j DNAT --to-destination 10.244.1.2:8080
        Address -d 10.96.0.17/32 -p tcp -m comment --comment "default/s:http cluster IP" -m tcp --dport 80 -j SVL

        """ + NoSuchPort, Rules(Of([ClusterIP], Here, There) with { InternalLocal = true }));

    [Fact]
    public void Internal_policy_local_without_an_endpoint_here_drops() => Assert.Equal(
        "RefusedAddress -d 10.96.0.17/32 -p tcp -m comment --comment \"default/s:http cluster IP has no local endpoints\" -m tcp --dport 80 -j DROP\n" + NoSuchPort,
        Rules(Of([ClusterIP], There) with { InternalLocal = true }));

    [Fact]
    public void Source_ranges_are_for_the_load_balancers_addresses_alone_and_the_rest_is_dropped() => Assert.Equal("""
        SVC -p tcp -j DNAT --to-destination 10.244.1.2:8080
        EXT -j NA-MARK-MASQ
        EXT -j SVC
        FW -s 203.0.113.0/24 -j EXT
        NodePort -p tcp -m comment --comment "default/s:http node port" -m tcp --dport 30080 -j EXT
        Address -d 192.0.2.1/32 -p tcp -m comment --comment "default/s:http load-balancer IP" -m tcp --dport 80 -j FW
        RefusedAddress -d 192.0.2.1/32 -p tcp -m comment --comment "default/s:http load-balancer IP is not for this source" -m tcp --dport 80 -j DROP
        """, Rules(Of([NodePort, LoadBalancer], Here) with { SourceRanges = [IPNetwork.Parse("203.0.113.0/24")] }, Node1 with { NodeAddress = IPAddress.Parse("192.168.56.11") }));

    [Fact]
    public void A_range_with_the_node_in_it_allows_the_address_itself() => Assert.Contains("FW -s 192.168.56.0/24 -j EXT\nFW -s 192.0.2.1/32 -j EXT\n",
        Rules(Of([LoadBalancer], Here) with { SourceRanges = [IPNetwork.Parse("192.168.56.0/24")] }, Node1 with { NodeAddress = IPAddress.Parse("192.168.56.11") }));

    [Fact]
    public void Affinity_asks_each_endpoints_list_before_it_draws()
    {
        var sticky = ChainName.Of("NA-SEP-", "default/s:http/tcp/10.244.1.2:8080");
        Assert.Equal($"""
            SEP -p tcp -m recent --set --name SEP --mask 255.255.255.255 --rsource -j DNAT --to-destination 10.244.1.2:8080
            SEP -p tcp -m recent --set --name SEP --mask 255.255.255.255 --rsource -j DNAT --to-destination 10.244.2.2:8080
            SVC -m recent --rcheck --seconds 60 --reap --name SEP --mask 255.255.255.255 --rsource -j SEP
            SVC -m recent --rcheck --seconds 60 --reap --name SEP --mask 255.255.255.255 --rsource -j SEP
            SVC -m statistic --mode random --probability 0.50000000000 -j SEP
            SVC -j SEP
            Address -d 10.96.0.17/32 -p tcp -m comment --comment "default/s:http cluster IP" -m tcp --dport 80 -j SVC

            """ + NoSuchPort, Rules(Of([ClusterIP], Here, There) with { Affinity = TimeSpan.FromSeconds(60) }));
        Assert.Contains(PortRules.Of(Of([ClusterIP], Here, There) with { Affinity = TimeSpan.FromSeconds(60) }, Node1).Chains, chain => chain.Key == sticky);
    }

    [Fact]
    public void Without_endpoints_every_frontend_refuses() => Assert.Equal("""
        RefusedAddress -d 10.96.0.17/32 -p tcp -m comment --comment "default/s:http cluster IP has no endpoints" -m tcp --dport 80 -j REJECT --reject-with tcp-reset

        """ + NoSuchPort + """

        InputPort -p tcp -m comment --comment "default/s:http node port has no endpoints" -m tcp --dport 30080 -j REJECT --reject-with tcp-reset
        RefusedAddress -d 198.51.100.1/32 -p tcp -m comment --comment "default/s:http external IP has no endpoints" -m tcp --dport 80 -j REJECT --reject-with tcp-reset
        RefusedAddress -d 192.0.2.1/32 -p tcp -m comment --comment "default/s:http load-balancer IP has no endpoints" -m tcp --dport 80 -j REJECT --reject-with tcp-reset
        """, Rules(Of([ClusterIP, NodePort, ExternalIP, LoadBalancer]) with { SourceRanges = [IPNetwork.Parse("203.0.113.0/24")], ExternalLocal = true }));

    [Fact]
    public void A_health_checks_port_is_let_in() => Assert.Contains("InputPort -p tcp -m comment --comment \"default/s: health check\" -m tcp --dport 31000 -j ACCEPT",
        Rules(Of([LoadBalancer], Here) with { ExternalLocal = true, HealthCheckNodePort = 31000 }));

    [Fact]
    public void Node_ports_can_be_confined_to_some_addresses_and_kept_from_localhost()
    {
        string Lines(NodeFacts node) => string.Join('\n', NodeRules.Nat(node).Chains["NA-SERVICES"].Skip(2).Select(rule => rule.Text));
        Assert.Equal("-m addrtype --dst-type LOCAL -j NA-NODEPORTS", Lines(Node1));
        Assert.Equal("! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j NA-NODEPORTS", Lines(Node1 with { LocalhostNodePorts = false }));
        Assert.Equal("-d 192.168.56.0/24 -m addrtype --dst-type LOCAL -j NA-NODEPORTS", Lines(Node1 with { NodePortAddresses = [IPNetwork.Parse("192.168.56.0/24")] }));
        Assert.Equal("-d 127.0.0.0/8 -j RETURN\n-m addrtype --dst-type LOCAL -j NA-NODEPORTS",
            Lines(Node1 with { NodePortAddresses = [IPNetwork.Parse("0.0.0.0/0")], LocalhostNodePorts = false }));
    }
}
