using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What the node reports of a pod: phase, addresses, conditions and containers.</summary>
[ApiType("io.k8s.api.core.v1.PodStatus")]
public sealed record PodStatus
{
    /// <summary>Where the pod is in its life: Pending, Running, Succeeded, Failed or Unknown.</summary>
    [Field(1)]
    public string? Phase { get; init; }

    /// <summary>What is known of the pod: PodScheduled, Initialized, ContainersReady, Ready and others.</summary>
    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<PodCondition>? Conditions { get; init; }

    /// <summary>Why the pod is in this state, for people.</summary>
    [Field(3)]
    public string? Message { get; init; }

    /// <summary>Why the pod is in this state, as one word for programs, e.g. Evicted.</summary>
    [Field(4)]
    public string? Reason { get; init; }

    /// <summary>IP address of the node.</summary>
    [Field(5)]
    public string? HostIP { get; init; }

    /// <summary>IP address of the pod; empty until it has one.</summary>
    [Field(6)]
    public string? PodIP { get; init; }

    /// <summary>When the node took the pod up, before any image was pulled.</summary>
    [Field(7)]
    public DateTime? StartTime { get; init; }

    /// <summary>State of each container.</summary>
    [Field(8, List = ListType.Atomic)]
    public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }

    /// <summary>Class of service that follows from requests and limits: Guaranteed, Burstable or BestEffort.</summary>
    [Field(9)]
    public string? QosClass { get; init; }

    /// <summary>State of each init container.</summary>
    [Field(10, List = ListType.Atomic)]
    public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }

    /// <summary>Node on which room is being made for the pod; it may yet be put elsewhere.</summary>
    [Field(11)]
    public string? NominatedNodeName { get; init; }

    /// <summary>IP addresses of the pod, at most one of each family; the first is the podIP.</summary>
    [Field(12, Patch = PatchStrategy.Merge, MergeKey = "ip", List = ListType.Map, ListMapKeys = "ip")]
    public IReadOnlyList<PodIP>? PodIPs { get; init; }

    /// <summary>State of each ephemeral container.</summary>
    [Field(13, List = ListType.Atomic)]
    public IReadOnlyList<ContainerStatus>? EphemeralContainerStatuses { get; init; }

    /// <summary>State of a change of resources: Proposed, InProgress, Deferred or Infeasible. Deprecated, conditions tell it.</summary>
    [Field(14)]
    public string? Resize { get; init; }

    /// <summary>ResourceClaims that were made for the pod.</summary>
    [Field(15, Patch = PatchStrategy.Merge | PatchStrategy.RetainKeys, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<PodResourceClaimStatus>? ResourceClaimStatuses { get; init; }

    /// <summary>IP addresses of the node; the first is the hostIP.</summary>
    [Field(16, Patch = PatchStrategy.Merge, MergeKey = "ip", List = ListType.Atomic)]
    public IReadOnlyList<HostIP>? HostIPs { get; init; }

    /// <summary>The metadata.generation that the status belongs to.</summary>
    [Field(17)]
    public long? ObservedGeneration { get; init; }

    /// <summary>The ResourceClaim that was made for extended resources of the pod.</summary>
    [Field(18)]
    public PodExtendedResourceClaimStatus? ExtendedResourceClaimStatus { get; init; }

    /// <summary>Resources that the node has set aside for the pod as a whole.</summary>
    [Field(19)]
    public IReadOnlyDictionary<string, Quantity>? AllocatedResources { get; init; }

    /// <summary>Requests and limits that apply to the pod as a whole at present.</summary>
    [Field(20)]
    public ResourceRequirements? Resources { get; init; }

    /// <summary>What claims of the pod take from the resources of the node.</summary>
    [Field(21, List = ListType.Atomic)]
    public IReadOnlyList<NodeAllocatableResourceClaimStatus>? NodeAllocatableResourceClaimStatuses { get; init; }
}

/// <summary>One observed aspect of a pod: PodScheduled, Initialized, ContainersReady, Ready and others.</summary>
[ApiType("io.k8s.api.core.v1.PodCondition")]
public sealed record PodCondition
{
    /// <summary>What is observed, e.g. Ready.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    /// <summary>When it was last looked at.</summary>
    [Field(3)]
    public DateTime? LastProbeTime { get; init; }

    /// <summary>When the status last changed.</summary>
    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    /// <summary>Why, as one word for programs.</summary>
    [Field(5)]
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    [Field(6)]
    public string? Message { get; init; }

    /// <summary>The metadata.generation that the condition belongs to.</summary>
    [Field(7)]
    public long? ObservedGeneration { get; init; }
}

/// <summary>One address of a pod.</summary>
[ApiType("io.k8s.api.core.v1.PodIP")]
public sealed record PodIP
{
    /// <summary>An IP address of the pod.</summary>
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";
}

/// <summary>One address of the node on which a pod runs.</summary>
[ApiType("io.k8s.api.core.v1.HostIP")]
public sealed record HostIP
{
    /// <summary>An IP address of the node.</summary>
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";
}

/// <summary>The claim generated for one of the pod's claim entries.</summary>
[ApiType("io.k8s.api.core.v1.PodResourceClaimStatus")]
public sealed record PodResourceClaimStatus
{
    /// <summary>Name of the entry in spec.resourceClaims.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Name of the ResourceClaim that was made; absent if none was needed.</summary>
    [Field(2)]
    public string? ResourceClaimName { get; init; }
}

/// <summary>The claim generated for a pod's extended resources.</summary>
[ApiType("io.k8s.api.core.v1.PodExtendedResourceClaimStatus")]
public sealed record PodExtendedResourceClaimStatus
{
    /// <summary>Which request of the claim serves which container and resource.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<ContainerExtendedResourceRequest> RequestMappings { get; init; } = [];

    /// <summary>Name of the ResourceClaim, in the namespace of the pod.</summary>
    [Field(2, Required = true)]
    public string ResourceClaimName { get; init; } = "";
}

/// <summary>Which request of a claim backs an extended resource of one container.</summary>
[ApiType("io.k8s.api.core.v1.ContainerExtendedResourceRequest")]
public sealed record ContainerExtendedResourceRequest
{
    /// <summary>Name of the container.</summary>
    [Field(1, Required = true)]
    public string ContainerName { get; init; } = "";

    /// <summary>Name of the extended resource.</summary>
    [Field(2, Required = true)]
    public string ResourceName { get; init; } = "";

    /// <summary>Name of the request in the claim.</summary>
    [Field(3, Required = true)]
    public string RequestName { get; init; } = "";
}

/// <summary>The node resources that a claim of the pod takes up.</summary>
[ApiType("io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus")]
public sealed record NodeAllocatableResourceClaimStatus
{
    /// <summary>Name of the ResourceClaim.</summary>
    [Field(1, Required = true)]
    public string ResourceClaimName { get; init; } = "";

    /// <summary>Names of the containers that use the claim.</summary>
    [Field(2, List = ListType.Set)]
    public IReadOnlyList<string>? Containers { get; init; }

    /// <summary>Amounts that the claim takes from the resources of the node.</summary>
    [Field(3, Required = true)]
    public IReadOnlyDictionary<string, Quantity> Resources { get; init; } = new Dictionary<string, Quantity>();
}
