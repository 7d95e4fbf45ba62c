using System.Net;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;
using static UnitTests.ServiceProxy.OnePort;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>What one port of one Service asks for, whatever its frontends and policies; endpoints are 10.244.1.2 on this node and 10.244.2.2 on another.</summary>
public class NftablesFrontendTests
{
    private static string Text(ProxiedPort port, NodeFacts? node = null)
    {
        var plan = PortPlan.Of(port, [], []);
        return string.Join('\n', plan.Chains(node ?? Node1).SelectMany(chain => chain.Rules.Select(rule => $"{chain.Name}: {rule}"))
            .Concat(NftablesTexts.Elements("", plan.Elements()).Select(line => line.Trim().Replace(" comment \"default/s:http\"", "*")).Distinct()));
    }

    [Fact]
    public void Every_kind_of_frontend_leads_to_the_same_endpoints_and_those_for_the_outside_are_masqueraded() => Assert.Equal("""
        cluster-ips { 10.96.0.17 }
        fe-2 { 10.96.0.17 . tcp . 80* }
        fe-2 { 192.0.2.1 . tcp . 80* }
        fe-2 { 198.51.100.1 . tcp . 80* }
        fe-endpoints { 10.96.0.17 . tcp . 80 . 0 : 10.244.1.2 . 8080 }
        fe-endpoints { 10.96.0.17 . tcp . 80 . 1 : 10.244.2.2 . 8080 }
        fe-endpoints { 192.0.2.1 . tcp . 80 . 0 : 10.244.1.2 . 8080 }
        fe-endpoints { 192.0.2.1 . tcp . 80 . 1 : 10.244.2.2 . 8080 }
        fe-endpoints { 198.51.100.1 . tcp . 80 . 0 : 10.244.1.2 . 8080 }
        fe-endpoints { 198.51.100.1 . tcp . 80 . 1 : 10.244.2.2 . 8080 }
        fe-masquerade { 192.0.2.1 . tcp . 80* }
        fe-masquerade { 198.51.100.1 . tcp . 80* }
        np-2 { tcp . 30080* }
        np-endpoints { tcp . 30080 . 0 : 10.244.1.2 . 8080 }
        np-endpoints { tcp . 30080 . 1 : 10.244.2.2 . 8080 }
        np-masquerade { tcp . 30080* }
        vips { 10.96.0.17 }
        vips { 192.0.2.1 }
        vips { 198.51.100.1 }
        """, Text(Of([ClusterIP, NodePort, ExternalIP, LoadBalancer], Here, There)));

    [Fact]
    public void External_policy_local_keeps_a_list_for_clients_from_outside_in_the_upper_half_of_the_indexes() => Assert.Equal("""
        np-2 { tcp . 30080* }
        np-endpoints { tcp . 30080 . 0 : 10.244.1.2 . 8080 }
        np-endpoints { tcp . 30080 . 1 : 10.244.2.2 . 8080 }
        np-endpoints { tcp . 30080 . 2147483648 : 10.244.1.2 . 8080 }
        np-external-local { tcp . 30080* }
        np-local-1 { tcp . 30080* }
        """, Text(Of([NodePort], Here, There) with { ExternalLocal = true }));

    [Fact]
    public void External_policy_local_without_an_endpoint_here_drops_what_comes_from_outside() => Assert.Equal("""
        np-1 { tcp . 30080* }
        np-drop { tcp . 30080* }
        np-endpoints { tcp . 30080 . 0 : 10.244.2.2 . 8080 }
        np-external-local { tcp . 30080* }
        """, Text(Of([NodePort], There) with { ExternalLocal = true }));

    [Fact]
    public void Internal_policy_local_leads_to_this_nodes_endpoints() => Assert.Equal("""
        cluster-ips { 10.96.0.17 }
        fe-1 { 10.96.0.17 . tcp . 80* }
        fe-endpoints { 10.96.0.17 . tcp . 80 . 0 : 10.244.1.2 . 8080 }
        vips { 10.96.0.17 }
        """, Text(Of([ClusterIP], Here, There) with { InternalLocal = true }));

    [Fact]
    public void Internal_policy_local_without_an_endpoint_here_drops() => Assert.Equal("""
        cluster-ips { 10.96.0.17 }
        fe-drop { 10.96.0.17 . tcp . 80* }
        vips { 10.96.0.17 }
        """, Text(Of([ClusterIP], There) with { InternalLocal = true }));

    [Fact]
    public void Source_ranges_are_for_the_load_balancers_addresses_alone() => Assert.Equal("""
        ranges/default/s/http/tcp: ip saddr 203.0.113.0/24 return
        ranges/default/s/http/tcp: drop
        fe-1 { 192.0.2.1 . tcp . 80* }
        fe-endpoints { 192.0.2.1 . tcp . 80 . 0 : 10.244.1.2 . 8080 }
        fe-firewall { 192.0.2.1 . tcp . 80* : goto ranges/default/s/http/tcp }
        fe-masquerade { 192.0.2.1 . tcp . 80* }
        np-1 { tcp . 30080* }
        np-endpoints { tcp . 30080 . 0 : 10.244.1.2 . 8080 }
        np-masquerade { tcp . 30080* }
        vips { 192.0.2.1 }
        """, Text(Of([NodePort, LoadBalancer], Here) with { SourceRanges = [IPNetwork.Parse("203.0.113.0/24")] }, Node1 with { NodeAddress = IPAddress.Parse("192.168.56.11") }));

    [Fact]
    public void A_range_with_the_node_in_it_allows_the_address_itself() => Assert.StartsWith(
        "ranges/default/s/http/tcp: ip saddr 192.168.56.0/24 return\nranges/default/s/http/tcp: ip saddr 192.0.2.1 return\nranges/default/s/http/tcp: drop\n",
        Text(Of([LoadBalancer], Here) with { SourceRanges = [IPNetwork.Parse("192.168.56.0/24")] }, Node1 with { NodeAddress = IPAddress.Parse("192.168.56.11") }));

    [Fact]
    public void Affinity_asks_each_endpoints_clients_before_it_shares_them_out() => Assert.Equal("""
        endpoint/default/s/http/tcp/10.244.1.2/8080: update @clients/default/s/http/tcp/10.244.1.2/8080/60s { ip saddr }
        endpoint/default/s/http/tcp/10.244.1.2/8080: meta l4proto tcp dnat to 10.244.1.2:8080
        endpoint/default/s/http/tcp/10.244.2.2/8080: update @clients/default/s/http/tcp/10.244.2.2/8080/60s { ip saddr }
        endpoint/default/s/http/tcp/10.244.2.2/8080: meta l4proto tcp dnat to 10.244.2.2:8080
        affinity/default/s/http/tcp: ip saddr @clients/default/s/http/tcp/10.244.1.2/8080/60s goto endpoint/default/s/http/tcp/10.244.1.2/8080
        affinity/default/s/http/tcp: ip saddr @clients/default/s/http/tcp/10.244.2.2/8080/60s goto endpoint/default/s/http/tcp/10.244.2.2/8080
        affinity/default/s/http/tcp: jhash ip saddr mod 2 seed 0x1 0 goto endpoint/default/s/http/tcp/10.244.1.2/8080
        affinity/default/s/http/tcp: goto endpoint/default/s/http/tcp/10.244.2.2/8080
        cluster-ips { 10.96.0.17 }
        fe-affinity { 10.96.0.17 . tcp . 80* : goto affinity/default/s/http/tcp }
        vips { 10.96.0.17 }
        """, Text(Of([ClusterIP], Here, There) with { Affinity = TimeSpan.FromSeconds(60) }));

    [Fact]
    public void Without_endpoints_every_frontend_refuses() => Assert.Equal("""
        cluster-ips { 10.96.0.17 }
        fe-refuse { 10.96.0.17 . tcp . 80* }
        fe-refuse { 198.51.100.1 . tcp . 80* }
        np-refuse { tcp . 30080* }
        vips { 10.96.0.17 }
        vips { 198.51.100.1 }
        """, Text(Of([ClusterIP, NodePort, ExternalIP]) with { ExternalLocal = true }));

    [Fact]
    public void An_endpoints_element_comes_from_its_slice()
    {
        var other = There with { Origin = new("EndpointSlice", "default/s-xyz", "2") };
        Assert.Equal(["EndpointSlice default/s-abc12 (resourceVersion 1)", "EndpointSlice default/s-xyz (resourceVersion 2)"],
            PortPlan.Of(Of([NodePort], Here, other), [], []).Elements().Where(element => element.Set == "np-endpoints").Select(element => $"{element.Origin}"));
    }

    [Fact]
    public void How_many_rules_there_are_does_not_depend_on_how_many_services()
    {
        int Rules(int services) => NftablesTexts.Made(ServiceTable.Of(Enumerable.Range(0, services).Select(i => Service($"s{i}", $"10.96.1.{i}", Port(80))),
            Enumerable.Range(0, services).Select(i => Slice($"s{i}", 80, Ready("10.244.1.2"), Ready("10.244.2.2"))), Node1)).Update.NewChains.Sum(chain => chain.Rules.Count);
        Assert.Equal(Rules(1), Rules(200));
        Assert.InRange(Rules(200), 30, 80);
    }
}
