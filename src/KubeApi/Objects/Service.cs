using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A stable name and virtual address for a changing set of pods.</summary>
[ApiType("io.k8s.api.core.v1.Service")]
[Kind("", "v1", "Service", "services", ShortNames = "svc", Categories = "all")]
public sealed record Service : KubeObject
{
    /// <summary>How the Service is reached, and which pods it stands for.</summary>
    [Field(2)]
    public ServiceSpec? Spec { get; init; }

    /// <summary>What was found or done outside of the cluster, e.g. the address of a load balancer.</summary>
    [Field(3)]
    public ServiceStatus? Status { get; init; }
}

/// <summary>Which pods a Service leads to, on which ports, and from where it can be reached.</summary>
[ApiType("io.k8s.api.core.v1.ServiceSpec")]
public sealed record ServiceSpec
{
    /// <summary>Ports on which the Service is reached.</summary>
    [Field(1, Patch = PatchStrategy.Merge, MergeKey = "port", List = ListType.Map, ListMapKeys = "port,protocol")]
    public IReadOnlyList<ServicePort>? Ports { get; init; }

    /// <summary>Labels of the pods that get the traffic. Empty: somebody else writes the endpoints. Ignored for ExternalName.</summary>
    [Field(2, AtomicMap = true)]
    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    /// <summary>
    /// Virtual address of the Service: one of the Service network, 'None' for a headless Service, or empty to have one chosen.
    /// Cannot be changed.
    /// </summary>
    [Field(3)]
    public string? ClusterIP { get; init; }

    /// <summary>
    /// How it is reached: ClusterIP within the cluster, NodePort also at a port of each node, LoadBalancer also from outside,
    /// ExternalName as a DNS alias. Default: ClusterIP.
    /// </summary>
    [Field(4)]
    public string? Type { get; init; }

    /// <summary>Further addresses for which nodes accept the traffic; somebody else must route it to them.</summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? ExternalIPs { get; init; }

    /// <summary>ClientIP sends all connections of a client's address to the same pod, None does not. Default: None.</summary>
    [Field(7)]
    public string? SessionAffinity { get; init; }

    /// <summary>Address that a load balancer is wished to have. Deprecated: few providers heed it.</summary>
    [Field(8)]
    public string? LoadBalancerIP { get; init; }

    /// <summary>Networks from which a load balancer accepts clients, e.g. 192.0.2.0/24. Absent: all.</summary>
    [Field(9, List = ListType.Atomic)]
    public IReadOnlyList<string>? LoadBalancerSourceRanges { get; init; }

    /// <summary>Host name that the Service is an alias of, for the type ExternalName.</summary>
    [Field(10)]
    public string? ExternalName { get; init; }

    /// <summary>
    /// Where traffic from outside goes: Cluster to all endpoints, Local only to those of the node it came to, keeping the
    /// client's address. Default: Cluster.
    /// </summary>
    [Field(11)]
    public string? ExternalTrafficPolicy { get; init; }

    /// <summary>
    /// Port at which a node tells load balancers whether it has local endpoints; for LoadBalancer with the policy Local. Chosen
    /// if not given.
    /// </summary>
    [Field(12)]
    public int? HealthCheckNodePort { get; init; }

    /// <summary>True publishes endpoints before they are ready, e.g. for peers that must find each other first. Default: false.</summary>
    [Field(13)]
    public bool? PublishNotReadyAddresses { get; init; }

    /// <summary>Settings of the session affinity.</summary>
    [Field(14)]
    public SessionAffinityConfig? SessionAffinityConfig { get; init; }

    /// <summary>SingleStack, PreferDualStack or RequireDualStack. Default: SingleStack.</summary>
    [Field(17)]
    public string? IpFamilyPolicy { get; init; }

    /// <summary>Virtual addresses, one for each IP family; the first is the clusterIP.</summary>
    [Field(18, List = ListType.Atomic)]
    public IReadOnlyList<string>? ClusterIPs { get; init; }

    /// <summary>IP families of the addresses in their order: IPv4, IPv6.</summary>
    [Field(19, List = ListType.Atomic)]
    public IReadOnlyList<string>? IpFamilies { get; init; }

    /// <summary>Whether a LoadBalancer gets node ports too. Default: true.</summary>
    [Field(20)]
    public bool? AllocateLoadBalancerNodePorts { get; init; }

    /// <summary>Which implementation of a load balancer is meant, e.g. example.com/internal. Absent: the default one. Cannot be changed.</summary>
    [Field(21)]
    public string? LoadBalancerClass { get; init; }

    /// <summary>Where traffic from pods goes: Cluster to all endpoints, Local only to those of the same node. Default: Cluster.</summary>
    [Field(22)]
    public string? InternalTrafficPolicy { get; init; }

    /// <summary>Which endpoints are preferred: PreferSameZone (also called PreferClose) or PreferSameNode. Absent: none.</summary>
    [Field(23)]
    public string? TrafficDistribution { get; init; }
}

/// <summary>One port of a Service: where clients connect and which port of the pod they reach.</summary>
[ApiType("io.k8s.api.core.v1.ServicePort")]
public sealed record ServicePort
{
    /// <summary>Name of the port, a DNS label; needed where there is more than one, and unique.</summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>TCP, UDP or SCTP. Default: TCP.</summary>
    [Field(2, Default = "TCP")]
    public string? Protocol { get; init; }

    /// <summary>Port of the Service, 1 to 65535.</summary>
    [Field(3, Required = true)]
    public int Port { get; init; }

    /// <summary>Port of the pods: a number, or the name of a port of their containers. Default: the same as port.</summary>
    [Field(4)]
    public IntOrString? TargetPort { get; init; }

    /// <summary>Port of each node for the types NodePort and LoadBalancer, by default of 30000 to 32767. Chosen if not given.</summary>
    [Field(5)]
    public int? NodePort { get; init; }

    /// <summary>Protocol that is spoken on the port, e.g. http or kubernetes.io/h2c.</summary>
    [Field(6)]
    public string? AppProtocol { get; init; }
}

/// <summary>Details of session affinity.</summary>
[ApiType("io.k8s.api.core.v1.SessionAffinityConfig")]
public sealed record SessionAffinityConfig
{
    /// <summary>Settings of the affinity by client address.</summary>
    [Field(1)]
    public ClientIPConfig? ClientIP { get; init; }
}

/// <summary>How many seconds a client's address stays bound to its endpoint.</summary>
[ApiType("io.k8s.api.core.v1.ClientIPConfig")]
public sealed record ClientIPConfig
{
    /// <summary>Seconds after the last connection for which a client keeps its pod, 1 to 86400. Default: 10800.</summary>
    [Field(1)]
    public int? TimeoutSeconds { get; init; }
}

/// <summary>The load balancer's state and the conditions of a Service.</summary>
[ApiType("io.k8s.api.core.v1.ServiceStatus")]
public sealed record ServiceStatus
{
    /// <summary>Where the load balancer is reached.</summary>
    [Field(1)]
    public LoadBalancerStatus? LoadBalancer { get; init; }

    /// <summary>What else is known of the Service.</summary>
    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>The addresses at which a load balancer takes traffic for a Service.</summary>
[ApiType("io.k8s.api.core.v1.LoadBalancerStatus")]
public sealed record LoadBalancerStatus
{
    /// <summary>Addresses of the load balancer.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<LoadBalancerIngress>? Ingress { get; init; }
}

/// <summary>One address or host name of a load balancer.</summary>
[ApiType("io.k8s.api.core.v1.LoadBalancerIngress")]
public sealed record LoadBalancerIngress
{
    /// <summary>IP address of the load balancer, if it has one.</summary>
    [Field(1)]
    public string? Ip { get; init; }

    /// <summary>Host name of the load balancer, if it has one.</summary>
    [Field(2)]
    public string? Hostname { get; init; }

    /// <summary>
    /// How traffic arrives that was sent to ip: VIP still addressed to it, Proxy addressed to the node or pod. Only together
    /// with ip.
    /// </summary>
    [Field(3)]
    public string? IpMode { get; init; }

    /// <summary>State of the single ports.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<PortStatus>? Ports { get; init; }
}

/// <summary>The state of one port of a load balancer.</summary>
[ApiType("io.k8s.api.core.v1.PortStatus")]
public sealed record PortStatus
{
    /// <summary>Number of the port.</summary>
    [Field(1, Required = true)]
    public int Port { get; init; }

    /// <summary>TCP, UDP or SCTP.</summary>
    [Field(2, Required = true)]
    public string Protocol { get; init; } = "";

    /// <summary>What is wrong with the port, as one word in CamelCase or with a domain before it.</summary>
    [Field(3)]
    public string? Error { get; init; }
}
