using System.Net;
using KubeApi.Objects;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>What changes in the nftables mode's table when Services and endpoints change: only elements, and as few as possible.</summary>
public class NftablesUpdateTests
{
    private static readonly Service Web = Service("web", "10.96.0.17", Port(80));

    /// <summary>Others that nothing has to be done about, among them with one, two and three endpoints, so that their classes are in use.</summary>
    private static ServiceTable Among(int others, params string[] endpoints)
    {
        var names = Enumerable.Range(0, others).Select(i => $"other{i}").ToList();
        return ServiceTable.Of(names.Select((name, i) => Service(name, $"10.96.{1 + i / 250}.{i % 250}", Port(80))).Append(Web),
            names.Select((name, i) => Slice(name, 8080, [.. Enumerable.Range(1, 1 + i % 3).Select(n => Ready($"10.244.2.{n}"))])).Append(Slice("web", 8080, [.. endpoints.Select(Ready)])), Node1);
    }

    private static string Change(int others, string[] before, string[] after)
    {
        var services = Among(others, before);
        var (table, _) = NftablesTexts.Made(services);
        services.Put(Slice("web", 8080, [.. after.Select(Ready)]));
        return table.Followed(services);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(300)]
    public void A_new_endpoint_gets_the_next_index_and_the_frontend_is_in_the_next_class_before_it_leaves_the_old(int others) => Assert.Equal("""
        + fe-2 { 10.96.0.17 . tcp . 80 comment "default/web:80" }
        + fe-endpoints { 10.96.0.17 . tcp . 80 . 1 : 10.244.1.3 . 8080 }
        - fe-1 { 10.96.0.17 . tcp . 80 comment "default/web:80" }
        """, Change(others, ["10.244.1.2"], ["10.244.1.2", "10.244.1.3"]));

    [Fact]
    public void In_the_place_of_an_endpoint_that_went_comes_the_last() => Assert.Equal("""
        + fe-2 { 10.96.0.17 . tcp . 80 comment "default/web:80" }
        ~ fe-endpoints { 10.96.0.17 . tcp . 80 . 0 : 10.244.1.4 . 8080 }
        - fe-3 { 10.96.0.17 . tcp . 80 comment "default/web:80" }
        - fe-endpoints { 10.96.0.17 . tcp . 80 . 2 : 10.244.1.4 . 8080 }
        """, Change(3, ["10.244.1.2", "10.244.1.3", "10.244.1.4"], ["10.244.1.3", "10.244.1.4"]));

    [Fact]
    public void An_endpoint_that_is_replaced_changes_one_element() => Assert.Equal("~ fe-endpoints { 10.96.0.17 . tcp . 80 . 1 : 10.244.1.1 . 8080 }",
        Change(3, ["10.244.1.2", "10.244.1.3"], ["10.244.1.1", "10.244.1.2"]));

    [Fact]
    public void A_service_that_loses_its_last_endpoint_refuses_before_it_leads_nowhere() => Assert.Equal("""
        + fe-refuse { 10.96.0.17 . tcp . 80 comment "default/web:80" }
        - fe-1 { 10.96.0.17 . tcp . 80 comment "default/web:80" }
        - fe-endpoints { 10.96.0.17 . tcp . 80 . 0 : 10.244.1.2 . 8080 }
        """, Change(3, ["10.244.1.2"], []));

    [Fact]
    public void The_first_of_a_class_needs_its_set_and_chain_which_stay_for_a_while_after_the_last()
    {
        var services = Among(0, "10.244.1.2");
        var (table, _) = NftablesTexts.Made(services);
        services.Put(Slice("web", 8080, Ready("10.244.1.2"), Ready("10.244.1.3")));
        Assert.Equal("""
            + set fe-2
            + lb-fe-2: dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 2 map @fe-endpoints
            + lb-fe-2: dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 2 map @fe-endpoints
            + lb-fe-2: dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 1 map @fe-endpoints
            ~ dispatch-fe: ip daddr . meta l4proto . th dport @fe-external-local fib saddr type != local ip saddr != 10.244.1.0/24 goto dispatch-fe-local
            ~ dispatch-fe: ip daddr . meta l4proto . th dport vmap @fe-affinity
            ~ dispatch-fe: ip daddr . meta l4proto . th dport @fe-1 goto lb-fe-1
            ~ dispatch-fe: ip daddr . meta l4proto . th dport @fe-2 goto lb-fe-2
            + fe-2 { 10.96.0.17 . tcp . 80 comment "default/web:80" }
            + fe-endpoints { 10.96.0.17 . tcp . 80 . 1 : 10.244.1.3 . 8080 }
            - fe-1 { 10.96.0.17 . tcp . 80 comment "default/web:80" }
            """, table.Followed(services));
        Assert.Equal("fe-1", TableSets.Of(Assert.Single(table.Unused)).Name);
        var change = new NftablesUpdate();
        table.DropUnused(change);
        Assert.Equal("""
            ~ dispatch-fe: ip daddr . meta l4proto . th dport @fe-external-local fib saddr type != local ip saddr != 10.244.1.0/24 goto dispatch-fe-local
            ~ dispatch-fe: ip daddr . meta l4proto . th dport vmap @fe-affinity
            ~ dispatch-fe: ip daddr . meta l4proto . th dport @fe-2 goto lb-fe-2
            - chain lb-fe-1
            - set fe-1
            """, NftablesTexts.Lines(change));
    }

    [Fact]
    public void The_address_of_two_services_stays_until_both_are_gone()
    {
        Service Shared(string name, int port) => Service(name, $"10.96.0.{port}", Port(port)) is var service ? service with { Spec = service.Spec! with { ExternalIPs = ["198.51.100.1"] } } : null!;
        var services = ServiceTable.Of([Shared("a", 80), Shared("b", 81)], [], Node1);
        var (table, _) = NftablesTexts.Made(services);
        services.Remove(Shared("a", 80));
        Assert.DoesNotContain("198.51.100.1 }", table.Followed(services));
        services.Remove(Shared("b", 81));
        Assert.Contains("- vips { 198.51.100.1 }", table.Followed(services));
    }

    [Fact]
    public void The_table_says_whether_it_is_of_just_these_services()
    {
        var services = Among(3, "10.244.1.2");
        var (table, _) = NftablesTexts.Made(services);
        Assert.True(table.IsOf(services));
        services.Put(Slice("web", 8080, Ready("10.244.1.3")));
        services.Take();
        Assert.False(table.IsOf(services));
    }

    /// <summary>Every change, done step by step, ends where a start from nothing ends.</summary>
    [Fact]
    public void Whatever_the_way_the_table_is_the_same_at_its_end()
    {
        var random = new Random(5);
        var services = Among(5, "10.244.1.2");
        var (table, _) = NftablesTexts.Made(services);
        for (var step = 0; step < 300; step++)
        {
            var service = Changed(random, out var slice);
            if (random.Next(8) == 0) services.Remove(service); else services.Put(service);
            services.Put(slice);
            table.Followed(services);
            if (random.Next(4) == 0) table.DropUnused(new NftablesUpdate());
            if (random.Next(20) == 0) services.SetNode(services.Node with { NodeAddress = IPAddress.Parse($"192.168.56.{random.Next(11, 13)}") });
        }
        table.Followed(services);
        table.DropUnused(new NftablesUpdate());
        Assert.Equal(Content(NftablesTexts.Made(services).Table), Content(table));
    }

    private static Service Changed(Random random, out EndpointSlice slice)
    {
        var number = random.Next(12);
        var service = Service($"s{number}", $"10.96.200.{number}", Port(80), Port(53, "dns", "UDP") with { NodePort = 30000 + number });
        slice = Slice(service.Name, [SlicePort(80), SlicePort(5353, "dns", "UDP")], [.. Enumerable.Range(0, random.Next(14)).Select(_ => Ready($"10.244.{random.Next(1, 3)}.{random.Next(2, 40)}"))]);
        return service with
        {
            Spec = service.Spec! with
            {
                Type = random.Next(2) == 0 ? "LoadBalancer" : "ClusterIP", ExternalTrafficPolicy = random.Next(2) == 0 ? "Local" : "Cluster", InternalTrafficPolicy = random.Next(4) == 0 ? "Local" : "Cluster",
                SessionAffinity = random.Next(3) == 0 ? "ClientIP" : "None", ExternalIPs = random.Next(2) == 0 ? [$"198.51.100.{random.Next(20)}"] : [],
                LoadBalancerSourceRanges = random.Next(3) == 0 ? ["192.168.56.0/24"] : [],
            },
            Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = $"192.0.2.{number}" }] } },
        };
    }

    /// <summary>Without the indexes of endpoints: their order is of no meaning.</summary>
    private static IEnumerable<string> Content(NftablesTable table)
    {
        var (chains, elements) = table.Content();
        return chains.SelectMany(chain => chain.Name.StartsWith("affinity") ? chain.Rules.Select(rule => $"{chain.Name} {rule}").Order(StringComparer.Ordinal) : chain.Rules.Select(rule => $"{chain.Name} {rule}"))
            .Concat(elements.Select(element => element.Set.EndsWith("-endpoints") ? System.Text.RegularExpressions.Regex.Replace(ElementText.Of(element.Set, element.Element), @" \. \d+ : ", " : ") : ElementText.Of(element.Set, element.Element)))
            .Order(StringComparer.Ordinal);
    }
}
