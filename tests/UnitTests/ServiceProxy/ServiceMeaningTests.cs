using System.Net;
using KubeApi.Objects;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>What each field of a Service and of its endpoints means for the rules of node1.</summary>
public class ServiceMeaningTests
{
    private static readonly Service Nginx = Service("my-nginx", "10.96.0.17", Port(80) with { NodePort = 30080 }) with
    {
        Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = "192.0.2.1" }, new() { Ip = "192.0.2.2", IpMode = "Proxy" }, new() { Hostname = "lb.example" }] } },
    };

    private static readonly Endpoint Here = Ready("10.244.1.2") with { NodeName = "node1" }, There = Ready("10.244.2.2") with { NodeName = "node2" };

    private static Service With(Func<ServiceSpec, ServiceSpec> change) => Nginx with { Spec = change(Nginx.Spec!) };

    private static ProxiedPort Read(Service service, params Endpoint[] endpoints) => Assert.Single(Rules([service], [Slice("my-nginx", 80, endpoints)]).Ports);

    [Theory]
    [InlineData("ClusterIP", "10.96.0.17:80 203.0.113.7:80")]
    [InlineData("NodePort", "10.96.0.17:80 203.0.113.7:80 node port 30080")]
    [InlineData("LoadBalancer", "10.96.0.17:80 203.0.113.7:80 192.0.2.1:80 node port 30080")]
    public void The_type_decides_where_it_is_reached(string type, string frontends) =>
        Assert.Equal(frontends, string.Join(' ', Read(With(spec => spec with { Type = type, ExternalIPs = ["203.0.113.7", "fd00::7"] })).Frontends));

    [Fact]
    public void An_address_that_is_named_twice_is_one_frontend() =>
        Assert.Equal("10.96.0.17:80 192.0.2.1:80 node port 30080", string.Join(' ', Read(With(spec => spec with { Type = "LoadBalancer", ExternalIPs = ["192.0.2.1", "192.0.2.1"] })).Frontends));

    [Theory]
    [InlineData(null, null, "Serve Serve")]
    [InlineData("Local", null, "Drop Serve")]
    [InlineData(null, "Local", "Serve Drop")]
    public void Under_a_Local_policy_a_node_without_endpoints_is_silent(string? inside, string? outside, string answers)
    {
        var service = With(spec => spec with { Type = "NodePort", InternalTrafficPolicy = inside, ExternalTrafficPolicy = outside });
        string Answers(ProxiedPort port) => string.Join(' ', port.Frontends.Select(port.Answer));
        Assert.Equal(answers, Answers(Read(service, There)));
        Assert.Equal("Serve Serve", Answers(Read(service, Here, There)));
        Assert.Equal("Refuse Refuse", Answers(Read(service)));
        Assert.Equal("Refuse Refuse", Answers(Read(service, NotReady("10.244.1.2"))));
    }

    [Fact]
    public void A_terminating_local_endpoint_serves_a_Local_policy_when_no_ready_one_is_here()
    {
        var port = Read(With(spec => spec with { Type = "NodePort", ExternalTrafficPolicy = "Local" }), Terminating("10.244.1.2") with { NodeName = "node1" }, There);
        Assert.Equal("10.244.1.2:80", string.Join(' ', port.EndpointsFor(port.Frontends[1])));
        Assert.Equal("10.244.2.2:80", string.Join(' ', port.EndpointsFor(port.Frontends[0])));
    }

    [Theory]
    [InlineData("node1", null, "10.244.1.2:80")]
    [InlineData(null, "zone-a", "10.244.1.2:80")]
    [InlineData(null, "zone-b", "10.244.1.2:80 10.244.2.2:80")]
    public void Endpoints_that_are_meant_for_us_are_preferred_if_all_say_for_whom_they_are(string? node, string? zone, string targets)
    {
        EndpointHints Hints(string? ofNode, string? ofZone) => new() { ForNodes = ofNode is null ? null : [new() { Name = ofNode }], ForZones = ofZone is null ? null : [new() { Name = ofZone }] };
        Endpoint[] endpoints = [Here with { Hints = Hints(node, zone) }, There with { Hints = Hints(node is null ? null : "node2", "zone-c") }];
        string Read(params Endpoint[] hinted) => string.Join(' ', Assert.Single(ServiceTable.Of([Nginx], [Slice("my-nginx", 80, hinted)], Node1 with { Zone = "zone-a" }).Ports).Cluster);
        Assert.Equal(targets, Read(endpoints));
        Assert.Equal("10.244.1.2:80 10.244.2.2:80 10.244.2.3:80", Read([.. endpoints, Ready("10.244.2.3")]));
    }

    [Theory]
    [InlineData("", "203.0.113.0/24", " 192.0.2.1/32 ")]
    [InlineData("0.0.0.0/0")]
    [InlineData("fd00::/8", "fd00::/8")]
    public void Source_ranges_are_those_of_our_family(params string[] ranges)
    {
        var read = Read(With(spec => spec with { LoadBalancerSourceRanges = [.. ranges.Where(range => range.Length > 0)] })).SourceRanges;
        Assert.Equal(ranges[0] == "" ? "203.0.113.0/24 192.0.2.1/32" : ranges[0] == "0.0.0.0/0" ? "" : "255.255.255.255/32", string.Join(' ', read)); // of another family alone: nobody
    }

    [Fact]
    public void Affinity_lasts_three_hours_unless_said()
    {
        Assert.Null(Read(Nginx).Affinity);
        Assert.Equal(TimeSpan.FromHours(3), Read(With(spec => spec with { SessionAffinity = "ClientIP" })).Affinity);
        Assert.Equal(TimeSpan.FromSeconds(10), Read(With(spec => spec with { SessionAffinity = "ClientIP", SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = 10 } } })).Affinity);
    }

    [Fact]
    public void A_change_names_the_Services_it_concerns_and_no_other()
    {
        var table = ServiceTable.Of([Nginx, Service("other", "10.96.0.18", Port(80))], [Slice("my-nginx", 80, Here)], Node1);
        Assert.True(table.Take().IsEmpty);
        table.Put(Slice("my-nginx", 80, Here, There));
        var change = Assert.Single(table.Take().Services);
        Assert.Equal(("default/my-nginx", 1, 2), (change.Service, change.Before[0].Cluster.Count, change.After[0].Cluster.Count));
        table.Put(Nginx with { Metadata = Nginx.Metadata with { ResourceVersion = "999" } });
        Assert.True(table.Take().IsEmpty); // a new version that asks for the same
        Assert.Equal("999", table.Services["default/my-nginx"][0].Origin.ResourceVersion);
        table.SetNode(Node1 with { ResourceVersion = "8" });
        Assert.True(table.Take().IsEmpty);
        table.SetNode(Node1 with { PodCidr = IPNetwork.Parse("10.244.9.0/24") });
        Assert.Equal((0, true), (table.Take() is var taken ? taken.Services.Count : -1, taken.Node));
    }

    [Fact]
    public void Of_two_Services_with_one_external_address_the_younger_gets_it_when_the_elder_goes()
    {
        Service Claiming(string name, string clusterIP, int year) => Service(name, clusterIP, Port(80)) is var service
            ? service with { Metadata = service.Metadata with { CreationTimestamp = new(year, 1, 1) }, Spec = service.Spec! with { ExternalIPs = ["203.0.113.7"] } } : null!;
        var (elder, younger) = (Claiming("zebra", "10.96.0.1", 2020), Claiming("ant", "10.96.0.2", 2021));
        var table = ServiceTable.Of([younger, elder], [], Node1);
        Assert.Equal("10.96.0.2:80", string.Join(' ', table.Services["default/ant"][0].Frontends));
        Assert.Contains("203.0.113.7:80/tcp belongs to another Service", Assert.Single(table.Problems).Text);
        table.Remove(elder);
        Assert.Equal(["default/ant", "default/zebra"], table.Take().Services.Select(change => change.Service));
        Assert.Equal("10.96.0.2:80 203.0.113.7:80", string.Join(' ', table.Services["default/ant"][0].Frontends));
        Assert.Empty(table.Problems);
    }

    [Fact]
    public void Whatever_the_order_of_changes_the_table_is_that_of_the_objects()
    {
        var random = new Random(42);
        var table = new ServiceTable(Node1);
        var (services, slices) = (new Dictionary<string, Service>(), new Dictionary<string, EndpointSlice>());
        for (var step = 0; step < 2000; step++)
        {
            var name = $"s{random.Next(6)}";
            if (random.Next(2) == 0)
            {
                var service = Service(name, $"10.96.0.{name[1] - '0' + 1}", Port(80)) is var made
                    ? made with { Metadata = made.Metadata with { CreationTimestamp = new(2000 + random.Next(3), 1, 1) }, Spec = made.Spec! with { ExternalIPs = [$"203.0.113.{random.Next(3)}"] } } : null!;
                if (services.Remove(name, out var old) && random.Next(3) == 0) table.Remove(old);
                else table.Put(services[name] = service);
            }
            else
            {
                var slice = Slice(name, [SlicePort(80)], [.. Enumerable.Range(2, random.Next(4)).Select(i => random.Next(2) == 0 ? Ready($"10.244.1.{i}") : Terminating($"10.244.1.{i}"))], $"{random.Next(2)}");
                if (slices.Remove(slice.Key, out var old) && random.Next(3) == 0) table.Remove(old);
                else table.Put(slices[slice.Key] = slice);
            }
            if (random.Next(3) > 0) continue;
            table.Take();
            var fresh = ServiceTable.Of(services.Values, slices.Values, Node1);
            Assert.Equal(Text(fresh), Text(table));
        }
    }

    private static string Text(ServiceTable table) => string.Join('\n', table.Services.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value)
        .Select(port => $"{port.Label} {string.Join(' ', port.Frontends)} -> {string.Join(' ', port.Cluster)} / {string.Join(' ', port.Serving)}"));
}
