using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>One process tree of a pod: image, command, environment, ports, mounts, limits and probes.</summary>
[ApiType("io.k8s.api.core.v1.Container")]
public sealed record Container
{
    /// <summary>Name of the container, a DNS label, unique in the pod. Cannot be changed.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Image that is run, e.g. registry.example/app:1.2. May be left out in templates that something else completes.</summary>
    [Field(2)]
    public string? Image { get; init; }

    /// <summary>
    /// Program and first arguments, in place of the image's ENTRYPOINT. $(NAME) becomes the value of a variable, $$(NAME) stays
    /// $(NAME). Cannot be changed.
    /// </summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Arguments, in place of the image's CMD. $(NAME) becomes the value of a variable, $$(NAME) stays $(NAME). Cannot be changed.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>Directory in which the program starts. Default: as the image says. Cannot be changed.</summary>
    [Field(5)]
    public string? WorkingDir { get; init; }

    /// <summary>Ports on which the container listens. For information; a port that is not listed can be reached too. Cannot be changed.</summary>
    [Field(6, Patch = PatchStrategy.Merge, MergeKey = "containerPort", List = ListType.Map, ListMapKeys = "containerPort,protocol")]
    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    /// <summary>Environment variables; they win over those of envFrom. Cannot be changed.</summary>
    [Field(7, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<EnvVar>? Env { get; init; }

    /// <summary>What the container is promised and may use of cpu, memory and other resources.</summary>
    [Field(8)]
    public ResourceRequirements? Resources { get; init; }

    /// <summary>Where volumes of the pod appear in the container. Cannot be changed.</summary>
    [Field(9, Patch = PatchStrategy.Merge, MergeKey = "mountPath", List = ListType.Map, ListMapKeys = "mountPath")]
    public IReadOnlyList<VolumeMount>? VolumeMounts { get; init; }

    /// <summary>Checks whether the container still works; it is restarted if not. Absent: no check.</summary>
    [Field(10)]
    public Probe? LivenessProbe { get; init; }

    /// <summary>Checks whether the container takes traffic; if not, Services leave the pod out. Absent: no check.</summary>
    [Field(11)]
    public Probe? ReadinessProbe { get; init; }

    /// <summary>What is done after the start and before the end of the container.</summary>
    [Field(12)]
    public Lifecycle? Lifecycle { get; init; }

    /// <summary>
    /// File in the container with its last words, which the status shows; up to 4096 bytes are read. Default: /dev/termination-
    /// log.
    /// </summary>
    [Field(13)]
    public string? TerminationMessagePath { get; init; }

    /// <summary>When the image is pulled: Always, IfNotPresent or Never. Default: Always for the tag latest or no tag, else IfNotPresent.</summary>
    [Field(14)]
    public string? ImagePullPolicy { get; init; }

    /// <summary>User, capabilities and other settings; they win over those of the pod.</summary>
    [Field(15)]
    public SecurityContext? SecurityContext { get; init; }

    /// <summary>True keeps standard input open, so that one can attach to it; else reads end at once. Default: false.</summary>
    [Field(16)]
    public bool? Stdin { get; init; }

    /// <summary>True closes standard input for good after the first client that attached has left. Default: false.</summary>
    [Field(17)]
    public bool? StdinOnce { get; init; }

    /// <summary>True gives the container a terminal; stdin must be true too. Default: false.</summary>
    [Field(18)]
    public bool? Tty { get; init; }

    /// <summary>ConfigMaps and Secrets of which every key becomes an environment variable; later ones win. Cannot be changed.</summary>
    [Field(19, List = ListType.Atomic)]
    public IReadOnlyList<EnvFromSource>? EnvFrom { get; init; }

    /// <summary>
    /// Where last words come from: File, or FallbackToLogsOnError, which takes the end of the log if the file is empty and the
    /// container failed. Default: File.
    /// </summary>
    [Field(20)]
    public string? TerminationMessagePolicy { get; init; }

    /// <summary>Where raw block volumes of the pod appear in the container.</summary>
    [Field(21, Patch = PatchStrategy.Merge, MergeKey = "devicePath", List = ListType.Map, ListMapKeys = "devicePath")]
    public IReadOnlyList<VolumeDevice>? VolumeDevices { get; init; }

    /// <summary>
    /// Checks whether the container has started; the other probes wait for it, and if it fails the container is restarted.
    /// Absent: no check.
    /// </summary>
    [Field(22)]
    public Probe? StartupProbe { get; init; }

    /// <summary>For which resources a change restarts the container. Cannot be changed.</summary>
    [Field(23, List = ListType.Atomic)]
    public IReadOnlyList<ContainerResizePolicy>? ResizePolicy { get; init; }

    /// <summary>
    /// When this container is restarted: Always, OnFailure or Never. Default: as the pod says. An init container with Always
    /// stays and runs beside the others.
    /// </summary>
    [Field(24)]
    public string? RestartPolicy { get; init; }

    /// <summary>
    /// Exceptions from restartPolicy by exit code, tried in their order; at most 20. They need a restartPolicy of the container
    /// itself.
    /// </summary>
    [Field(25, List = ListType.Atomic)]
    public IReadOnlyList<ContainerRestartRule>? RestartPolicyRules { get; init; }
}

/// <summary>A container added to a running pod for debugging.</summary>
[ApiType("io.k8s.api.core.v1.EphemeralContainer")]
[ProtobufInline(1)]
public sealed record EphemeralContainer
{
    /// <summary>Container of the pod whose processes the ephemeral container sees. Absent: as the pod says.</summary>
    [Field(2)]
    public string? TargetContainerName { get; init; }

    /// <summary>Name of the container, a DNS label, unique among all containers of the pod.</summary>
    [Field(1, Inline = true, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Image that is run, e.g. registry.example/app:1.2. May be left out in templates that something else completes.</summary>
    [Field(2, Inline = true)]
    public string? Image { get; init; }

    /// <summary>
    /// Program and first arguments, in place of the image's ENTRYPOINT. $(NAME) becomes the value of a variable, $$(NAME) stays
    /// $(NAME). Cannot be changed.
    /// </summary>
    [Field(3, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Arguments, in place of the image's CMD. $(NAME) becomes the value of a variable, $$(NAME) stays $(NAME). Cannot be changed.</summary>
    [Field(4, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>Directory in which the program starts. Default: as the image says. Cannot be changed.</summary>
    [Field(5, Inline = true)]
    public string? WorkingDir { get; init; }

    /// <summary>Not allowed for ephemeral containers.</summary>
    [Field(6, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "containerPort", List = ListType.Map, ListMapKeys = "containerPort,protocol")]
    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    /// <summary>Environment variables; they win over those of envFrom. Cannot be changed.</summary>
    [Field(7, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<EnvVar>? Env { get; init; }

    /// <summary>Not allowed for ephemeral containers, which use what the pod has left.</summary>
    [Field(8, Inline = true)]
    public ResourceRequirements? Resources { get; init; }

    /// <summary>Where volumes of the pod appear in the container; without subPath.</summary>
    [Field(9, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "mountPath", List = ListType.Map, ListMapKeys = "mountPath")]
    public IReadOnlyList<VolumeMount>? VolumeMounts { get; init; }

    /// <summary>Not allowed for ephemeral containers.</summary>
    [Field(10, Inline = true)]
    public Probe? LivenessProbe { get; init; }

    /// <summary>Not allowed for ephemeral containers.</summary>
    [Field(11, Inline = true)]
    public Probe? ReadinessProbe { get; init; }

    /// <summary>Not allowed for ephemeral containers.</summary>
    [Field(12, Inline = true)]
    public Lifecycle? Lifecycle { get; init; }

    /// <summary>
    /// File in the container with its last words, which the status shows; up to 4096 bytes are read. Default: /dev/termination-
    /// log.
    /// </summary>
    [Field(13, Inline = true)]
    public string? TerminationMessagePath { get; init; }

    /// <summary>When the image is pulled: Always, IfNotPresent or Never. Default: Always for the tag latest or no tag, else IfNotPresent.</summary>
    [Field(14, Inline = true)]
    public string? ImagePullPolicy { get; init; }

    /// <summary>User, capabilities and other settings; they win over those of the pod.</summary>
    [Field(15, Inline = true)]
    public SecurityContext? SecurityContext { get; init; }

    /// <summary>True keeps standard input open, so that one can attach to it; else reads end at once. Default: false.</summary>
    [Field(16, Inline = true)]
    public bool? Stdin { get; init; }

    /// <summary>True closes standard input for good after the first client that attached has left. Default: false.</summary>
    [Field(17, Inline = true)]
    public bool? StdinOnce { get; init; }

    /// <summary>True gives the container a terminal; stdin must be true too. Default: false.</summary>
    [Field(18, Inline = true)]
    public bool? Tty { get; init; }

    /// <summary>ConfigMaps and Secrets of which every key becomes an environment variable; later ones win. Cannot be changed.</summary>
    [Field(19, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<EnvFromSource>? EnvFrom { get; init; }

    /// <summary>
    /// Where last words come from: File, or FallbackToLogsOnError, which takes the end of the log if the file is empty and the
    /// container failed. Default: File.
    /// </summary>
    [Field(20, Inline = true)]
    public string? TerminationMessagePolicy { get; init; }

    /// <summary>Where raw block volumes of the pod appear in the container.</summary>
    [Field(21, Inline = true, Patch = PatchStrategy.Merge, MergeKey = "devicePath", List = ListType.Map, ListMapKeys = "devicePath")]
    public IReadOnlyList<VolumeDevice>? VolumeDevices { get; init; }

    /// <summary>Not allowed for ephemeral containers.</summary>
    [Field(22, Inline = true)]
    public Probe? StartupProbe { get; init; }

    /// <summary>Not allowed for ephemeral containers.</summary>
    [Field(23, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<ContainerResizePolicy>? ResizePolicy { get; init; }

    /// <summary>Not allowed for ephemeral containers, which are never restarted.</summary>
    [Field(24, Inline = true)]
    public string? RestartPolicy { get; init; }

    /// <summary>Not allowed for ephemeral containers, which are never restarted.</summary>
    [Field(25, Inline = true, List = ListType.Atomic)]
    public IReadOnlyList<ContainerRestartRule>? RestartPolicyRules { get; init; }
}

/// <summary>A port on which a container listens; informative unless hostPort is set.</summary>
[ApiType("io.k8s.api.core.v1.ContainerPort")]
public sealed record ContainerPort
{
    /// <summary>
    /// Name of the port, unique in the pod, by which Services and probes can refer to it; up to 15 lower-case letters, digits
    /// and '-'.
    /// </summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>Port of the node that leads here, 1 to 65535. With hostNetwork the same as containerPort.</summary>
    [Field(2)]
    public int? HostPort { get; init; }

    /// <summary>Port in the pod, 1 to 65535.</summary>
    [Field(3, Required = true)]
    [JsonPropertyName("containerPort")] public int Port { get; init; }

    /// <summary>TCP, UDP or SCTP. Default: TCP.</summary>
    [Field(4, Default = "TCP")]
    public string? Protocol { get; init; }

    /// <summary>Address of the node to which hostPort is limited. Absent: all.</summary>
    [Field(5)]
    public string? HostIP { get; init; }
}

/// <summary>Whether changing a resource needs a restart of the container.</summary>
[ApiType("io.k8s.api.core.v1.ContainerResizePolicy")]
public sealed record ContainerResizePolicy
{
    /// <summary>The resource: cpu or memory.</summary>
    [Field(1, Required = true)]
    public string ResourceName { get; init; } = "";

    /// <summary>NotRequired, or RestartContainer. Default: NotRequired.</summary>
    [Field(2, Required = true)]
    public string RestartPolicy { get; init; } = "";
}

/// <summary>What to do when a container ends in a given way.</summary>
[ApiType("io.k8s.api.core.v1.ContainerRestartRule")]
public sealed record ContainerRestartRule
{
    /// <summary>What follows if the rule fits: Restart.</summary>
    [Field(1, Required = true)]
    public string Action { get; init; } = "";

    /// <summary>Exit codes for which the rule fits.</summary>
    [Field(2)]
    public ContainerRestartRuleOnExitCodes? ExitCodes { get; init; }
}

/// <summary>Exit codes to which a restart rule applies.</summary>
[ApiType("io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes")]
public sealed record ContainerRestartRuleOnExitCodes
{
    /// <summary>In: the exit code is one of the values. NotIn: it is none of them.</summary>
    [Field(1, Required = true)]
    public string Operator { get; init; } = "";

    /// <summary>Exit codes, at most 255.</summary>
    [Field(2, List = ListType.Set)]
    public IReadOnlyList<int>? Values { get; init; }
}

/// <summary>What a container is promised (requests) and may use at the most (limits).</summary>
[ApiType("io.k8s.api.core.v1.ResourceRequirements")]
public sealed record ResourceRequirements
{
    /// <summary>The most the container may use, by resource, e.g. cpu: 500m, memory: 128Mi.</summary>
    [Field(1)]
    public IReadOnlyDictionary<string, Quantity>? Limits { get; init; }

    /// <summary>What a node must have free for it, by resource. Default: the limits. No more than these.</summary>
    [Field(2)]
    public IReadOnlyDictionary<string, Quantity>? Requests { get; init; }

    /// <summary>Entries of the pod's resourceClaims that the container uses. Cannot be changed.</summary>
    [Field(3, List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<ResourceClaim>? Claims { get; init; }
}

/// <summary>Names an entry of the pod's resource claims that a container uses.</summary>
[ApiType("io.k8s.api.core.v1.ResourceClaim")]
public sealed record ResourceClaim
{
    /// <summary>Name of the entry in the pod's resourceClaims.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>The request of the claim that is meant. Absent: all of them.</summary>
    [Field(2)]
    public string? Request { get; init; }
}

/// <summary>Where in a container a volume of the pod appears.</summary>
[ApiType("io.k8s.api.core.v1.VolumeMount")]
public sealed record VolumeMount
{
    /// <summary>Name of the volume.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>True forbids writing. Default: false.</summary>
    [Field(2)]
    public bool? ReadOnly { get; init; }

    /// <summary>Path in the container; without ':'.</summary>
    [Field(3, Required = true)]
    public string MountPath { get; init; } = "";

    /// <summary>Path within the volume that is mounted instead of its root; relative and without '..'.</summary>
    [Field(4)]
    public string? SubPath { get; init; }

    /// <summary>Which later mounts are passed on: None, HostToContainer or Bidirectional. Default: None.</summary>
    [Field(5)]
    public string? MountPropagation { get; init; }

    /// <summary>As subPath, with $(NAME) for values of environment variables. Not together with it.</summary>
    [Field(6)]
    public string? SubPathExpr { get; init; }

    /// <summary>Whether mounts below are read-only too: Disabled, IfPossible or Enabled. Only with readOnly. Default: Disabled.</summary>
    [Field(7)]
    public string? RecursiveReadOnly { get; init; }
}

/// <summary>Where in a container a raw block volume appears.</summary>
[ApiType("io.k8s.api.core.v1.VolumeDevice")]
public sealed record VolumeDevice
{
    /// <summary>Name of a volume, which must be a persistentVolumeClaim.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Path of the device in the container.</summary>
    [Field(2, Required = true)]
    public string DevicePath { get; init; } = "";
}
