using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A part of the endpoints of a Service; all slices that carry its label together are the whole.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointSlice")]
[Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")]
public sealed record EndpointSlice : KubeObject
{
    /// <summary>The endpoints, at most 1000.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<Endpoint>? Endpoints { get; init; }

    /// <summary>Ports that every endpoint of the slice has, at most 100.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<DiscoveryEndpointPort>? Ports { get; init; }

    /// <summary>What the addresses are: IPv4, IPv6 or FQDN. Cannot be changed.</summary>
    [Field(4, Required = true)]
    public string AddressType { get; init; } = "";
}

/// <summary>One backend of a slice: its addresses, state, node and target.</summary>
[ApiType("io.k8s.api.discovery.v1.Endpoint")]
public sealed record Endpoint
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

    /// <summary>Topology of the endpoint as v1beta1 had it. Cannot be written.</summary>
    [Field(5)]
    public IReadOnlyDictionary<string, string>? DeprecatedTopology { get; init; }

    /// <summary>Node on which the endpoint is.</summary>
    [Field(6)]
    public string? NodeName { get; init; }

    /// <summary>Zone in which the endpoint is.</summary>
    [Field(7)]
    public string? Zone { get; init; }

    /// <summary>Who ought to use the endpoint, for routing that keeps close.</summary>
    [Field(8)]
    public EndpointHints? Hints { get; init; }
}

/// <summary>Whether an endpoint is ready, serving and terminating; absent ready and serving count as true, absent terminating as false.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointConditions")]
public sealed record EndpointConditions
{
    /// <summary>Whether the endpoint takes new traffic: it serves and does not end. Absent counts as true.</summary>
    [Field(1)]
    public bool? Ready { get; init; }

    /// <summary>Whether the endpoint is ready, even if it ends. Absent counts as true.</summary>
    [Field(2)]
    public bool? Serving { get; init; }

    /// <summary>Whether the endpoint ends. Absent counts as false.</summary>
    [Field(3)]
    public bool? Terminating { get; init; }
}

/// <summary>Which zones or nodes should use an endpoint.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointHints")]
public sealed record EndpointHints
{
    /// <summary>Zones whose clients ought to use the endpoint, at most 8.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<ForZone>? ForZones { get; init; }

    /// <summary>Nodes whose clients ought to use the endpoint, at most 8.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<ForNode>? ForNodes { get; init; }
}

/// <summary>Names a node that should use an endpoint.</summary>
[ApiType("io.k8s.api.discovery.v1.ForNode")]
public sealed record ForNode
{
    /// <summary>Name of the node.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>Names a zone that should use an endpoint.</summary>
[ApiType("io.k8s.api.discovery.v1.ForZone")]
public sealed record ForZone
{
    /// <summary>Name of the zone.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>One port of an EndpointSlice.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointPort", Atomic = true)]
public sealed record DiscoveryEndpointPort
{
    /// <summary>Name of the port in the Service; each name is there only once.</summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>TCP, UDP or SCTP. Default: TCP.</summary>
    [Field(2)]
    public string? Protocol { get; init; }

    /// <summary>Number of the port. Absent: any port, as the context has it.</summary>
    [Field(3)]
    public int? Port { get; init; }

    /// <summary>Protocol that is spoken on the port, e.g. http or kubernetes.io/h2c.</summary>
    [Field(4)]
    public string? AppProtocol { get; init; }
}
