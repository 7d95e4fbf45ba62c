using System.Net;
using ControlPlane.Controllers;
using ControlPlane.Controllers.LoadBalancers;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Controllers;

public class LoadBalancerTests
{
    private static IPAddress Ip(string text) => IPAddress.Parse(text);

    [Theory]
    [InlineData("192.0.2.10-192.0.2.12", "192.0.2.10", "192.0.2.12", "192.0.2.13")]
    [InlineData("192.0.2.16/28", "192.0.2.16", "192.0.2.31", "192.0.2.32")]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.8")]
    [InlineData("192.0.2.1-192.0.2.2, 198.51.100.0/30", "192.0.2.1", "198.51.100.3", "192.0.2.3")]
    public void A_pool_is_made_of_ranges_networks_and_addresses(string text, string first, string last, string beyond)
    {
        var pool = AddressPool.Parse([text]);
        Assert.Equal(Ip(first), pool.FirstFree(_ => false));
        Assert.True(pool.Contains(Ip(last)));
        Assert.False(pool.Contains(Ip(beyond)));
        var taken = new HashSet<IPAddress>();
        while (pool.FirstFree(taken.Contains) is { } free) Assert.True(taken.Add(free));
        Assert.Contains(Ip(last), taken);
    }

    [Theory]
    [InlineData("192.0.2.10-192.0.2.1")]
    [InlineData("fd00::1-fd00::5")]
    [InlineData("192.0.2")]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("120.0.0.0-130.0.0.0")]
    [InlineData("224.0.0.5")]
    [InlineData("0.0.0.0/0")]
    [InlineData("192.0.2.0/24,192.0.2.255-192.0.3.1")]
    public void What_is_no_pool_is_refused(string text) => Assert.Throws<FormatException>(() => AddressPool.Parse([text]));

    [Fact]
    public void A_service_keeps_its_address_unless_it_asks_for_another()
    {
        var pool = AddressPool.Parse(["192.0.2.1-192.0.2.3"]);
        Func<IPAddress, string?> holder = address => address.Equals(Ip("192.0.2.1")) ? "default/other" : null;
        Assert.Equal(new(Ip("192.0.2.2"), null), AddressChoice.Of(new(), null, pool, holder));
        Assert.Equal(new(Ip("192.0.2.3"), null), AddressChoice.Of(new(), Ip("192.0.2.3"), pool, holder));
        Assert.Equal(new(Ip("192.0.2.3"), null), AddressChoice.Of(new() { LoadBalancerIP = "192.0.2.3" }, Ip("192.0.2.2"), pool, holder));
        Assert.Equal(new(Ip("192.0.2.2"), "loadBalancerIP 192.0.2.1 is already allocated to default/other"), AddressChoice.Of(new() { LoadBalancerIP = "192.0.2.1" }, Ip("192.0.2.2"), pool, holder));
        Assert.Equal(new(null, "loadBalancerIP 192.0.2.9 is not in the pool 192.0.2.1-192.0.2.3"), AddressChoice.Of(new() { LoadBalancerIP = "192.0.2.9" }, null, pool, holder));
        Assert.Equal(new(null, "loadBalancerIP \"me\" is not an IPv4 address"), AddressChoice.Of(new() { LoadBalancerIP = "me" }, null, pool, holder));
        Assert.Equal(new(Ip("192.0.2.2"), null), AddressChoice.Of(new(), Ip("198.51.100.1"), pool, holder)); // of an older pool
        Assert.Equal(new(null, "no address left in the pool 192.0.2.1-192.0.2.3"), AddressChoice.Of(new(), null, pool, _ => "default/other"));
        Assert.Equal(new(null, null), AddressChoice.Of(new(), null, AddressPool.Empty, _ => null));
    }

    [Fact]
    public void Of_two_services_that_show_one_address_the_older_has_it()
    {
        var held = new HeldAddresses();
        var (old, young) = (Showing("z", 1), Showing("a", 2));
        held.Rebuild([young, old]);
        Assert.Equal((Ip("192.0.2.1"), null), (held.Of(old), held.Of(young)));
        Assert.Equal(("default/z", null), (held.OtherHolder(Ip("192.0.2.1"), young), held.OtherHolder(Ip("192.0.2.1"), old)));
        Assert.Null(held.Of(old with { Metadata = old.Metadata with { Uid = "made anew" } }));
    }

    private static Service Showing(string name, int hour) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Uid = name, CreationTimestamp = new DateTime(2026, 1, 1, hour, 0, 0, DateTimeKind.Utc) },
        Spec = new ServiceSpec { Type = "LoadBalancer" },
        Status = new ServiceStatus { LoadBalancer = new LoadBalancerStatus { Ingress = [new LoadBalancerIngress { Ip = "192.0.2.1" }] } },
    };
}

/// <summary>The controller against the real API server, with a pool of two addresses.</summary>
public sealed class LoadBalancerControllerTests : ControlledCluster
{
    private protected override ControllerOptions Options => base.Options with { LoadBalancerPool = AddressPool.Parse(["192.0.2.1-192.0.2.2"]) };

    private static Service Balanced(string ns, string name, Func<ServiceSpec, ServiceSpec>? change = null)
    {
        var spec = new ServiceSpec { Type = "LoadBalancer", Ports = [new ServicePort { Port = 80 }] };
        return new() { Metadata = new ObjectMeta { Name = name, Namespace = ns }, Spec = change?.Invoke(spec) ?? spec };
    }

    private Task<Service?> UntilShows(string ns, string name, string? address) =>
        Until(() => Api.Find<Service>(ns, name, default), service => AddressChoice.Shown(service!)?.ToString() == address)!;

    private Task UntilEvent(string ns, string name, string reason, string message) =>
        Until(() => List<Event>(ns), all => all.Any(found => found.InvolvedObject?.Name == name && found.Reason == reason && found.Message == message));

    [Fact]
    public async Task Addresses_are_given_kept_waited_for_and_given_back()
    {
        var ns = await Namespace();
        await Api.Create(Balanced(ns, "a", spec => spec with { LoadBalancerIP = "192.0.2.2" }), default);
        var a = await UntilShows(ns, "a", "192.0.2.2");
        Assert.Equal("VIP", a!.Status!.LoadBalancer!.Ingress![0].IpMode);
        Assert.Equal([LoadBalancerController.Finalizer], a.Metadata.Finalizers);
        Assert.Equal("192.0.2.1-192.0.2.2", a.Metadata.Annotations![LoadBalancerController.PoolAnnotation]);
        await UntilEvent(ns, "a", "EnsuringLoadBalancer", "Ensuring load balancer");
        await UntilEvent(ns, "a", "EnsuredLoadBalancer", "Ensured load balancer");

        await Api.Create(Balanced(ns, "b"), default);
        await UntilShows(ns, "b", "192.0.2.1");
        await Api.Create(Balanced(ns, "foreign", spec => spec with { LoadBalancerClass = "example.com/other" }), default);
        await Api.Create(Balanced(ns, "c"), default);
        await UntilEvent(ns, "c", "SyncLoadBalancerFailed", "Error syncing load balancer: failed to ensure load balancer: no address left in the pool 192.0.2.1-192.0.2.2");

        await Api.Delete<Service>(ns, "a", default);
        await UntilGone<Service>(ns, "a");
        await UntilShows(ns, "c", "192.0.2.2");

        // A change of type gives the address back at once and leaves nothing behind.
        var b = await Api.MergePatch<Service>(ns, "b", new { spec = new { type = "ClusterIP" } }, default);
        Assert.Null(AddressChoice.Shown(b));
        await Until(() => Api.Find<Service>(ns, "b", default), service => service!.Metadata is { Finalizers: null or [], Annotations: null or { Count: 0 } });
        await Api.MergePatch<Service>(ns, "c", new { spec = new { loadBalancerIP = "192.0.2.1" } }, default);
        await UntilShows(ns, "c", "192.0.2.1");
        await Api.MergePatch<Service>(ns, "b", new { spec = new { type = "LoadBalancer" } }, default);
        await UntilShows(ns, "b", "192.0.2.2");

        var foreign = await Api.Find<Service>(ns, "foreign", default);
        Assert.Equal((null, null), (AddressChoice.Shown(foreign!), foreign!.Metadata.Finalizers));
    }
}
