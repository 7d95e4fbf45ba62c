using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A stable name and virtual address for a changing set of pods.</summary>
[ApiType("io.k8s.api.core.v1.Service")]
[Kind("", "v1", "Service", "services", ShortNames = "svc", Categories = "all")]
public sealed record Service : KubeObject
{
    [Field(2)]
    public ServiceSpec? Spec { get; init; }

    [Field(3)]
    public ServiceStatus? Status { get; init; }
}

/// <summary>Which pods a Service leads to, on which ports, and from where it can be reached.</summary>
[ApiType("io.k8s.api.core.v1.ServiceSpec")]
public sealed record ServiceSpec
{
    [Field(1, Patch = PatchStrategy.Merge, MergeKey = "port", List = ListType.Map, ListMapKeys = "port,protocol")]
    public IReadOnlyList<ServicePort>? Ports { get; init; }

    [Field(2, AtomicMap = true)]
    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    [Field(3)]
    public string? ClusterIP { get; init; }

    [Field(4)]
    public string? Type { get; init; }

    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? ExternalIPs { get; init; }

    [Field(7)]
    public string? SessionAffinity { get; init; }

    [Field(8)]
    public string? LoadBalancerIP { get; init; }

    [Field(9, List = ListType.Atomic)]
    public IReadOnlyList<string>? LoadBalancerSourceRanges { get; init; }

    [Field(10)]
    public string? ExternalName { get; init; }

    [Field(11)]
    public string? ExternalTrafficPolicy { get; init; }

    [Field(12)]
    public int? HealthCheckNodePort { get; init; }

    [Field(13)]
    public bool? PublishNotReadyAddresses { get; init; }

    [Field(14)]
    public SessionAffinityConfig? SessionAffinityConfig { get; init; }

    [Field(17)]
    public string? IpFamilyPolicy { get; init; }

    [Field(18, List = ListType.Atomic)]
    public IReadOnlyList<string>? ClusterIPs { get; init; }

    [Field(19, List = ListType.Atomic)]
    public IReadOnlyList<string>? IpFamilies { get; init; }

    [Field(20)]
    public bool? AllocateLoadBalancerNodePorts { get; init; }

    [Field(21)]
    public string? LoadBalancerClass { get; init; }

    [Field(22)]
    public string? InternalTrafficPolicy { get; init; }

    [Field(23)]
    public string? TrafficDistribution { get; init; }
}

/// <summary>One port of a Service: where clients connect and which port of the pod they reach.</summary>
[ApiType("io.k8s.api.core.v1.ServicePort")]
public sealed record ServicePort
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2, Default = "TCP")]
    public string? Protocol { get; init; }

    [Field(3, Required = true)]
    public int Port { get; init; }

    [Field(4)]
    public IntOrString? TargetPort { get; init; }

    [Field(5)]
    public int? NodePort { get; init; }

    [Field(6)]
    public string? AppProtocol { get; init; }
}

/// <summary>Details of session affinity.</summary>
[ApiType("io.k8s.api.core.v1.SessionAffinityConfig")]
public sealed record SessionAffinityConfig
{
    [Field(1)]
    public ClientIPConfig? ClientIP { get; init; }
}

/// <summary>How many seconds a client's address stays bound to its endpoint.</summary>
[ApiType("io.k8s.api.core.v1.ClientIPConfig")]
public sealed record ClientIPConfig
{
    [Field(1)]
    public int? TimeoutSeconds { get; init; }
}

/// <summary>The load balancer's state and the conditions of a Service.</summary>
[ApiType("io.k8s.api.core.v1.ServiceStatus")]
public sealed record ServiceStatus
{
    [Field(1)]
    public LoadBalancerStatus? LoadBalancer { get; init; }

    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>The addresses at which a load balancer takes traffic for a Service.</summary>
[ApiType("io.k8s.api.core.v1.LoadBalancerStatus")]
public sealed record LoadBalancerStatus
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<LoadBalancerIngress>? Ingress { get; init; }
}

/// <summary>One address or host name of a load balancer.</summary>
[ApiType("io.k8s.api.core.v1.LoadBalancerIngress")]
public sealed record LoadBalancerIngress
{
    [Field(1)]
    public string? Ip { get; init; }

    [Field(2)]
    public string? Hostname { get; init; }

    [Field(3)]
    public string? IpMode { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<PortStatus>? Ports { get; init; }
}

/// <summary>The state of one port of a load balancer.</summary>
[ApiType("io.k8s.api.core.v1.PortStatus")]
public sealed record PortStatus
{
    [Field(1, Required = true)]
    public int Port { get; init; }

    [Field(2, Required = true)]
    public string Protocol { get; init; } = "";

    [Field(3)]
    public string? Error { get; init; }
}
