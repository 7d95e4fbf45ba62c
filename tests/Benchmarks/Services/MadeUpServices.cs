using System.Net;
using KubeApi.Objects;
using NodeAgent.ServiceProxy.Model;

namespace Benchmarks.Services;

/// <summary>
/// Services 0 … N-1 with a clusterIP and five endpoints each, all of them different. Every endpoint's address is one of the cluster network
/// 10.128.0.0/9, of which a measurement may give one machine all; clusterIPs are those of a Lab cluster as well.
/// </summary>
internal static class MadeUpServices
{
    public const int EndpointsPerService = 5, Port = 80, TargetPort = 8080;
    public const string Namespace = "default", ServiceLabel = "kubernetes.io/service-name";

    public static readonly NodeFacts Facts = new()
    {
        NodeName = "node1", PodCidr = IPNetwork.Parse("10.128.0.0/24"), ClusterCidr = IPNetwork.Parse("10.128.0.0/9"), ServiceCidr = IPNetwork.Parse("10.96.0.0/16"),
    };

    public static string Name(int service) => $"service-{service}";

    /// <summary>10.96.16.1 and on, never ending in 0 or 255.</summary>
    public static IPAddress ClusterIp(int service) => new([10, 96, (byte)(16 + service / 250), (byte)(1 + service % 250)]);

    /// <summary>10.129.0.1 and on.</summary>
    /// <param name="number">0 … 4; higher ones are spare addresses of the same Service for changes.</param>
    public static IPAddress Endpoint(int service, int number)
    {
        var index = service * 8 + number;
        return new IPAddress([10, (byte)(129 + index / 62_500), (byte)(index / 250 % 250), (byte)(1 + index % 250)]);
    }

    /// <summary>10.200.0.1 and on: addresses that no Service has had, so that their bytes tell that a change has arrived.</summary>
    public static IPAddress NeverSeen(int number) => new([10, (byte)(200 + number / 62_500), (byte)(number / 250 % 250), (byte)(1 + number % 250)]);

    public static IEnumerable<IPAddress> Endpoints(int service) => Enumerable.Range(0, EndpointsPerService).Select(number => Endpoint(service, number));

    public static IReadOnlyList<Service> Services(int count) => [.. Enumerable.Range(0, count).Select(Service)];

    public static IReadOnlyList<EndpointSlice> Slices(int count) => [.. Enumerable.Range(0, count).Select(service => Slice(service, Endpoints(service)))];

    /// <summary>Without a selector: nobody but the measurement writes its endpoints.</summary>
    public static Service Service(int service) => new()
    {
        Metadata = new ObjectMeta { Name = Name(service), Namespace = Namespace, ResourceVersion = "1" },
        Spec = new ServiceSpec { Type = "ClusterIP", ClusterIP = $"{ClusterIp(service)}", ClusterIPs = [$"{ClusterIp(service)}"], Ports = [new ServicePort { Port = Port, Protocol = "TCP", TargetPort = TargetPort }] },
    };

    public static EndpointSlice Slice(int service, IEnumerable<IPAddress> endpoints) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = $"{Name(service)}-bench", Namespace = Namespace, ResourceVersion = "2", Labels = new Dictionary<string, string> { [ServiceLabel] = Name(service) },
        },
        AddressType = "IPv4", Ports = [new DiscoveryEndpointPort { Name = "", Protocol = "TCP", Port = TargetPort }],
        Endpoints = [.. endpoints.Select(address => new Endpoint { Addresses = [$"{address}"], Conditions = new EndpointConditions { Ready = true } })],
    };
}
