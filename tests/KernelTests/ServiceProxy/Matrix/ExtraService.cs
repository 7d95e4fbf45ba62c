using KubeApi.Objects;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>A Service that a single test adds to those of the matrix; every server listens at its target ports.</summary>
/// <param name="Number">Of its addresses and ports.</param>
internal sealed record ExtraService(int Number)
{
    public static readonly IReadOnlyList<int> TargetPorts = [9801, 9802, 9803, 9804];

    public string Name => $"extra{Number}";
    public string ClusterIP => $"10.96.2.{Number}";
    public string ExternalIP => $"172.30.2.{Number}";
    public string LoadBalancerIP => $"172.31.2.{Number}";
    public int NodePort => 30200 + Number;

    /// <summary>Port 80 in all protocols, and every kind of frontend.</summary>
    public Service ToObject() => new()
    {
        Metadata = new() { Name = Name, Namespace = "matrix", ResourceVersion = "1" },
        Spec = new()
        {
            Type = "LoadBalancer", ClusterIP = ClusterIP, ClusterIPs = [ClusterIP], ExternalIPs = [ExternalIP], InternalTrafficPolicy = "Cluster", ExternalTrafficPolicy = "Cluster",
            Ports = [.. MatrixService.Protocols.Select(protocol => new ServicePort { Name = protocol, Protocol = protocol.ToUpperInvariant(), Port = 80, NodePort = NodePort })],
        },
        Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = LoadBalancerIP }] } },
    };

    /// <summary>All ready, at one port.</summary>
    public EndpointSlice ToSlice(int targetPort, params IEnumerable<Server> servers) =>
        ToSlice($"{targetPort}", [.. MatrixService.Protocols.Select(protocol => new DiscoveryEndpointPort { Name = protocol, Protocol = protocol.ToUpperInvariant(), Port = targetPort })], servers);

    /// <param name="suffix">Of the slice's name.</param>
    public EndpointSlice ToSlice(string suffix, IReadOnlyList<DiscoveryEndpointPort> ports, params IEnumerable<Server> servers) => new()
    {
        Metadata = new()
        {
            Name = $"{Name}-{suffix}", Namespace = "matrix", ResourceVersion = "2", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = Name },
        },
        AddressType = "IPv4", Ports = ports, Endpoints = [.. servers.Select(server => new MatrixEndpoint(server).ToObject())],
    };
}
