using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>One or more containers that share an address and run together on one node.</summary>
[ApiType("io.k8s.api.core.v1.Pod")]
[Kind("", "v1", "Pod", "pods", ShortNames = "po", Categories = "all")]
public sealed record Pod : KubeObject
{
    [Field(2)]
    public PodSpec? Spec { get; init; }

    [Field(3)]
    public PodStatus? Status { get; init; }
}

/// <summary>The containers of a pod and everything that they need to run.</summary>
[ApiType("io.k8s.api.core.v1.PodSpec")]
public sealed record PodSpec
{
    [Field(1, Patch = PatchStrategy.Merge | PatchStrategy.RetainKeys, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<Volume>? Volumes { get; init; }

    [Field(2, Required = true, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<Container> Containers { get; init; } = [];

    [Field(3)]
    public string? RestartPolicy { get; init; }

    [Field(4)]
    public long? TerminationGracePeriodSeconds { get; init; }

    [Field(5)]
    public long? ActiveDeadlineSeconds { get; init; }

    [Field(6)]
    public string? DnsPolicy { get; init; }

    [Field(7, AtomicMap = true)]
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    [Field(8)]
    public string? ServiceAccountName { get; init; }

    [Field(9)]
    public string? ServiceAccount { get; init; }

    [Field(10)]
    public string? NodeName { get; init; }

    [Field(11)]
    public bool? HostNetwork { get; init; }

    [Field(12)]
    public bool? HostPID { get; init; }

    [Field(13)]
    public bool? HostIPC { get; init; }

    [Field(14)]
    public PodSecurityContext? SecurityContext { get; init; }

    [Field(15, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<LocalObjectReference>? ImagePullSecrets { get; init; }

    [Field(16)]
    public string? Hostname { get; init; }

    [Field(17)]
    public string? Subdomain { get; init; }

    [Field(18)]
    public Affinity? Affinity { get; init; }

    [Field(19)]
    public string? SchedulerName { get; init; }

    [Field(20, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<Container>? InitContainers { get; init; }

    [Field(21)]
    public bool? AutomountServiceAccountToken { get; init; }

    [Field(22, List = ListType.Atomic)]
    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    [Field(23, Patch = PatchStrategy.Merge, MergeKey = "ip", List = ListType.Map, ListMapKeys = "ip")]
    public IReadOnlyList<HostAlias>? HostAliases { get; init; }

    [Field(24)]
    public string? PriorityClassName { get; init; }

    [Field(25)]
    public int? Priority { get; init; }

    [Field(26)]
    public PodDNSConfig? DnsConfig { get; init; }

    [Field(27)]
    public bool? ShareProcessNamespace { get; init; }

    [Field(28, List = ListType.Atomic)]
    public IReadOnlyList<PodReadinessGate>? ReadinessGates { get; init; }

    [Field(29)]
    public string? RuntimeClassName { get; init; }

    [Field(30)]
    public bool? EnableServiceLinks { get; init; }

    [Field(31)]
    public string? PreemptionPolicy { get; init; }

    [Field(32)]
    public IReadOnlyDictionary<string, Quantity>? Overhead { get; init; }

    [Field(33, Patch = PatchStrategy.Merge, MergeKey = "topologyKey", List = ListType.Map, ListMapKeys = "topologyKey,whenUnsatisfiable")]
    public IReadOnlyList<TopologySpreadConstraint>? TopologySpreadConstraints { get; init; }

    [Field(34, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<EphemeralContainer>? EphemeralContainers { get; init; }

    [Field(35)]
    public bool? SetHostnameAsFQDN { get; init; }

    [Field(36)]
    public PodOS? Os { get; init; }

    [Field(37)]
    public bool? HostUsers { get; init; }

    [Field(38, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<PodSchedulingGate>? SchedulingGates { get; init; }

    [Field(39, Patch = PatchStrategy.Merge | PatchStrategy.RetainKeys, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<PodResourceClaim>? ResourceClaims { get; init; }

    [Field(40)]
    public ResourceRequirements? Resources { get; init; }

    [Field(41)]
    public string? HostnameOverride { get; init; }

    [Field(43)]
    public PodSchedulingGroup? SchedulingGroup { get; init; }
}

/// <summary>The metadata and spec of pods that a controller will create.</summary>
[ApiType("io.k8s.api.core.v1.PodTemplateSpec")]
public sealed record PodTemplateSpec
{
    [Field(1)]
    public ObjectMeta? Metadata { get; init; }

    [Field(2)]
    public PodSpec? Spec { get; init; }
}

/// <summary>The operating system that a pod needs.</summary>
[ApiType("io.k8s.api.core.v1.PodOS")]
public sealed record PodOS
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>A condition besides the containers' readiness that must hold for a pod to be ready.</summary>
[ApiType("io.k8s.api.core.v1.PodReadinessGate")]
public sealed record PodReadinessGate
{
    [Field(1, Required = true)]
    public string ConditionType { get; init; } = "";
}

/// <summary>A gate that keeps a pod from being scheduled until it is removed.</summary>
[ApiType("io.k8s.api.core.v1.PodSchedulingGate")]
public sealed record PodSchedulingGate
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>The group of pods with which a pod wants to be scheduled.</summary>
[ApiType("io.k8s.api.core.v1.PodSchedulingGroup", Union = "podGroupName")]
public sealed record PodSchedulingGroup
{
    [Field(1)]
    public string? PodGroupName { get; init; }
}

/// <summary>An extra line for the pod's /etc/hosts.</summary>
[ApiType("io.k8s.api.core.v1.HostAlias")]
public sealed record HostAlias
{
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Hostnames { get; init; }
}

/// <summary>Name servers, search domains and options for the pod's /etc/resolv.conf.</summary>
[ApiType("io.k8s.api.core.v1.PodDNSConfig")]
public sealed record PodDNSConfig
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Nameservers { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Searches { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<PodDNSConfigOption>? Options { get; init; }
}

/// <summary>One resolver option.</summary>
[ApiType("io.k8s.api.core.v1.PodDNSConfigOption")]
public sealed record PodDNSConfigOption
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2)]
    public string? Value { get; init; }
}

/// <summary>Names a claim for devices that the pod's containers may use.</summary>
[ApiType("io.k8s.api.core.v1.PodResourceClaim")]
public sealed record PodResourceClaim
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(3)]
    public string? ResourceClaimName { get; init; }

    [Field(4)]
    public string? ResourceClaimTemplateName { get; init; }
}
