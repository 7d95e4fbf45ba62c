using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What a node reports of itself: addresses, capacity, conditions and images.</summary>
[ApiType("io.k8s.api.core.v1.NodeStatus")]
public sealed record NodeStatus
{
    [Field(1)]
    public IReadOnlyDictionary<string, Quantity>? Capacity { get; init; }

    [Field(2)]
    public IReadOnlyDictionary<string, Quantity>? Allocatable { get; init; }

    [Field(3)]
    public string? Phase { get; init; }

    [Field(4, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<NodeCondition>? Conditions { get; init; }

    [Field(5, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<NodeAddress>? Addresses { get; init; }

    [Field(6)]
    public NodeDaemonEndpoints? DaemonEndpoints { get; init; }

    [Field(7)]
    public NodeSystemInfo? NodeInfo { get; init; }

    [Field(8, List = ListType.Atomic)]
    public IReadOnlyList<ContainerImage>? Images { get; init; }

    [Field(9, List = ListType.Atomic)]
    public IReadOnlyList<string>? VolumesInUse { get; init; }

    [Field(10, List = ListType.Atomic)]
    public IReadOnlyList<AttachedVolume>? VolumesAttached { get; init; }

    [Field(11)]
    public NodeConfigStatus? Config { get; init; }

    [Field(12, List = ListType.Atomic)]
    public IReadOnlyList<NodeRuntimeHandler>? RuntimeHandlers { get; init; }

    [Field(13)]
    public NodeFeatures? Features { get; init; }

    [Field(14, List = ListType.Atomic)]
    public IReadOnlyList<string>? DeclaredFeatures { get; init; }
}

/// <summary>One address of a node: its type (InternalIP, ExternalIP, Hostname, ...) and the address.</summary>
[ApiType("io.k8s.api.core.v1.NodeAddress")]
public sealed record NodeAddress
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Address { get; init; } = "";
}

/// <summary>One observed aspect of a node's health; type Ready decides whether it takes pods.</summary>
[ApiType("io.k8s.api.core.v1.NodeCondition")]
public sealed record NodeCondition
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    [Field(3)]
    public DateTime? LastHeartbeatTime { get; init; }

    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    [Field(5)]
    public string? Reason { get; init; }

    [Field(6)]
    public string? Message { get; init; }
}

/// <summary>Identifiers and versions of a node's system.</summary>
[ApiType("io.k8s.api.core.v1.NodeSystemInfo")]
public sealed record NodeSystemInfo
{
    [Field(1, Required = true)]
    public string MachineID { get; init; } = "";

    [Field(2, Required = true)]
    public string SystemUUID { get; init; } = "";

    [Field(3, Required = true)]
    public string BootID { get; init; } = "";

    [Field(4, Required = true)]
    public string KernelVersion { get; init; } = "";

    [Field(5, Required = true)]
    public string OsImage { get; init; } = "";

    [Field(6, Required = true)]
    public string ContainerRuntimeVersion { get; init; } = "";

    [Field(7, Required = true)]
    public string KubeletVersion { get; init; } = "";

    [Field(8, Required = true)]
    public string KubeProxyVersion { get; init; } = "";

    [Field(9, Required = true)]
    public string OperatingSystem { get; init; } = "";

    [Field(10, Required = true)]
    public string Architecture { get; init; } = "";

    [Field(11)]
    public NodeSwapStatus? Swap { get; init; }
}

/// <summary>The node's swap space.</summary>
[ApiType("io.k8s.api.core.v1.NodeSwapStatus")]
public sealed record NodeSwapStatus
{
    [Field(1)]
    public long? Capacity { get; init; }
}

/// <summary>Where the daemons of a node listen.</summary>
[ApiType("io.k8s.api.core.v1.NodeDaemonEndpoints")]
public sealed record NodeDaemonEndpoints
{
    [Field(1)]
    public DaemonEndpoint? KubeletEndpoint { get; init; }
}

/// <summary>The port of one daemon.</summary>
[ApiType("io.k8s.api.core.v1.DaemonEndpoint")]
public sealed record DaemonEndpoint
{
    [Field(1, Required = true)]
    [JsonPropertyName("Port")] public int Port { get; init; }
}

/// <summary>Optional features that a node's runtime has.</summary>
[ApiType("io.k8s.api.core.v1.NodeFeatures")]
public sealed record NodeFeatures
{
    [Field(1)]
    public bool? SupplementalGroupsPolicy { get; init; }
}

/// <summary>One runtime handler that a node offers.</summary>
[ApiType("io.k8s.api.core.v1.NodeRuntimeHandler")]
public sealed record NodeRuntimeHandler
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2)]
    public NodeRuntimeHandlerFeatures? Features { get; init; }
}

/// <summary>What a runtime handler can do.</summary>
[ApiType("io.k8s.api.core.v1.NodeRuntimeHandlerFeatures")]
public sealed record NodeRuntimeHandlerFeatures
{
    [Field(1)]
    public bool? RecursiveReadOnlyMounts { get; init; }

    [Field(2)]
    public bool? UserNamespaces { get; init; }
}

/// <summary>Formerly the state of a node's dynamic configuration; kept for the wire only.</summary>
[ApiType("io.k8s.api.core.v1.NodeConfigStatus")]
public sealed record NodeConfigStatus
{
    [Field(1)]
    public NodeConfigSource? Assigned { get; init; }

    [Field(2)]
    public NodeConfigSource? Active { get; init; }

    [Field(3)]
    public NodeConfigSource? LastKnownGood { get; init; }

    [Field(4)]
    public string? Error { get; init; }
}

/// <summary>An image present on a node, with all its names and its size in bytes.</summary>
[ApiType("io.k8s.api.core.v1.ContainerImage")]
public sealed record ContainerImage
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Names { get; init; }

    [Field(2)]
    public long? SizeBytes { get; init; }
}

/// <summary>A volume attached to a node.</summary>
[ApiType("io.k8s.api.core.v1.AttachedVolume")]
public sealed record AttachedVolume
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2, Required = true)]
    public string DevicePath { get; init; } = "";
}
