using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>What is said about broken Services, and what an update keeps.</summary>
public class ServiceValidationTests
{
    private static string Service(string spec) => "metadata: {name: s}\nspec: " + spec;

    [Theory]
    [InlineData("{}", "spec.ports: Required value")]
    [InlineData("{type: Tunnel, ports: [{port: 80}]}",
        "spec.type: Unsupported value: \"Tunnel\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("{ports: [{port: 0, targetPort: 80}]}", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("{ports: [{port: 80, name: a}, {port: 81}]}", "spec.ports[1].name: Required value")]
    [InlineData("{ports: [{port: 80, name: a}, {port: 81, name: a}]}", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData("{ports: [{port: 80, name: a}, {port: 80, name: b}]}", "spec.ports[1]: Duplicate value: {\"protocol\":\"TCP\",\"port\":80}")]
    [InlineData("{ports: [{port: 80, targetPort: a--b}]}", "spec.ports[0].targetPort: Invalid value: \"a--b\": must not contain consecutive hyphens")]
    [InlineData("{ports: [{port: 80, nodePort: 30000}]}", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("{type: NodePort, clusterIP: None, ports: [{port: 80}]}", "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")]
    [InlineData("{type: ExternalName}", "spec.externalName: Required value")]
    [InlineData("{clusterIP: 10.96.0.300, ports: [{port: 80}]}",
        "spec.clusterIPs[0]: Invalid value: \"10.96.0.300\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("{clusterIPs: [10.96.0.3], ports: [{port: 80}]}", "spec.clusterIPs: Invalid value: [\"10.96.0.3\"]: must be empty when `clusterIP` is not specified")]
    [InlineData("{clusterIP: 10.96.0.3, clusterIPs: [10.96.0.3, 10.96.0.4], ports: [{port: 80}]}",
        "spec.clusterIPs: Invalid value: [\"10.96.0.3\",\"10.96.0.4\"]: may specify no more than one IP for each IP family")]
    [InlineData("{ipFamilies: [IPv6], ports: [{port: 80}]}", "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")]
    [InlineData("{ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}",
        "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData("{externalIPs: [127.0.0.1], ports: [{port: 80}]}",
        "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("{ports: [{port: 80}], healthCheckNodePort: 30000}",
        "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")]
    [InlineData("{ports: [{port: 80}], externalTrafficPolicy: Local}", "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("{ports: [{port: 80}], loadBalancerClass: example.com/x}", "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("{ports: [{port: 80}], allocateLoadBalancerNodePorts: false}", "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("{ports: [{port: 80}], loadBalancerSourceRanges: [192.0.2.0/24]}", "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("{type: LoadBalancer, ports: [{port: 80}], loadBalancerSourceRanges: [192.0.2.0/33]}",
        "spec.loadBalancerSourceRanges[0]: Invalid value: \"192.0.2.0/33\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData("{type: ExternalName, externalName: example.com, ipFamilyPolicy: SingleStack}", "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services")]
    [InlineData("{ports: [{port: 80}], trafficDistribution: Nearby}",
        "spec.trafficDistribution: Unsupported value: \"Nearby\": supported values: \"PreferClose\", \"PreferSameNode\", \"PreferSameZone\"")]
    [InlineData("{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}, ports: [{port: 80}]}",
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400")]
    [InlineData("{sessionAffinity: Cookie, ports: [{port: 80}]}", "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", \"None\"")]
    public void A_broken_service_is_told_what_is_wrong_and_where(string spec, string error) => Assert.Equal([error], Manifest.Errors<Service>(Service(spec)));

    [Fact]
    public void A_headless_service_needs_no_ports() => Assert.Equal([], Manifest.Errors<Service>(Service("{clusterIP: None}")));

    [Fact]
    public void A_name_of_a_service_begins_with_a_letter() => Assert.StartsWith("metadata.name: Invalid value: \"1st\": a DNS-1035 label must consist of",
        Manifest.Errors<Service>("metadata: {name: 1st}\nspec: {ports: [{port: 80}]}").Single());

    private static readonly Service Stored = Manifest.Create<Service>(Service("{type: NodePort, clusterIP: 10.96.3.4, ports: [{port: 80, nodePort: 30080}]}"));

    [Fact]
    public void A_replacement_without_address_and_node_ports_keeps_them()
    {
        var (service, errors) = Manifest.TryUpdate(Stored, Manifest.Read<Service>(Service("{type: NodePort, ports: [{port: 80, targetPort: web}]}"))
            with { Metadata = Stored.Metadata });
        Assert.Equal([], errors);
        Assert.Equal(("10.96.3.4", 30080, "web"), (service.Spec!.ClusterIP, service.Spec.Ports![0].NodePort, service.Spec.Ports[0].TargetPort!.Value.Text));
    }

    [Fact]
    public void The_generation_counts_specs_and_a_new_one_is_not_programmed_yet()
    {
        Condition[] conditions = [new() { Type = "Programmed", Status = "True", ObservedGeneration = 1 }, new() { Type = "Other", Status = "True" }];
        var stored = Stored with { Status = new ServiceStatus { Conditions = conditions } };
        var (relabelled, _) = Manifest.TryUpdate(stored, stored with { Metadata = stored.Metadata with { Generation = 7, Labels = new Dictionary<string, string> { ["a"] = "b" } } });
        Assert.Equal((1L, 2), (relabelled.Metadata.Generation, relabelled.Status!.Conditions!.Count));
        var (changed, _) = Manifest.TryUpdate(stored, stored with { Spec = stored.Spec! with { SessionAffinity = "ClientIP" } });
        Assert.Equal((2L, "Other"), (changed.Metadata.Generation, Assert.Single(changed.Status!.Conditions!).Type));
    }

    [Fact]
    public void A_cluster_ip_may_not_change_once_set()
    {
        var (_, errors) = Manifest.TryUpdate(Stored, Stored with { Spec = Stored.Spec! with { ClusterIP = "10.96.3.5" } });
        Assert.Equal(["spec.clusterIPs[0]: Invalid value: [\"10.96.3.5\"]: may not change once set"], errors);
    }

    [Fact]
    public void A_change_to_ClusterIP_drops_node_ports()
    {
        var (service, errors) = Manifest.TryUpdate(Stored, Stored with { Spec = Stored.Spec! with { Type = "ClusterIP" } });
        Assert.Equal([], errors);
        Assert.Equal((null, null, "10.96.3.4"), (service.Spec!.Ports![0].NodePort, service.Spec.ExternalTrafficPolicy, service.Spec.ClusterIP));
    }

    [Fact]
    public void A_change_to_ExternalName_drops_the_address()
    {
        var (service, errors) = Manifest.TryUpdate(Stored, Stored with { Spec = Stored.Spec! with { Type = "ExternalName", ExternalName = "example.com" } });
        Assert.Equal([], errors);
        Assert.Equal((null, null, null), (service.Spec!.ClusterIP, service.Spec.ClusterIPs, service.Spec.Ports![0].NodePort));
    }

    [Fact]
    public void A_change_to_ExternalName_that_empties_the_address_too_drops_the_families()
    {
        var (service, errors) = Manifest.TryUpdate(Stored, Stored with { Spec = Stored.Spec! with { Type = "ExternalName", ExternalName = "example.com", ClusterIP = "", ClusterIPs = null } });
        Assert.Equal([], errors);
        Assert.Equal((null, null), (service.Spec!.IpFamilies, service.Spec.IpFamilyPolicy));
    }

    [Fact]
    public void What_is_served_earns_no_warning() => Assert.Equal([], Manifest.Warnings<Service>(Service("""
        {type: LoadBalancer, externalTrafficPolicy: Local, internalTrafficPolicy: Local, sessionAffinity: ClientIP, trafficDistribution: PreferSameNode, externalIPs: [192.0.2.1],
         loadBalancerIP: 192.0.2.2, loadBalancerClass: example.com/x, loadBalancerSourceRanges: [192.0.2.0/24], ports: [{port: 80}]}
        """)));

    [Fact]
    public void What_is_not_served_yet_is_said() => Assert.Equal(
        ["spec.ipFamilyPolicy: stored, but this version has IPv4 only"],
        Manifest.Warnings<Service>(Service("{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30123, ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}")));
}
