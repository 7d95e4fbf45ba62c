using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>The state, readiness and restarts of one container.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStatus")]
public sealed record ContainerStatus
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2)]
    public ContainerState? State { get; init; }

    [Field(3)]
    public ContainerState? LastState { get; init; }

    [Field(4, Required = true)]
    public bool Ready { get; init; }

    [Field(5, Required = true)]
    public int RestartCount { get; init; }

    [Field(6, Required = true)]
    public string Image { get; init; } = "";

    [Field(7, Required = true)]
    public string ImageID { get; init; } = "";

    [Field(8)]
    public string? ContainerID { get; init; }

    [Field(9)]
    public bool? Started { get; init; }

    [Field(10)]
    public IReadOnlyDictionary<string, Quantity>? AllocatedResources { get; init; }

    [Field(11)]
    public ResourceRequirements? Resources { get; init; }

    [Field(12, Patch = PatchStrategy.Merge, MergeKey = "mountPath", List = ListType.Map, ListMapKeys = "mountPath")]
    public IReadOnlyList<VolumeMountStatus>? VolumeMounts { get; init; }

    [Field(13)]
    public ContainerUser? User { get; init; }

    [Field(14, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<ResourceStatus>? AllocatedResourcesStatus { get; init; }

    [Field(15)]
    public string? StopSignal { get; init; }
}

/// <summary>Exactly one of waiting, running and terminated.</summary>
[ApiType("io.k8s.api.core.v1.ContainerState")]
public sealed record ContainerState
{
    [Field(1)]
    public ContainerStateWaiting? Waiting { get; init; }

    [Field(2)]
    public ContainerStateRunning? Running { get; init; }

    [Field(3)]
    public ContainerStateTerminated? Terminated { get; init; }
}

/// <summary>Since when the container runs.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStateRunning")]
public sealed record ContainerStateRunning
{
    [Field(1)]
    public DateTime? StartedAt { get; init; }
}

/// <summary>How and when the container ended.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStateTerminated")]
public sealed record ContainerStateTerminated
{
    [Field(1, Required = true)]
    public int ExitCode { get; init; }

    [Field(2)]
    public int? Signal { get; init; }

    [Field(3)]
    public string? Reason { get; init; }

    [Field(4)]
    public string? Message { get; init; }

    [Field(5)]
    public DateTime? StartedAt { get; init; }

    [Field(6)]
    public DateTime? FinishedAt { get; init; }

    [Field(7)]
    public string? ContainerID { get; init; }
}

/// <summary>Why the container does not run yet.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStateWaiting")]
public sealed record ContainerStateWaiting
{
    [Field(1)]
    public string? Reason { get; init; }

    [Field(2)]
    public string? Message { get; init; }
}

/// <summary>The user as which a container's first process was started.</summary>
[ApiType("io.k8s.api.core.v1.ContainerUser")]
public sealed record ContainerUser
{
    [Field(1)]
    public LinuxContainerUser? Linux { get; init; }
}

/// <summary>The numeric user and groups of a container's first process.</summary>
[ApiType("io.k8s.api.core.v1.LinuxContainerUser")]
public sealed record LinuxContainerUser
{
    [Field(1, Required = true)]
    public long Uid { get; init; }

    [Field(2, Required = true)]
    public long Gid { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<long>? SupplementalGroups { get; init; }
}

/// <summary>The health of the devices behind one resource of a container.</summary>
[ApiType("io.k8s.api.core.v1.ResourceStatus")]
public sealed record ResourceStatus
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2, List = ListType.Map, ListMapKeys = "resourceID")]
    public IReadOnlyList<ResourceHealth>? Resources { get; init; }
}

/// <summary>The health of one device.</summary>
[ApiType("io.k8s.api.core.v1.ResourceHealth")]
public sealed record ResourceHealth
{
    [Field(1, Required = true)]
    public string ResourceID { get; init; } = "";

    [Field(2)]
    public string? Health { get; init; }

    [Field(6)]
    public string? Message { get; init; }
}

/// <summary>How a volume was really mounted.</summary>
[ApiType("io.k8s.api.core.v1.VolumeMountStatus")]
public sealed record VolumeMountStatus
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2, Required = true)]
    public string MountPath { get; init; } = "";

    [Field(3)]
    public bool? ReadOnly { get; init; }

    [Field(4)]
    public string? RecursiveReadOnly { get; init; }

    [Field(5)]
    public VolumeStatus? VolumeStatus { get; init; }
}

/// <summary>The state of a mounted volume, by its kind.</summary>
[ApiType("io.k8s.api.core.v1.VolumeStatus")]
public sealed record VolumeStatus
{
    [Field(1)]
    public ImageVolumeStatus? Image { get; init; }
}

/// <summary>The image that was mounted as a volume.</summary>
[ApiType("io.k8s.api.core.v1.ImageVolumeStatus")]
public sealed record ImageVolumeStatus
{
    [Field(1, Required = true)]
    public string ImageRef { get; init; } = "";
}
