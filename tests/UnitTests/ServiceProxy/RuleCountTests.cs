using System.Net;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;
using static UnitTests.ServiceProxy.OnePort;
using static UnitTests.ServiceProxy.TestObjects;
using Change = NodeAgent.ServiceProxy.NftablesMode.NftablesUpdate;

namespace UnitTests.ServiceProxy;

/// <summary>How many rules there are for what, so that growth is noticed.</summary>
public class RuleCountTests
{
    /// <summary>Half of the endpoints are on this node, the odd one too.</summary>
    private static ProxiedPort Of(int endpoints, params Frontend[] frontends) => OnePort.Of(frontends, [.. Enumerable.Range(1, endpoints).Select(i =>
        Here with { Address = IPAddress.Parse($"10.244.{1 + (i + 1) % 2}.{i}"), Port = 80, Local = i % 2 == 1 })]);

    private static readonly (string Kind, ProxiedPort Port)[] Kinds =
    [
        ("ClusterIP, no endpoint", Of(0, ClusterIP)),
        ("ClusterIP, 1 endpoint", Of(1, ClusterIP)),
        ("ClusterIP, 5 endpoints", Of(5, ClusterIP)),
        ("ClusterIP, 5, affinity", Of(5, ClusterIP) with { Affinity = TimeSpan.FromHours(3) }),
        ("ClusterIP, 5, Local", Of(5, ClusterIP) with { InternalLocal = true }),
        ("NodePort, 5", Of(5, ClusterIP, NodePort)),
        ("NodePort, 5, Local", Of(5, ClusterIP, NodePort) with { ExternalLocal = true }),
        ("LoadBalancer, no endpoint", Of(0, ClusterIP, NodePort, LoadBalancer)),
        ("LoadBalancer, 5", Of(5, ClusterIP, NodePort, LoadBalancer)),
        ("LoadBalancer, 5, Local", Of(5, ClusterIP, NodePort, LoadBalancer) with { ExternalLocal = true, HealthCheckNodePort = 31000 }),
        ("LoadBalancer, 5, 2 ranges", Of(5, ClusterIP, NodePort, LoadBalancer) with { SourceRanges = [IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("10.0.0.0/8")] }),
        ("all frontends, 5", Of(5, ClusterIP, NodePort, ExternalIP, LoadBalancer)),
    ];

    private static string Row(string kind, ProxiedPort port)
    {
        var (rules, plan) = (PortRules.Of(port, Node1), PortPlan.Of(port, [], []));
        return $"{kind,-26}{rules.Chains.Sum(chain => chain.Value.Count) + rules.Entries.Count,5}{plan.Elements().DistinctBy(element => element.Id).Count(),5}{plan.Chains(Node1).Sum(chain => chain.Rules.Count),4}";
    }

    /// <summary>iptables: rules; nftables: elements, and rules.</summary>
    [Fact]
    public void What_one_port_of_a_service_costs() => Assert.Equal("""
        ClusterIP, no endpoint        2    3   0
        ClusterIP, 1 endpoint         3    4   0
        ClusterIP, 5 endpoints        7    8   0
        ClusterIP, 5, affinity       17    3  20
        ClusterIP, 5, Local           5    6   0
        NodePort, 5                  10   15   0
        NodePort, 5, Local           15   19   0
        LoadBalancer, no endpoint     4    6   0
        LoadBalancer, 5              11   23   0
        LoadBalancer, 5, Local       17   31   0
        LoadBalancer, 5, 2 ranges    14   24   3
        all frontends, 5             12   31   0
        """, string.Join('\n', Kinds.Select(kind => Row(kind.Kind, kind.Port))));

    /// <summary>Rules that are of no Service: nftables has as many for a thousand as for one; iptables has, in each of two trees, one for each half of an address' last byte.</summary>
    [Theory]
    [InlineData(1, 2 * (1 + 1))]
    [InlineData(1000, 2 * (16 + 250))]
    public void What_many_services_cost_beside_their_own_rules(int services, int dispatch)
    {
        var (one, many) = (Serving(1), Serving(services));
        Assert.Equal(OfNodeInNftables(one), OfNodeInNftables(many));
        Assert.Equal(OfNodeInIptables(Serving(0)) + dispatch, OfNodeInIptables(many));
    }

    private static ServiceTable Serving(int services) => Rules(Enumerable.Range(0, services).Select(i => Service($"s{i}", $"10.96.{1 + i / 250}.{1 + i % 250}", Port(80))),
        Enumerable.Range(0, services).Select(i => Slice($"s{i}", 80, [.. Enumerable.Range(1, 5).Select(pod => Ready($"10.244.{pod}.{1 + i % 250}"))])));

    private static int OfNodeInNftables(ServiceTable table) => new NftablesTable(table, null, new Change()).Content().Chains.Sum(chain => chain.Rules.Count);

    private static int OfNodeInIptables(ServiceTable table) => IptablesRenderer.Render(table).Lines().Count() - table.Ports.Select(port => PortRules.Of(port, table.Node))
        .Sum(rules => rules.Chains.Sum(chain => chain.Value.Count) + rules.Entries.Count);
}
