using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What the node reports of a pod: phase, addresses, conditions and containers.</summary>
[ApiType("io.k8s.api.core.v1.PodStatus")]
public sealed record PodStatus
{
    [Field(1)]
    public string? Phase { get; init; }

    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<PodCondition>? Conditions { get; init; }

    [Field(3)]
    public string? Message { get; init; }

    [Field(4)]
    public string? Reason { get; init; }

    [Field(5)]
    public string? HostIP { get; init; }

    [Field(6)]
    public string? PodIP { get; init; }

    [Field(7)]
    public DateTime? StartTime { get; init; }

    [Field(8, List = ListType.Atomic)]
    public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }

    [Field(9)]
    public string? QosClass { get; init; }

    [Field(10, List = ListType.Atomic)]
    public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }

    [Field(11)]
    public string? NominatedNodeName { get; init; }

    [Field(12, Patch = PatchStrategy.Merge, MergeKey = "ip", List = ListType.Map, ListMapKeys = "ip")]
    public IReadOnlyList<PodIP>? PodIPs { get; init; }

    [Field(13, List = ListType.Atomic)]
    public IReadOnlyList<ContainerStatus>? EphemeralContainerStatuses { get; init; }

    [Field(14)]
    public string? Resize { get; init; }

    [Field(15, Patch = PatchStrategy.Merge | PatchStrategy.RetainKeys, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<PodResourceClaimStatus>? ResourceClaimStatuses { get; init; }

    [Field(16, Patch = PatchStrategy.Merge, MergeKey = "ip", List = ListType.Atomic)]
    public IReadOnlyList<HostIP>? HostIPs { get; init; }

    [Field(17)]
    public long? ObservedGeneration { get; init; }

    [Field(18)]
    public PodExtendedResourceClaimStatus? ExtendedResourceClaimStatus { get; init; }

    [Field(19)]
    public IReadOnlyDictionary<string, Quantity>? AllocatedResources { get; init; }

    [Field(20)]
    public ResourceRequirements? Resources { get; init; }

    [Field(21, List = ListType.Atomic)]
    public IReadOnlyList<NodeAllocatableResourceClaimStatus>? NodeAllocatableResourceClaimStatuses { get; init; }
}

/// <summary>One observed aspect of a pod: PodScheduled, Initialized, ContainersReady, Ready and others.</summary>
[ApiType("io.k8s.api.core.v1.PodCondition")]
public sealed record PodCondition
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    [Field(3)]
    public DateTime? LastProbeTime { get; init; }

    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    [Field(5)]
    public string? Reason { get; init; }

    [Field(6)]
    public string? Message { get; init; }

    [Field(7)]
    public long? ObservedGeneration { get; init; }
}

/// <summary>One address of a pod.</summary>
[ApiType("io.k8s.api.core.v1.PodIP")]
public sealed record PodIP
{
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";
}

/// <summary>One address of the node on which a pod runs.</summary>
[ApiType("io.k8s.api.core.v1.HostIP")]
public sealed record HostIP
{
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";
}

/// <summary>The claim generated for one of the pod's claim entries.</summary>
[ApiType("io.k8s.api.core.v1.PodResourceClaimStatus")]
public sealed record PodResourceClaimStatus
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2)]
    public string? ResourceClaimName { get; init; }
}

/// <summary>The claim generated for a pod's extended resources.</summary>
[ApiType("io.k8s.api.core.v1.PodExtendedResourceClaimStatus")]
public sealed record PodExtendedResourceClaimStatus
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<ContainerExtendedResourceRequest> RequestMappings { get; init; } = [];

    [Field(2, Required = true)]
    public string ResourceClaimName { get; init; } = "";
}

/// <summary>Which request of a claim backs an extended resource of one container.</summary>
[ApiType("io.k8s.api.core.v1.ContainerExtendedResourceRequest")]
public sealed record ContainerExtendedResourceRequest
{
    [Field(1, Required = true)]
    public string ContainerName { get; init; } = "";

    [Field(2, Required = true)]
    public string ResourceName { get; init; } = "";

    [Field(3, Required = true)]
    public string RequestName { get; init; } = "";
}

/// <summary>The node resources that a claim of the pod takes up.</summary>
[ApiType("io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus")]
public sealed record NodeAllocatableResourceClaimStatus
{
    [Field(1, Required = true)]
    public string ResourceClaimName { get; init; } = "";

    [Field(2, List = ListType.Set)]
    public IReadOnlyList<string>? Containers { get; init; }

    [Field(3, Required = true)]
    public IReadOnlyDictionary<string, Quantity> Resources { get; init; } = new Dictionary<string, Quantity>();
}
