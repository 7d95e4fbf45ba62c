using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>An EndpointSlice as clients before Kubernetes 1.21 know it; the same object as that of version v1.</summary>
[ApiType("io.k8s.api.discovery.v1beta1.EndpointSlice")]
[Kind("discovery.k8s.io", "v1beta1", "EndpointSlice", "endpointslices")]
public sealed record EndpointSliceV1Beta1 : KubeObject
{
    /// <summary>The endpoints, at most 1000.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<EndpointV1Beta1>? Endpoints { get; init; }

    /// <summary>Ports that every endpoint of the slice has, at most 100.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<DiscoveryEndpointPort>? Ports { get; init; }

    /// <summary>What the addresses are: IPv4, IPv6 or FQDN. Cannot be changed.</summary>
    [Field(4, Required = true)]
    public string AddressType { get; init; } = "";
}

/// <summary>One backend of a slice: its addresses, state and target, and where it is.</summary>
[ApiType("io.k8s.api.discovery.v1beta1.Endpoint")]
public sealed record EndpointV1Beta1
{
    /// <summary>Addresses of one endpoint that are equally good; clients use the first.</summary>
    [Field(1, Required = true, List = ListType.Set)]
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The state of the endpoint.</summary>
    [Field(2)]
    public EndpointConditions? Conditions { get; init; }

    /// <summary>Host name of the endpoint, a DNS label in lower case.</summary>
    [Field(3)]
    public string? Hostname { get; init; }

    /// <summary>The object, usually a pod, that the endpoint stands for.</summary>
    [Field(4)]
    public ObjectReference? TargetRef { get; init; }

    /// <summary>Where the endpoint is: its node by kubernetes.io/hostname, its zone by topology.kubernetes.io/zone.</summary>
    [Field(5)]
    public IReadOnlyDictionary<string, string>? Topology { get; init; }

    /// <summary>Node on which the endpoint is.</summary>
    [Field(6)]
    public string? NodeName { get; init; }

    /// <summary>Who ought to use the endpoint, for routing that keeps close.</summary>
    [Field(7)]
    public EndpointHints? Hints { get; init; }
}
