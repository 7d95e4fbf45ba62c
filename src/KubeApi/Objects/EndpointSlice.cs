using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A part of the endpoints of a Service; all slices that carry its label together are the whole.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointSlice")]
[Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")]
public sealed record EndpointSlice : KubeObject
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<Endpoint>? Endpoints { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<DiscoveryEndpointPort>? Ports { get; init; }

    [Field(4, Required = true)]
    public string AddressType { get; init; } = "";
}

/// <summary>One backend of a slice: its addresses, state, node and target.</summary>
[ApiType("io.k8s.api.discovery.v1.Endpoint")]
public sealed record Endpoint
{
    [Field(1, Required = true, List = ListType.Set)]
    public IReadOnlyList<string> Addresses { get; init; } = [];

    [Field(2)]
    public EndpointConditions? Conditions { get; init; }

    [Field(3)]
    public string? Hostname { get; init; }

    [Field(4)]
    public ObjectReference? TargetRef { get; init; }

    [Field(5)]
    public IReadOnlyDictionary<string, string>? DeprecatedTopology { get; init; }

    [Field(6)]
    public string? NodeName { get; init; }

    [Field(7)]
    public string? Zone { get; init; }

    [Field(8)]
    public EndpointHints? Hints { get; init; }
}

/// <summary>Whether an endpoint is ready, serving and terminating; absent ready and serving count as true, absent terminating as false.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointConditions")]
public sealed record EndpointConditions
{
    [Field(1)]
    public bool? Ready { get; init; }

    [Field(2)]
    public bool? Serving { get; init; }

    [Field(3)]
    public bool? Terminating { get; init; }
}

/// <summary>Which zones or nodes should use an endpoint.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointHints")]
public sealed record EndpointHints
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<ForZone>? ForZones { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<ForNode>? ForNodes { get; init; }
}

/// <summary>Names a node that should use an endpoint.</summary>
[ApiType("io.k8s.api.discovery.v1.ForNode")]
public sealed record ForNode
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>Names a zone that should use an endpoint.</summary>
[ApiType("io.k8s.api.discovery.v1.ForZone")]
public sealed record ForZone
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>One port of an EndpointSlice.</summary>
[ApiType("io.k8s.api.discovery.v1.EndpointPort", Atomic = true)]
public sealed record DiscoveryEndpointPort
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2)]
    public string? Protocol { get; init; }

    [Field(3)]
    public int? Port { get; init; }

    [Field(4)]
    public string? AppProtocol { get; init; }
}
