using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>The addresses and ports behind a Service, in the older, single-object form.</summary>
[ApiType("io.k8s.api.core.v1.Endpoints")]
[Kind("", "v1", "Endpoints", "endpoints", ShortNames = "ep")]
public sealed record Endpoints : KubeObject
{
    /// <summary>Groups of addresses that share their ports; the endpoints are all combinations of both.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<EndpointSubset>? Subsets { get; init; }
}

/// <summary>Addresses that share the same ports; the endpoints are the product of both.</summary>
[ApiType("io.k8s.api.core.v1.EndpointSubset")]
public sealed record EndpointSubset
{
    /// <summary>Addresses that are ready to be used.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<EndpointAddress>? Addresses { get; init; }

    /// <summary>Addresses that are not, because the pod starts, is not ready or does not pass its checks.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<EndpointAddress>? NotReadyAddresses { get; init; }

    /// <summary>Ports of all of these addresses.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<EndpointPort>? Ports { get; init; }
}

/// <summary>One address of an endpoint and the object, usually a pod, behind it.</summary>
[ApiType("io.k8s.api.core.v1.EndpointAddress", Atomic = true)]
public sealed record EndpointAddress
{
    /// <summary>The IP address; neither a loopback nor a link-local one.</summary>
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";

    /// <summary>The object, usually a pod, that has the address.</summary>
    [Field(2)]
    public ObjectReference? TargetRef { get; init; }

    /// <summary>Host name of the endpoint, a DNS label.</summary>
    [Field(3)]
    public string? Hostname { get; init; }

    /// <summary>Node on which the endpoint is.</summary>
    [Field(4)]
    public string? NodeName { get; init; }
}

/// <summary>One port of an endpoint subset.</summary>
[ApiType("io.k8s.api.core.v1.EndpointPort", Atomic = true)]
public sealed record EndpointPort
{
    /// <summary>Name of the port in the Service; needed where there is more than one.</summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>Number of the port, 1 to 65535.</summary>
    [Field(2, Required = true)]
    public int Port { get; init; }

    /// <summary>TCP, UDP or SCTP. Default: TCP.</summary>
    [Field(3)]
    public string? Protocol { get; init; }

    /// <summary>Protocol that is spoken on the port, e.g. http or kubernetes.io/h2c.</summary>
    [Field(4)]
    public string? AppProtocol { get; init; }
}
