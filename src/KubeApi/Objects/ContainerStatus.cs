using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>The state, readiness and restarts of one container.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStatus")]
public sealed record ContainerStatus
{
    /// <summary>Name of the container.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>What the container does now.</summary>
    [Field(2)]
    public ContainerState? State { get; init; }

    /// <summary>How the container ended last time, where it was restarted.</summary>
    [Field(3)]
    public ContainerState? LastState { get; init; }

    /// <summary>Whether the container takes traffic: it runs and passes its readiness probe.</summary>
    [Field(4, Required = true)]
    public bool Ready { get; init; }

    /// <summary>How often the container was restarted.</summary>
    [Field(5, Required = true)]
    public int RestartCount { get; init; }

    /// <summary>Image that it runs; may differ in form from the one in the spec.</summary>
    [Field(6, Required = true)]
    public string Image { get; init; } = "";

    /// <summary>Identity of that image, its digest.</summary>
    [Field(7, Required = true)]
    public string ImageID { get; init; } = "";

    /// <summary>Identity of the container, as RUNTIME://ID.</summary>
    [Field(8)]
    public string? ContainerID { get; init; }

    /// <summary>Whether the container has started: its startup probe and its postStart hook succeeded.</summary>
    [Field(9)]
    public bool? Started { get; init; }

    /// <summary>Resources that the node has set aside for the container.</summary>
    [Field(10)]
    public IReadOnlyDictionary<string, Quantity>? AllocatedResources { get; init; }

    /// <summary>Requests and limits that apply at present.</summary>
    [Field(11)]
    public ResourceRequirements? Resources { get; init; }

    /// <summary>The volumes as they are mounted.</summary>
    [Field(12, Patch = PatchStrategy.Merge, MergeKey = "mountPath", List = ListType.Map, ListMapKeys = "mountPath")]
    public IReadOnlyList<VolumeMountStatus>? VolumeMounts { get; init; }

    /// <summary>User and groups with which the container was started.</summary>
    [Field(13)]
    public ContainerUser? User { get; init; }

    /// <summary>State of the devices of the container.</summary>
    [Field(14, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<ResourceStatus>? AllocatedResourcesStatus { get; init; }

    /// <summary>Signal that ends the container.</summary>
    [Field(15)]
    public string? StopSignal { get; init; }
}

/// <summary>Exactly one of waiting, running and terminated.</summary>
[ApiType("io.k8s.api.core.v1.ContainerState")]
public sealed record ContainerState
{
    /// <summary>Set while the container is not started yet.</summary>
    [Field(1)]
    public ContainerStateWaiting? Waiting { get; init; }

    /// <summary>Set while the container runs.</summary>
    [Field(2)]
    public ContainerStateRunning? Running { get; init; }

    /// <summary>Set when the container has ended.</summary>
    [Field(3)]
    public ContainerStateTerminated? Terminated { get; init; }
}

/// <summary>Since when the container runs.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStateRunning")]
public sealed record ContainerStateRunning
{
    /// <summary>When the container was started.</summary>
    [Field(1)]
    public DateTime? StartedAt { get; init; }
}

/// <summary>How and when the container ended.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStateTerminated")]
public sealed record ContainerStateTerminated
{
    /// <summary>Exit code of the container, 128 + N where signal N killed it.</summary>
    [Field(1, Required = true)]
    public int ExitCode { get; init; }

    /// <summary>The signal that ended it.</summary>
    [Field(2)]
    public int? Signal { get; init; }

    /// <summary>Why it ended, as one word: Completed, Error, OOMKilled and others.</summary>
    [Field(3)]
    public string? Reason { get; init; }

    /// <summary>Its last words, or what went wrong.</summary>
    [Field(4)]
    public string? Message { get; init; }

    /// <summary>When it was started.</summary>
    [Field(5)]
    public DateTime? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [Field(6)]
    public DateTime? FinishedAt { get; init; }

    /// <summary>Identity of the container, as RUNTIME://ID.</summary>
    [Field(7)]
    public string? ContainerID { get; init; }
}

/// <summary>Why the container does not run yet.</summary>
[ApiType("io.k8s.api.core.v1.ContainerStateWaiting")]
public sealed record ContainerStateWaiting
{
    /// <summary>Why it waits, as one word, e.g. ContainerCreating, ImagePullBackOff or CrashLoopBackOff.</summary>
    [Field(1)]
    public string? Reason { get; init; }

    /// <summary>Why it waits, for people.</summary>
    [Field(2)]
    public string? Message { get; init; }
}

/// <summary>The user as which a container's first process was started.</summary>
[ApiType("io.k8s.api.core.v1.ContainerUser")]
public sealed record ContainerUser
{
    /// <summary>User and groups on Linux.</summary>
    [Field(1)]
    public LinuxContainerUser? Linux { get; init; }
}

/// <summary>The numeric user and groups of a container's first process.</summary>
[ApiType("io.k8s.api.core.v1.LinuxContainerUser")]
public sealed record LinuxContainerUser
{
    /// <summary>User id of the first process.</summary>
    [Field(1, Required = true)]
    public long Uid { get; init; }

    /// <summary>Group id of the first process.</summary>
    [Field(2, Required = true)]
    public long Gid { get; init; }

    /// <summary>Further groups of the first process.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<long>? SupplementalGroups { get; init; }
}

/// <summary>The health of the devices behind one resource of a container.</summary>
[ApiType("io.k8s.api.core.v1.ResourceStatus")]
public sealed record ResourceStatus
{
    /// <summary>Name of the resource, e.g. example.com/gpu, or claim:CLAIM/REQUEST.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>State of each single device, by its id.</summary>
    [Field(2, List = ListType.Map, ListMapKeys = "resourceID")]
    public IReadOnlyList<ResourceHealth>? Resources { get; init; }
}

/// <summary>The health of one device.</summary>
[ApiType("io.k8s.api.core.v1.ResourceHealth")]
public sealed record ResourceHealth
{
    /// <summary>Identity of the device.</summary>
    [Field(1, Required = true)]
    public string ResourceID { get; init; } = "";

    /// <summary>Healthy, Unhealthy or Unknown.</summary>
    [Field(2)]
    public string? Health { get; init; }

    /// <summary>Why, for people.</summary>
    [Field(6)]
    public string? Message { get; init; }
}

/// <summary>How a volume was really mounted.</summary>
[ApiType("io.k8s.api.core.v1.VolumeMountStatus")]
public sealed record VolumeMountStatus
{
    /// <summary>Name of the volume.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Path in the container.</summary>
    [Field(2, Required = true)]
    public string MountPath { get; init; } = "";

    /// <summary>Whether it is mounted read-only.</summary>
    [Field(3)]
    public bool? ReadOnly { get; init; }

    /// <summary>Whether mounts below are read-only too: Disabled or Enabled.</summary>
    [Field(4)]
    public string? RecursiveReadOnly { get; init; }

    /// <summary>What is known of the volume itself.</summary>
    [Field(5)]
    public VolumeStatus? VolumeStatus { get; init; }
}

/// <summary>The state of a mounted volume, by its kind.</summary>
[ApiType("io.k8s.api.core.v1.VolumeStatus")]
public sealed record VolumeStatus
{
    /// <summary>Set for volumes that are images.</summary>
    [Field(1)]
    public ImageVolumeStatus? Image { get; init; }
}

/// <summary>The image that was mounted as a volume.</summary>
[ApiType("io.k8s.api.core.v1.ImageVolumeStatus")]
public sealed record ImageVolumeStatus
{
    /// <summary>Digest of the image that is mounted.</summary>
    [Field(1, Required = true)]
    public string ImageRef { get; init; } = "";
}
