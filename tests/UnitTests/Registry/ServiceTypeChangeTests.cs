using ControlPlane.Registry;
using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>Services that change their type: what goes, what stays, and what is allocated for them.</summary>
public class ServiceTypeChangeTests
{
    private readonly ServiceAddresses addresses = new("10.96.0.0/16", 30000, 30099);

    private static string Spec(string spec) => "metadata: {name: s}\nspec: " + spec;

    private Service Create(string spec) => Allocated(null, Manifest.Create<Service>(Spec(spec)));

    /// <summary>As the API server does it: prepare, validate, allocate, give back what the old version held.</summary>
    private Service Update(Service old, Func<ServiceSpec, ServiceSpec> change)
    {
        var (updated, errors) = Manifest.TryUpdate(old, old with { Spec = change(old.Spec!) });
        Assert.Equal([], errors);
        return Allocated(old, updated);
    }

    private Service Allocated(Service? old, Service service)
    {
        var errors = new FieldErrors();
        var allocated = addresses.Allocate(old, service, errors);
        Assert.Equal([], Manifest.Texts(errors));
        if (old is not null) addresses.Release(old, keep: allocated);
        return allocated;
    }

    private bool IsFree(int port)
    {
        var errors = new FieldErrors();
        var probe = addresses.Allocate(null, Manifest.Create<Service>(Spec($"{{type: NodePort, ports: [{{port: 1, nodePort: {port}}}]}}")), errors);
        if (!errors.Any) addresses.Release(probe);
        return !errors.Any;
    }

    [Fact]
    public void A_load_balancer_with_local_policy_gets_a_health_check_port_and_loses_it_with_the_policy()
    {
        var service = Create("{type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}]}");
        var port = service.Spec!.HealthCheckNodePort!.Value;
        Assert.InRange(port, 30000, 30099);
        Assert.NotEqual(port, service.Spec.Ports![0].NodePort);
        Assert.False(IsFree(port));
        Assert.Equal(port, Update(service, spec => spec with { HealthCheckNodePort = null }).Spec!.HealthCheckNodePort);

        var cluster = Update(service, spec => spec with { ExternalTrafficPolicy = "Cluster" });
        Assert.Null(cluster.Spec!.HealthCheckNodePort);
        Assert.True(IsFree(port));
    }

    [Fact]
    public void A_health_check_port_may_be_asked_for_once_and_not_changed()
    {
        var service = Create("{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30050, ports: [{port: 80, nodePort: 30040}]}");
        Assert.Equal(30050, service.Spec!.HealthCheckNodePort);
        Assert.Equal(["spec.healthCheckNodePort: Forbidden: field is immutable"], Manifest.TryUpdate(service, service with { Spec = service.Spec with { HealthCheckNodePort = 30051 } }).Errors);

        var errors = new FieldErrors();
        var other = Manifest.Create<Service>(Spec("{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30050, ports: [{port: 80, nodePort: 30060}]}"));
        Assert.Same(other, addresses.Allocate(null, other, errors));
        Assert.Equal(["spec.healthCheckNodePort: Invalid value: 30050: failed to allocate requested HealthCheck NodePort 30050: provided port is already allocated"], Manifest.Texts(errors));
        Assert.False(IsFree(30050));
        Assert.True(IsFree(30060));
    }

    [Theory]
    [InlineData("ClusterIP")]
    [InlineData("ExternalName")]
    public void Of_a_load_balancer_nothing_is_left_behind(string type)
    {
        var service = Create("{type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerClass: example.com/x, ports: [{port: 80, nodePort: 30001}]}");
        service = service with { Status = new ServiceStatus { LoadBalancer = new LoadBalancerStatus { Ingress = [new LoadBalancerIngress { Ip = "192.0.2.1" }] } } };
        var (health, cluster) = (service.Spec!.HealthCheckNodePort!.Value, service.Spec.ClusterIP);
        var changed = Update(service, spec => spec with { Type = type, ExternalName = type == "ExternalName" ? "example.com" : null });
        var spec = changed.Spec!;
        Assert.Equal((null, null, null, null, null), (spec.Ports![0].NodePort, spec.HealthCheckNodePort, spec.ExternalTrafficPolicy, spec.LoadBalancerClass, spec.AllocateLoadBalancerNodePorts));
        Assert.Equal(type == "ExternalName" ? (null, null, null) : (cluster, "Cluster", "SingleStack"), (spec.ClusterIP, spec.InternalTrafficPolicy, spec.IpFamilyPolicy));
        Assert.Null(changed.Status!.LoadBalancer!.Ingress);
        Assert.True(IsFree(30001) && IsFree(health));

        var back = Update(changed, old => old with { Type = "LoadBalancer" });
        Assert.Equal(("Cluster", true), (back.Spec!.ExternalTrafficPolicy, back.Spec.AllocateLoadBalancerNodePorts));
        Assert.NotNull(back.Spec.Ports![0].NodePort);
        Assert.NotNull(back.Spec.ClusterIP);
    }

    [Fact]
    public void The_class_of_a_load_balancer_may_not_change()
    {
        var service = Create("{type: LoadBalancer, ports: [{port: 80}]}");
        Assert.Equal(["spec.loadBalancerClass: Invalid value: \"example.com/x\": may not change once set"],
            Manifest.TryUpdate(service, service with { Spec = service.Spec! with { LoadBalancerClass = "example.com/x" } }).Errors);
    }

    [Fact]
    public void Without_node_ports_of_its_own_accord_a_load_balancer_has_those_asked_for()
    {
        var service = Create("{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{name: a, port: 80}, {name: b, port: 81, nodePort: 30011}]}");
        Assert.Equal([null, 30011], service.Spec!.Ports!.Select(port => port.NodePort));
        Assert.False(IsFree(30011));
        var all = Update(service, spec => spec with { AllocateLoadBalancerNodePorts = true });
        Assert.All(all.Spec!.Ports!, port => Assert.NotNull(port.NodePort));
        Assert.Equal(all.Spec.Ports!.Select(port => port.NodePort), Update(all, spec => spec with { AllocateLoadBalancerNodePorts = false }).Spec!.Ports!.Select(port => port.NodePort));
    }

    [Fact]
    public void A_port_keeps_its_node_port_by_its_name()
    {
        var service = Create("{type: NodePort, ports: [{name: a, port: 80}, {name: b, port: 81}]}");
        var kept = service.Spec!.Ports!.ToDictionary(port => port.Name!, port => port.NodePort);
        var updated = Update(service, spec => spec with { Ports = [new ServicePort { Name = "b", Port = 91 }, new ServicePort { Name = "c", Port = 92 }] });
        Assert.Equal(kept["b"], updated.Spec!.Ports![0].NodePort);
        Assert.NotEqual(kept["b"], updated.Spec.Ports[1].NodePort);
    }

    [Fact]
    public void One_port_for_two_protocols_gets_one_number()
    {
        var ports = Create("{type: NodePort, ports: [{name: u, port: 53, protocol: UDP}, {name: t, port: 53}]}").Spec!.Ports!;
        Assert.Equal(ports[0].NodePort, ports[1].NodePort);
        Assert.False(IsFree(ports[0].NodePort!.Value));
    }

    [Fact]
    public void A_number_belongs_to_one_service_whatever_the_protocol()
    {
        Create("{type: NodePort, ports: [{port: 53, protocol: UDP, nodePort: 30053}]}");
        Assert.False(IsFree(30053));
    }

    [Fact]
    public void Numbers_are_chosen_from_the_upper_part_first()
    {
        for (var i = 0; i < 100 - 16; i++) Assert.InRange(Create("{type: NodePort, ports: [{port: 80}]}").Spec!.Ports![0].NodePort!.Value, 30016, 30099);
        for (var i = 0; i < 16; i++) Assert.InRange(Create("{type: NodePort, ports: [{port: 80}]}").Spec!.Ports![0].NodePort!.Value, 30000, 30015);
    }

    [Fact]
    public void A_service_has_a_generation_that_counts_its_specs()
    {
        var service = Create("{ports: [{port: 80}]}");
        Assert.Equal(1, service.Metadata.Generation);
        Assert.Equal(1, Manifest.TryUpdate(service, service with { Metadata = service.Metadata with { Labels = new Dictionary<string, string> { ["a"] = "b" } } }).Object.Metadata.Generation);
        Assert.Equal(2, Manifest.TryUpdate(service, service with { Spec = service.Spec! with { Type = "NodePort" } }).Object.Metadata.Generation);
    }
}
