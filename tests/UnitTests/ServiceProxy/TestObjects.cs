using System.Net;
using KubeApi.Objects;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;

namespace UnitTests.ServiceProxy;

/// <summary>
/// Objects for tests, by one address plan: pods 10.244.0.0/16, this node's 10.244.1.0/24 (node1), another's 10.244.2.0/24 (node2), Services
/// 10.96.0.0/16, nodes 192.168.56.11 and .12, outside 203.0.113.9.
/// </summary>
internal static class TestObjects
{
    public static readonly NodeFacts Node1 = new()
    {
        NodeName = "node1", ResourceVersion = "7", PodCidr = IPNetwork.Parse("10.244.1.0/24"),
        ClusterCidr = IPNetwork.Parse("10.244.0.0/16"), ServiceCidr = IPNetwork.Parse("10.96.0.0/16"),
    };

    public static Service Service(string name, string? clusterIP, params ServicePort[] ports) => new()
    {
        Metadata = new() { Name = name, Namespace = "default", ResourceVersion = "100" },
        Spec = new() { ClusterIP = clusterIP, Type = "ClusterIP", Ports = ports },
    };

    public static ServicePort Port(int port, string? name = null, string protocol = "TCP") => new() { Port = port, Name = name, Protocol = protocol };

    /// <summary>A slice of a Service with one port; <paramref name="endpoints"/> from <see cref="Ready"/> and its like.</summary>
    public static EndpointSlice Slice(string service, int port, params Endpoint[] endpoints) => Slice(service, [SlicePort(port)], endpoints);

    public static EndpointSlice Slice(string service, DiscoveryEndpointPort[] ports, Endpoint[] endpoints, string suffix = "abc12") => new()
    {
        Metadata = new()
        {
            Name = $"{service}-{suffix}", Namespace = "default", ResourceVersion = "200",
            Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
        },
        AddressType = "IPv4", Ports = ports, Endpoints = endpoints,
    };

    public static DiscoveryEndpointPort SlicePort(int port, string? name = null, string protocol = "TCP") => new() { Port = port, Name = name ?? "", Protocol = protocol };

    public static Endpoint Ready(string address) => new() { Addresses = [address], Conditions = new() { Ready = true, Serving = true, Terminating = false } };

    public static Endpoint NotReady(string address) => new() { Addresses = [address], Conditions = new() { Ready = false, Serving = false } };

    public static Endpoint Terminating(string address) => new() { Addresses = [address], Conditions = new() { Ready = false, Serving = true, Terminating = true } };

    public static ServiceTable Rules(IEnumerable<Service> services, IEnumerable<EndpointSlice> slices) => ServiceTable.Of(services, slices, Node1);

    public static IptablesRules Render(IEnumerable<Service> services, IEnumerable<EndpointSlice> slices) => IptablesRenderer.Render(Rules(services, slices));

    /// <summary>The ports of all Services, in order of address, protocol and port.</summary>
    public static IReadOnlyList<ProxiedPort> Sorted(ServiceTable table) =>
        [.. table.Ports.OrderBy(port => Ipv4.Number(port.Frontends[0].Address!)).ThenBy(port => port.Protocol, StringComparer.Ordinal).ThenBy(port => port.Frontends[0].Port)];

    /// <summary>Where the only port leads: "10.244.1.2:80 10.244.2.2:80".</summary>
    public static string Targets(ServiceTable rules) => string.Join(' ', Assert.Single(rules.Ports).Cluster);
}
