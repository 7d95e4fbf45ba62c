using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What a node reports of itself: addresses, capacity, conditions and images.</summary>
[ApiType("io.k8s.api.core.v1.NodeStatus")]
public sealed record NodeStatus
{
    /// <summary>All that the node has, by resource.</summary>
    [Field(1)]
    public IReadOnlyDictionary<string, Quantity>? Capacity { get; init; }

    /// <summary>What of it pods can have, by resource.</summary>
    [Field(2)]
    public IReadOnlyDictionary<string, Quantity>? Allocatable { get; init; }

    /// <summary>Formerly the state of the node. No longer set.</summary>
    [Field(3)]
    public string? Phase { get; init; }

    /// <summary>What is known of the node: Ready, MemoryPressure, DiskPressure, PIDPressure.</summary>
    [Field(4, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<NodeCondition>? Conditions { get; init; }

    /// <summary>Addresses and names at which the node is reached.</summary>
    [Field(5, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<NodeAddress>? Addresses { get; init; }

    /// <summary>Ports of the node's agent.</summary>
    [Field(6)]
    public NodeDaemonEndpoints? DaemonEndpoints { get; init; }

    /// <summary>Identity of the machine, and versions of what runs on it.</summary>
    [Field(7)]
    public NodeSystemInfo? NodeInfo { get; init; }

    /// <summary>Images that the node has.</summary>
    [Field(8, List = ListType.Atomic)]
    public IReadOnlyList<ContainerImage>? Images { get; init; }

    /// <summary>Attachable volumes that are mounted.</summary>
    [Field(9, List = ListType.Atomic)]
    public IReadOnlyList<string>? VolumesInUse { get; init; }

    /// <summary>Volumes that are attached.</summary>
    [Field(10, List = ListType.Atomic)]
    public IReadOnlyList<AttachedVolume>? VolumesAttached { get; init; }

    /// <summary>Formerly the state of settings from the API. No longer set.</summary>
    [Field(11)]
    public NodeConfigStatus? Config { get; init; }

    /// <summary>Ways in which the node can run containers.</summary>
    [Field(12, List = ListType.Atomic)]
    public IReadOnlyList<NodeRuntimeHandler>? RuntimeHandlers { get; init; }

    /// <summary>What the runtime of the node can do.</summary>
    [Field(13)]
    public NodeFeatures? Features { get; init; }

    /// <summary>Features of the node that matter for the choice of a node, by name.</summary>
    [Field(14, List = ListType.Atomic)]
    public IReadOnlyList<string>? DeclaredFeatures { get; init; }
}

/// <summary>One address of a node: its type (InternalIP, ExternalIP, Hostname, ...) and the address.</summary>
[ApiType("io.k8s.api.core.v1.NodeAddress")]
public sealed record NodeAddress
{
    /// <summary>Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>The address or name.</summary>
    [Field(2, Required = true)]
    public string Address { get; init; } = "";
}

/// <summary>One observed aspect of a node's health; type Ready decides whether it takes pods.</summary>
[ApiType("io.k8s.api.core.v1.NodeCondition")]
public sealed record NodeCondition
{
    /// <summary>What is observed, e.g. Ready.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    /// <summary>When the condition was last reported.</summary>
    [Field(3)]
    public DateTime? LastHeartbeatTime { get; init; }

    /// <summary>When the status last changed.</summary>
    [Field(4)]
    public DateTime? LastTransitionTime { get; init; }

    /// <summary>Why, as one word for programs.</summary>
    [Field(5)]
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    [Field(6)]
    public string? Message { get; init; }
}

/// <summary>Identifiers and versions of a node's system.</summary>
[ApiType("io.k8s.api.core.v1.NodeSystemInfo")]
public sealed record NodeSystemInfo
{
    /// <summary>Identity of the installed system, from /etc/machine-id.</summary>
    [Field(1, Required = true)]
    public string MachineID { get; init; } = "";

    /// <summary>Identity of the machine, from its firmware.</summary>
    [Field(2, Required = true)]
    public string SystemUUID { get; init; } = "";

    /// <summary>Identity of the running boot.</summary>
    [Field(3, Required = true)]
    public string BootID { get; init; } = "";

    /// <summary>Version of the kernel.</summary>
    [Field(4, Required = true)]
    public string KernelVersion { get; init; } = "";

    /// <summary>Name of the installed system, from /etc/os-release.</summary>
    [Field(5, Required = true)]
    public string OsImage { get; init; } = "";

    /// <summary>Container runtime, as NAME://VERSION.</summary>
    [Field(6, Required = true)]
    public string ContainerRuntimeVersion { get; init; } = "";

    /// <summary>Version of the node's agent.</summary>
    [Field(7, Required = true)]
    public string KubeletVersion { get; init; } = "";

    /// <summary>Formerly the version of kube-proxy. Deprecated.</summary>
    [Field(8, Required = true)]
    public string KubeProxyVersion { get; init; } = "";

    /// <summary>Operating system, e.g. linux.</summary>
    [Field(9, Required = true)]
    public string OperatingSystem { get; init; } = "";

    /// <summary>Architecture of the processor, e.g. amd64.</summary>
    [Field(10, Required = true)]
    public string Architecture { get; init; } = "";

    /// <summary>Swap space of the machine.</summary>
    [Field(11)]
    public NodeSwapStatus? Swap { get; init; }
}

/// <summary>The node's swap space.</summary>
[ApiType("io.k8s.api.core.v1.NodeSwapStatus")]
public sealed record NodeSwapStatus
{
    /// <summary>Swap space in bytes.</summary>
    [Field(1)]
    public long? Capacity { get; init; }
}

/// <summary>Where the daemons of a node listen.</summary>
[ApiType("io.k8s.api.core.v1.NodeDaemonEndpoints")]
public sealed record NodeDaemonEndpoints
{
    /// <summary>Where the node's agent is reached for logs, exec and port-forward.</summary>
    [Field(1)]
    public DaemonEndpoint? KubeletEndpoint { get; init; }
}

/// <summary>The port of one daemon.</summary>
[ApiType("io.k8s.api.core.v1.DaemonEndpoint")]
public sealed record DaemonEndpoint
{
    /// <summary>Number of the port.</summary>
    [Field(1, Required = true)]
    [JsonPropertyName("Port")] public int Port { get; init; }
}

/// <summary>Optional features that a node's runtime has.</summary>
[ApiType("io.k8s.api.core.v1.NodeFeatures")]
public sealed record NodeFeatures
{
    /// <summary>Whether supplementalGroupsPolicy of pods is heeded.</summary>
    [Field(1)]
    public bool? SupplementalGroupsPolicy { get; init; }
}

/// <summary>One runtime handler that a node offers.</summary>
[ApiType("io.k8s.api.core.v1.NodeRuntimeHandler")]
public sealed record NodeRuntimeHandler
{
    /// <summary>Name of the handler; empty for the default one.</summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>What the handler can do.</summary>
    [Field(2)]
    public NodeRuntimeHandlerFeatures? Features { get; init; }
}

/// <summary>What a runtime handler can do.</summary>
[ApiType("io.k8s.api.core.v1.NodeRuntimeHandlerFeatures")]
public sealed record NodeRuntimeHandlerFeatures
{
    /// <summary>Whether mounts can be read-only with all that is mounted below.</summary>
    [Field(1)]
    public bool? RecursiveReadOnlyMounts { get; init; }

    /// <summary>Whether pods can have user namespaces, also for volumes.</summary>
    [Field(2)]
    public bool? UserNamespaces { get; init; }
}

/// <summary>Formerly the state of a node's dynamic configuration; kept for the wire only.</summary>
[ApiType("io.k8s.api.core.v1.NodeConfigStatus")]
public sealed record NodeConfigStatus
{
    /// <summary>The source that the node is to use.</summary>
    [Field(1)]
    public NodeConfigSource? Assigned { get; init; }

    /// <summary>The source that the node uses.</summary>
    [Field(2)]
    public NodeConfigSource? Active { get; init; }

    /// <summary>The source that the node falls back to.</summary>
    [Field(3)]
    public NodeConfigSource? LastKnownGood { get; init; }

    /// <summary>What is wrong with the assigned source.</summary>
    [Field(4)]
    public string? Error { get; init; }
}

/// <summary>An image present on a node, with all its names and its size in bytes.</summary>
[ApiType("io.k8s.api.core.v1.ContainerImage")]
public sealed record ContainerImage
{
    /// <summary>Names by which the image is known, with tag or digest.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Size of the image in bytes.</summary>
    [Field(2)]
    public long? SizeBytes { get; init; }
}

/// <summary>A volume attached to a node.</summary>
[ApiType("io.k8s.api.core.v1.AttachedVolume")]
public sealed record AttachedVolume
{
    /// <summary>Name of the volume.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Path of its device.</summary>
    [Field(2, Required = true)]
    public string DevicePath { get; init; } = "";
}
