using KubeApi.Objects;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

public class ServiceTableTests
{
    private static readonly Service Nginx = Service("my-nginx", "10.96.0.17", Port(80));

    [Fact]
    public void Ready_endpoints_of_all_slices_take_connections_in_order_of_address()
    {
        var rules = Rules([Nginx], [
            Slice("my-nginx", [SlicePort(80)], [Ready("10.244.2.2"), Ready("10.244.1.10")], "b"),
            Slice("my-nginx", [SlicePort(80)], [Ready("10.244.1.2"), NotReady("10.244.1.3")], "a"),
            Slice("another", 80, Ready("10.244.1.99"))]);
        Assert.Equal("10.244.1.2:80 10.244.1.10:80 10.244.2.2:80", Targets(rules));
        Assert.Empty(rules.Problems);
    }

    [Fact]
    public void Absent_conditions_count_as_ready_and_serving() =>
        Assert.Equal("10.244.1.2:80", Targets(Rules([Nginx], [Slice("my-nginx", 80, new Endpoint { Addresses = ["10.244.1.2"] })])));

    [Fact]
    public void Terminating_endpoints_take_connections_only_while_none_is_ready()
    {
        Endpoint[] leaving = [Terminating("10.244.1.2"), NotReady("10.244.1.3")];
        Assert.Equal("10.244.1.2:80", Targets(Rules([Nginx], [Slice("my-nginx", 80, leaving)])));
        var rules = Rules([Nginx], [Slice("my-nginx", 80, [.. leaving, Ready("10.244.1.4")])]);
        Assert.Equal("10.244.1.4:80", Targets(rules));
        Assert.Equal(2, rules.Ports.Single().Serving.Count); // those may keep the connections that they have
    }

    [Fact]
    public void An_endpoint_in_two_slices_counts_once_and_as_ready_if_one_says_so()
    {
        var rules = Rules([Nginx], [
            Slice("my-nginx", [SlicePort(80)], [Ready("10.244.1.2")], "a"), Slice("my-nginx", [SlicePort(80)], [Terminating("10.244.1.2")], "b")]);
        Assert.Equal("10.244.1.2:80", Targets(rules));
        Assert.Equal("EndpointSlice default/my-nginx-a (resourceVersion 200)", rules.Ports.Single().Cluster[0].Origin.ToString());
    }

    [Fact]
    public void A_named_port_may_have_another_number_in_each_slice()
    {
        var rules = Rules([Service("my-nginx", "10.96.0.17", Port(80, "http"))], [
            Slice("my-nginx", [SlicePort(8080, "http"), SlicePort(9999, "admin")], [Ready("10.244.1.2")], "a"),
            Slice("my-nginx", [SlicePort(9090, "http")], [Ready("10.244.1.3")], "b")]);
        Assert.Equal("10.244.1.2:8080 10.244.1.3:9090", Targets(rules));
    }

    [Fact]
    public void Tcp_and_udp_on_one_port_are_two_frontends()
    {
        var rules = Rules([Service("kube-dns", "10.96.0.10", Port(53, "dns", "UDP"), Port(53, "dns-tcp"))], [
            Slice("kube-dns", [SlicePort(53, "dns", "UDP"), SlicePort(5353, "dns-tcp")], [Ready("10.244.1.2")])]);
        Assert.Equal(["tcp default/kube-dns:dns-tcp 5353", "udp default/kube-dns:dns 53"],
            Sorted(rules).Select(port => $"{port.Protocol} {port.Label} {port.Cluster[0].Port}"));
    }

    [Theory]
    [InlineData("None", "ClusterIP")]
    [InlineData("", "ClusterIP")]
    [InlineData(null, "ClusterIP")]
    [InlineData("10.96.0.17", "ExternalName")]
    public void A_service_without_an_address_of_its_own_has_no_frontend(string? clusterIP, string type)
    {
        var rules = Rules([Nginx with { Spec = Nginx.Spec! with { ClusterIP = clusterIP, Type = type } }], [Slice("my-nginx", 80, Ready("10.244.1.2"))]);
        Assert.Empty(rules.Ports);
        Assert.Empty(rules.Problems);
    }

    [Fact]
    public void A_service_of_another_proxy_is_left_to_it()
    {
        var labels = new Dictionary<string, string> { ["service.kubernetes.io/service-proxy-name"] = "other" };
        Assert.Empty(Rules([Nginx with { Metadata = Nginx.Metadata with { Labels = labels } }], []).Ports);
    }

    [Fact]
    public void A_slice_of_a_headless_service_or_of_another_address_family_is_not_used()
    {
        var slice = Slice("my-nginx", 80, Ready("10.244.1.2"));
        var labels = new Dictionary<string, string>(slice.Metadata.Labels!) { ["service.kubernetes.io/headless"] = "" };
        Assert.Equal("", Targets(Rules([Nginx], [slice with { Metadata = slice.Metadata with { Labels = labels } }, slice with { AddressType = "IPv6" }])));
    }

    [Fact]
    public void The_elder_of_two_services_keeps_an_address_that_both_have()
    {
        var elder = Service("zebra", "10.96.0.17", Port(80)) with { Metadata = new() { Name = "zebra", Namespace = "default", CreationTimestamp = new(2020, 1, 1) } };
        var younger = Nginx with { Metadata = Nginx.Metadata with { CreationTimestamp = new(2021, 1, 1) } };
        var rules = Rules([younger, elder], []);
        Assert.Equal("default/zebra:80", Assert.Single(rules.Ports).Label);
        Assert.Equal("Service default/my-nginx (resourceVersion 100): 10.96.0.17:80/tcp belongs to another Service already", Assert.Single(rules.Problems).ToString());
    }

    [Theory]
    [InlineData("10.96.0.17 -j ACCEPT")]
    [InlineData("10.96.0.17\nCOMMIT")]
    [InlineData("010.96.0.17")]
    [InlineData("fd00::1")]
    [InlineData("17")]
    public void An_address_that_is_none_is_reported_and_never_becomes_a_rule(string bad)
    {
        var services = new[] { Nginx, Service("bad", bad, Port(80)), Service("good", "10.96.0.18", Port(80)) };
        var rules = Rules(services, [Slice("my-nginx", 80, Ready(bad), Ready("10.244.1.2")), Slice("good", 80, Ready("10.244.1.3"))]);
        Assert.Equal(["default/my-nginx:80 1", "default/good:80 1"], Sorted(rules).Select(port => $"{port.Label} {port.Cluster.Count}"));
        Assert.Equal(2, rules.Problems.Count());
    }

    [Theory]
    [InlineData("TCP", 0, "http")]
    [InlineData("TCP", 65536, "http")]
    [InlineData("ICMP", 80, "http")]
    [InlineData("TCP", 80, "a\" -j ACCEPT\n")]
    public void A_port_that_is_none_is_reported_and_never_becomes_a_rule(string protocol, int port, string name)
    {
        var rules = Rules([Service("my-nginx", "10.96.0.17", Port(port, name, protocol), Port(81, "fine"))], []);
        Assert.Equal("default/my-nginx:fine", Assert.Single(rules.Ports).Label);
        Assert.Single(rules.Problems);
    }
}
