using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>The addresses and ports behind a Service, in the older, single-object form.</summary>
[ApiType("io.k8s.api.core.v1.Endpoints")]
[Kind("", "v1", "Endpoints", "endpoints", ShortNames = "ep")]
public sealed record Endpoints : KubeObject
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<EndpointSubset>? Subsets { get; init; }
}

/// <summary>Addresses that share the same ports; the endpoints are the product of both.</summary>
[ApiType("io.k8s.api.core.v1.EndpointSubset")]
public sealed record EndpointSubset
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<EndpointAddress>? Addresses { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<EndpointAddress>? NotReadyAddresses { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<EndpointPort>? Ports { get; init; }
}

/// <summary>One address of an endpoint and the object, usually a pod, behind it.</summary>
[ApiType("io.k8s.api.core.v1.EndpointAddress", Atomic = true)]
public sealed record EndpointAddress
{
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";

    [Field(2)]
    public ObjectReference? TargetRef { get; init; }

    [Field(3)]
    public string? Hostname { get; init; }

    [Field(4)]
    public string? NodeName { get; init; }
}

/// <summary>One port of an endpoint subset.</summary>
[ApiType("io.k8s.api.core.v1.EndpointPort", Atomic = true)]
public sealed record EndpointPort
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2, Required = true)]
    public int Port { get; init; }

    [Field(3)]
    public string? Protocol { get; init; }

    [Field(4)]
    public string? AppProtocol { get; init; }
}
