using ControlPlane.Registry;
using KubeApi.Objects;

namespace UnitTests.Registry;

public class ServiceAddressesTests
{
    private static Service Service(string name, string? ip = null, string type = "ClusterIP", params ServicePort[] ports) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new ServiceSpec { Type = type, ClusterIP = ip, ClusterIPs = ip is null ? null : [ip], Ports = ports },
    };

    private static ServicePort Port(int port, int? nodePort = null, string protocol = "TCP") => new() { Port = port, NodePort = nodePort, Protocol = protocol };

    private static Service Allocate(ServiceAddresses addresses, Service service, Service? old = null)
    {
        var errors = new FieldErrors();
        var allocated = addresses.Allocate(old, service, errors);
        Assert.Equal([], Manifest.Texts(errors));
        return allocated;
    }

    private static IReadOnlyList<string> Errors(ServiceAddresses addresses, Service service, Service? old = null)
    {
        var errors = new FieldErrors();
        Assert.Same(service, addresses.Allocate(old, service, errors));
        return Manifest.Texts(errors);
    }

    [Fact]
    public void Every_service_gets_an_address_of_its_own_until_the_range_is_full()
    {
        var addresses = new ServiceAddresses("10.96.0.0/24");
        var given = Enumerable.Range(0, 252).Select(i => Allocate(addresses, Service($"s{i}")).Spec!.ClusterIP!).ToList(); // 256 - network, broadcast, .1, .10
        Assert.Equal(252, given.Distinct().Count());
        Assert.DoesNotContain("10.96.0.1", given);
        Assert.DoesNotContain("10.96.0.10", given);
        Assert.All(given, ip => Assert.StartsWith("10.96.0.", ip));
        Assert.Equal(["spec.clusterIPs: Invalid value: []: failed to allocate a serviceIP: range is full"], Errors(addresses, Service("one-more")));
        addresses.Release(Service("s7", given[7]));
        Assert.Equal(given[7], Allocate(addresses, Service("again")).Spec!.ClusterIP);
    }

    [Fact]
    public void The_upper_part_of_the_range_is_used_first()
    {
        var addresses = new ServiceAddresses("10.96.0.0/16");
        for (var i = 0; i < 1000; i++)
        {
            var bytes = System.Net.IPAddress.Parse(Allocate(addresses, Service($"s{i}")).Spec!.ClusterIP!).GetAddressBytes();
            Assert.True(bytes[2] >= 1, string.Join('.', bytes)); // the lower 256 are for those who ask by number
        }
    }

    [Fact]
    public void The_first_address_is_for_kubernetes_and_can_be_asked_for()
    {
        var addresses = new ServiceAddresses("10.96.0.0/16");
        Assert.Equal("10.96.0.1", addresses.KubernetesAddress.ToString());
        Allocate(addresses, Service("kubernetes", "10.96.0.1"));
        Allocate(addresses, Service("kube-dns", "10.96.0.10"));
    }

    [Fact]
    public void An_address_that_cannot_be_had_is_refused_and_takes_nothing()
    {
        var addresses = new ServiceAddresses("10.96.0.0/16");
        var holder = Allocate(addresses, Service("a", "10.96.5.5"));
        Assert.Equal(["spec.clusterIPs: Invalid value: [\"10.96.5.5\"]: failed to allocate IP 10.96.5.5: provided IP is already allocated"],
            Errors(addresses, Service("b", "10.96.5.5")));
        Assert.Equal(["spec.clusterIPs: Invalid value: [\"10.97.0.1\"]: failed to allocate IP 10.97.0.1: provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16"],
            Errors(addresses, Service("b", "10.97.0.1")));
        addresses.Release(holder);
        Allocate(addresses, Service("b", "10.96.5.5"));
    }

    [Fact]
    public void What_is_no_address_is_left_to_validation() =>
        Assert.Equal("10.96.0.300", Allocate(new ServiceAddresses("10.96.0.0/16"), Service("a", "10.96.0.300")).Spec!.ClusterIP);

    [Fact]
    public void Addresses_that_contradict_each_other_are_left_to_validation()
    {
        var service = Service("a") with { Spec = new ServiceSpec { Type = "ClusterIP", ClusterIPs = ["10.96.0.5"] } };
        Assert.Equal((null, 1), (Allocate(new ServiceAddresses("10.96.0.0/16"), service).Spec!.ClusterIP, service.Spec.ClusterIPs.Count));
    }

    [Fact]
    public void Headless_and_external_services_need_no_address()
    {
        var addresses = new ServiceAddresses("10.96.0.0/29");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("None", Allocate(addresses, Service($"h{i}", "None")).Spec!.ClusterIP);
            Assert.Null(Allocate(addresses, Service($"e{i}", type: "ExternalName")).Spec!.ClusterIP);
        }
    }

    [Fact]
    public void Node_ports_are_given_out_once_per_protocol()
    {
        var addresses = new ServiceAddresses("10.96.0.0/16", 30000, 30003);
        var dns = Allocate(addresses, Service("dns", type: "NodePort", ports: [Port(53, 30001, "UDP"), Port(53, 30001)]));
        Assert.Equal([30001, 30001], dns.Spec!.Ports!.Select(port => port.NodePort));
        var web = Allocate(addresses, Service("web", type: "LoadBalancer", ports: [Port(80), Port(443)]));
        Assert.Equal(2, web.Spec!.Ports!.Select(port => port.NodePort).Distinct().Count());
        Assert.All(web.Spec.Ports!, port => Assert.Contains(port.NodePort!.Value, new[] { 30000, 30002, 30003 }));
        Assert.Equal(["spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated"], Errors(addresses, Service("x", type: "NodePort", ports: [Port(1, 30001)])));
        Assert.Equal(["spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30003"],
            Errors(addresses, Service("x", type: "NodePort", ports: [Port(1, 80)])));
    }

    [Fact]
    public void A_refused_service_gives_back_what_it_had_got_so_far()
    {
        var addresses = new ServiceAddresses("10.96.0.0/16", 30000, 30002);
        Allocate(addresses, Service("holder", type: "NodePort", ports: [Port(80, 30000)]));
        for (var i = 0; i < 5; i++)
            Assert.Equal(["spec.ports[1].nodePort: Invalid value: 30000: provided port is already allocated"],
                Errors(addresses, Service("greedy", "10.96.7.7", "NodePort", Port(80, 30001), Port(81, 30000), Port(82, 30002))));
        Allocate(addresses, Service("modest", "10.96.7.7", "NodePort", Port(80, 30001), Port(81, 30002)));
    }

    [Fact]
    public void An_update_keeps_what_it_has_and_the_loser_of_a_write_gives_back_the_rest()
    {
        var addresses = new ServiceAddresses("10.96.0.0/16", 30000, 30001);
        var old = Allocate(addresses, Service("s", "10.96.7.7", "NodePort", Port(80, 30000)));
        var updated = Allocate(addresses, old with { Spec = old.Spec! with { Ports = [Port(80, 30000), Port(443)] } }, old);
        Assert.Equal([30000, 30001], updated.Spec!.Ports!.Select(port => port.NodePort));

        addresses.Release(updated, keep: old); // the write failed
        updated = Allocate(addresses, old with { Spec = old.Spec! with { Ports = [Port(443, 30001)] } }, old);
        addresses.Release(old, keep: updated); // the write succeeded
        Allocate(addresses, Service("other", type: "NodePort", ports: [Port(80, 30000)]));
        Assert.Single(Errors(addresses, Service("third", "10.96.7.7")));
    }

    [Fact]
    public void After_a_restart_stored_services_hold_what_they_have()
    {
        var addresses = new ServiceAddresses("10.96.0.0/16");
        var problems = addresses.Rebuild([Service("a", "10.96.5.5", "NodePort", Port(80, 30000)), Service("b", "10.96.5.5"), Service("c", "10.0.0.1"), Service("d", "None")]);
        Assert.Equal(["default/b: clusterIP 10.96.5.5: provided IP is already allocated",
            "default/c: clusterIP 10.0.0.1: provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16"], problems);
        Assert.Single(Errors(addresses, Service("x", "10.96.5.5")));
        Assert.Single(Errors(addresses, Service("x", type: "NodePort", ports: [Port(1, 30000)])));
    }

    [Fact]
    public void Concurrent_allocations_never_clash()
    {
        var addresses = new ServiceAddresses("10.96.0.0/20");
        var given = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 2000, i => given.Add(Allocate(addresses, Service($"s{i}")).Spec!.ClusterIP!));
        Assert.Equal(2000, given.Distinct().Count());
    }

    [Theory]
    [InlineData("10.96.0.0")]
    [InlineData("fd00::/112")]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.0.0.0/30")]
    [InlineData("nonsense/24")]
    public void A_range_that_cannot_be_used_is_refused(string cidr) => Assert.Throws<FormatException>(() => new ServiceAddresses(cidr));
}
