using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>One process tree of a pod: image, command, environment, ports, mounts, limits and probes.</summary>
[ApiType("io.k8s.api.core.v1.Container")]
public sealed record Container
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2)]
    public string? Image { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Command { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? Args { get; init; }

    [Field(5)]
    public string? WorkingDir { get; init; }

    [Field(6, Patch = PatchStrategy.Merge, MergeKey = "containerPort", List = ListType.Map, ListMapKeys = "containerPort,protocol")]
    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    [Field(7, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<EnvVar>? Env { get; init; }

    [Field(8)]
    public ResourceRequirements? Resources { get; init; }

    [Field(9, Patch = PatchStrategy.Merge, MergeKey = "mountPath", List = ListType.Map, ListMapKeys = "mountPath")]
    public IReadOnlyList<VolumeMount>? VolumeMounts { get; init; }

    [Field(10)]
    public Probe? LivenessProbe { get; init; }

    [Field(11)]
    public Probe? ReadinessProbe { get; init; }

    [Field(12)]
    public Lifecycle? Lifecycle { get; init; }

    [Field(13)]
    public string? TerminationMessagePath { get; init; }

    [Field(14)]
    public string? ImagePullPolicy { get; init; }

    [Field(15)]
    public SecurityContext? SecurityContext { get; init; }

    [Field(16)]
    public bool? Stdin { get; init; }

    [Field(17)]
    public bool? StdinOnce { get; init; }

    [Field(18)]
    public bool? Tty { get; init; }

    [Field(19, List = ListType.Atomic)]
    public IReadOnlyList<EnvFromSource>? EnvFrom { get; init; }

    [Field(20)]
    public string? TerminationMessagePolicy { get; init; }

    [Field(21, Patch = PatchStrategy.Merge, MergeKey = "devicePath", List = ListType.Map, ListMapKeys = "devicePath")]
    public IReadOnlyList<VolumeDevice>? VolumeDevices { get; init; }

    [Field(22)]
    public Probe? StartupProbe { get; init; }

    [Field(23, List = ListType.Atomic)]
    public IReadOnlyList<ContainerResizePolicy>? ResizePolicy { get; init; }

    [Field(24)]
    public string? RestartPolicy { get; init; }

    [Field(25, List = ListType.Atomic)]
    public IReadOnlyList<ContainerRestartRule>? RestartPolicyRules { get; init; }
}

/// <summary>A container added to a running pod for debugging.</summary>
[ApiType("io.k8s.api.core.v1.EphemeralContainer")]
[ProtobufInline(1)]
public sealed record EphemeralContainer
{
    [Field(2)]
    public string? TargetContainerName { get; init; }

    [Field(1, Inline = true, Required = true)]
    public string Name { get; init; } = "";

    [Field(2, Inline = true)]
    public string? Image { get; init; }

    [Field(3, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<string>? Command { get; init; }

    [Field(4, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<string>? Args { get; init; }

    [Field(5, Inline = true)]
    public string? WorkingDir { get; init; }

    [Field(6, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "containerPort", List = ListType.Map, ListMapKeys = "containerPort,protocol")]
    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    [Field(7, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<EnvVar>? Env { get; init; }

    [Field(8, Inline = true)]
    public ResourceRequirements? Resources { get; init; }

    [Field(9, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "mountPath", List = ListType.Map, ListMapKeys = "mountPath")]
    public IReadOnlyList<VolumeMount>? VolumeMounts { get; init; }

    [Field(10, Inline = true)]
    public Probe? LivenessProbe { get; init; }

    [Field(11, Inline = true)]
    public Probe? ReadinessProbe { get; init; }

    [Field(12, Inline = true)]
    public Lifecycle? Lifecycle { get; init; }

    [Field(13, Inline = true)]
    public string? TerminationMessagePath { get; init; }

    [Field(14, Inline = true)]
    public string? ImagePullPolicy { get; init; }

    [Field(15, Inline = true)]
    public SecurityContext? SecurityContext { get; init; }

    [Field(16, Inline = true)]
    public bool? Stdin { get; init; }

    [Field(17, Inline = true)]
    public bool? StdinOnce { get; init; }

    [Field(18, Inline = true)]
    public bool? Tty { get; init; }

    [Field(19, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<EnvFromSource>? EnvFrom { get; init; }

    [Field(20, Inline = true)]
    public string? TerminationMessagePolicy { get; init; }

    [Field(21, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "devicePath", List = ListType.Map, ListMapKeys = "devicePath")]
    public IReadOnlyList<VolumeDevice>? VolumeDevices { get; init; }

    [Field(22, Inline = true)]
    public Probe? StartupProbe { get; init; }

    [Field(23, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<ContainerResizePolicy>? ResizePolicy { get; init; }

    [Field(24, Inline = true)]
    public string? RestartPolicy { get; init; }

    [Field(25, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<ContainerRestartRule>? RestartPolicyRules { get; init; }
}

/// <summary>A port on which a container listens; informative unless hostPort is set.</summary>
[ApiType("io.k8s.api.core.v1.ContainerPort")]
public sealed record ContainerPort
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2)]
    public int? HostPort { get; init; }

    [Field(3, Required = true)]
    [JsonPropertyName("containerPort")] public int Port { get; init; }

    [Field(4, Default = "TCP")]
    public string? Protocol { get; init; }

    [Field(5)]
    public string? HostIP { get; init; }
}

/// <summary>Whether changing a resource needs a restart of the container.</summary>
[ApiType("io.k8s.api.core.v1.ContainerResizePolicy")]
public sealed record ContainerResizePolicy
{
    [Field(1, Required = true)]
    public string ResourceName { get; init; } = "";

    [Field(2, Required = true)]
    public string RestartPolicy { get; init; } = "";
}

/// <summary>What to do when a container ends in a given way.</summary>
[ApiType("io.k8s.api.core.v1.ContainerRestartRule")]
public sealed record ContainerRestartRule
{
    [Field(1, Required = true)]
    public string Action { get; init; } = "";

    [Field(2)]
    public ContainerRestartRuleOnExitCodes? ExitCodes { get; init; }
}

/// <summary>Exit codes to which a restart rule applies.</summary>
[ApiType("io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes")]
public sealed record ContainerRestartRuleOnExitCodes
{
    [Field(1, Required = true)]
    public string Operator { get; init; } = "";

    [Field(2, List = ListType.Set)]
    public IReadOnlyList<int>? Values { get; init; }
}

/// <summary>What a container is promised (requests) and may use at the most (limits).</summary>
[ApiType("io.k8s.api.core.v1.ResourceRequirements")]
public sealed record ResourceRequirements
{
    [Field(1)]
    public IReadOnlyDictionary<string, Quantity>? Limits { get; init; }

    [Field(2)]
    public IReadOnlyDictionary<string, Quantity>? Requests { get; init; }

    [Field(3, List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<ResourceClaim>? Claims { get; init; }
}

/// <summary>Names an entry of the pod's resource claims that a container uses.</summary>
[ApiType("io.k8s.api.core.v1.ResourceClaim")]
public sealed record ResourceClaim
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2)]
    public string? Request { get; init; }
}

/// <summary>Where in a container a volume of the pod appears.</summary>
[ApiType("io.k8s.api.core.v1.VolumeMount")]
public sealed record VolumeMount
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2)]
    public bool? ReadOnly { get; init; }

    [Field(3, Required = true)]
    public string MountPath { get; init; } = "";

    [Field(4)]
    public string? SubPath { get; init; }

    [Field(5)]
    public string? MountPropagation { get; init; }

    [Field(6)]
    public string? SubPathExpr { get; init; }

    [Field(7)]
    public string? RecursiveReadOnly { get; init; }
}

/// <summary>Where in a container a raw block volume appears.</summary>
[ApiType("io.k8s.api.core.v1.VolumeDevice")]
public sealed record VolumeDevice
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2, Required = true)]
    public string DevicePath { get; init; } = "";
}
