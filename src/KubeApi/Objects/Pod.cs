using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>One or more containers that share an address and run together on one node.</summary>
[ApiType("io.k8s.api.core.v1.Pod")]
[Kind("", "v1", "Pod", "pods", ShortNames = "po", Categories = "all")]
public sealed record Pod : KubeObject
{
    /// <summary>What runs, and where it may run.</summary>
    [Field(2)]
    public PodSpec? Spec { get; init; }

    /// <summary>What is known of it; written by its node, may be late.</summary>
    [Field(3)]
    public PodStatus? Status { get; init; }
}

/// <summary>The containers of a pod and everything that they need to run.</summary>
[ApiType("io.k8s.api.core.v1.PodSpec")]
public sealed record PodSpec
{
    /// <summary>Storage that containers of the pod can mount.</summary>
    [Field(1, Patch = PatchStrategy.Merge | PatchStrategy.RetainKeys, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<Volume>? Volumes { get; init; }

    /// <summary>The containers of the pod, at least one. None can be added or removed later.</summary>
    [Field(2, Required = true, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<Container> Containers { get; init; } = [];

    /// <summary>When containers that end are started again: Always, OnFailure or Never. Default: Always.</summary>
    [Field(3)]
    public string? RestartPolicy { get; init; }

    /// <summary>Seconds that the processes get between SIGTERM and SIGKILL when the pod is deleted; 0 kills at once. Default: 30.</summary>
    [Field(4)]
    public long? TerminationGracePeriodSeconds { get; init; }

    /// <summary>Seconds after its start at which the pod is ended as failed.</summary>
    [Field(5)]
    public long? ActiveDeadlineSeconds { get; init; }

    /// <summary>
    /// Where names are looked up: ClusterFirst, ClusterFirstWithHostNet, Default (as the node does) or None (as dnsConfig
    /// says). Default: ClusterFirst.
    /// </summary>
    [Field(6)]
    public string? DnsPolicy { get; init; }

    /// <summary>Labels that a node must have for the pod to run there.</summary>
    [Field(7, AtomicMap = true)]
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>ServiceAccount as which the pod acts. Default: default.</summary>
    [Field(8)]
    public string? ServiceAccountName { get; init; }

    /// <summary>Older name of serviceAccountName, kept the same. Deprecated.</summary>
    [Field(9)]
    public string? ServiceAccount { get; init; }

    /// <summary>Node on which the pod runs. Set by the scheduler; set by a client it goes past the scheduler.</summary>
    [Field(10)]
    public string? NodeName { get; init; }

    /// <summary>True uses the node's network instead of one of the pod's own; its ports are then those of the node. Default: false.</summary>
    [Field(11)]
    public bool? HostNetwork { get; init; }

    /// <summary>True shows all processes of the node. Default: false.</summary>
    [Field(12)]
    public bool? HostPID { get; init; }

    /// <summary>True uses the node's IPC namespace. Default: false.</summary>
    [Field(13)]
    public bool? HostIPC { get; init; }

    /// <summary>User, groups and other settings for all containers; a container's own come first.</summary>
    [Field(14)]
    public PodSecurityContext? SecurityContext { get; init; }

    /// <summary>Secrets of the pod's namespace with credentials for image registries.</summary>
    [Field(15, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<LocalObjectReference>? ImagePullSecrets { get; init; }

    /// <summary>Host name of the pod, a DNS label. Default: the name of the pod.</summary>
    [Field(16)]
    public string? Hostname { get; init; }

    /// <summary>With it the full host name is HOSTNAME.SUBDOMAIN.NAMESPACE.svc.CLUSTERDOMAIN; a headless Service of this name publishes it.</summary>
    [Field(17)]
    public string? Subdomain { get; init; }

    /// <summary>Rules for the choice of a node, beyond nodeSelector.</summary>
    [Field(18)]
    public Affinity? Affinity { get; init; }

    /// <summary>Which scheduler chooses the node. Default: default-scheduler.</summary>
    [Field(19)]
    public string? SchedulerName { get; init; }

    /// <summary>
    /// Containers that run one after another, each to its end, before the others are started; with restartPolicy Always they
    /// stay and run beside them.
    /// </summary>
    [Field(20, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<Container>? InitContainers { get; init; }

    /// <summary>Whether a token of the ServiceAccount is mounted. Default: as the ServiceAccount says, else true.</summary>
    [Field(21)]
    public bool? AutomountServiceAccountToken { get; init; }

    /// <summary>Taints of nodes that do not keep the pod away.</summary>
    [Field(22, List = ListType.Atomic)]
    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    /// <summary>Further lines for /etc/hosts. Not with hostNetwork.</summary>
    [Field(23, Patch = PatchStrategy.Merge, MergeKey = "ip", List = ListType.Map, ListMapKeys = "ip")]
    public IReadOnlyList<HostAlias>? HostAliases { get; init; }

    /// <summary>Name of a PriorityClass, from which the priority follows; system-node-critical and system-cluster-critical are built in.</summary>
    [Field(24)]
    public string? PriorityClassName { get; init; }

    /// <summary>Importance of the pod; the higher, the more. Set from priorityClassName.</summary>
    [Field(25)]
    public int? Priority { get; init; }

    /// <summary>DNS settings that are added to those that follow from dnsPolicy.</summary>
    [Field(26)]
    public PodDNSConfig? DnsConfig { get; init; }

    /// <summary>True lets the containers see each other's processes. Not with hostPID. Default: false.</summary>
    [Field(27)]
    public bool? ShareProcessNamespace { get; init; }

    /// <summary>Further conditions that must be True for the pod to be ready; others set them in its status.</summary>
    [Field(28, List = ListType.Atomic)]
    public IReadOnlyList<PodReadinessGate>? ReadinessGates { get; init; }

    /// <summary>RuntimeClass with which the pod is run. Absent: the node's default.</summary>
    [Field(29)]
    public string? RuntimeClassName { get; init; }

    /// <summary>
    /// Whether containers get variables with the addresses of the Services of their namespace, e.g. WEB_SERVICE_HOST. Default:
    /// true.
    /// </summary>
    [Field(30)]
    public bool? EnableServiceLinks { get; init; }

    /// <summary>Whether pods of lower priority may be ended for this one: PreemptLowerPriority or Never. Default: PreemptLowerPriority.</summary>
    [Field(31)]
    public string? PreemptionPolicy { get; init; }

    /// <summary>Resources that the runtime takes beyond those of the containers. Follows from the RuntimeClass.</summary>
    [Field(32)]
    public IReadOnlyDictionary<string, Quantity>? Overhead { get; init; }

    /// <summary>How the pods of a group are to be spread over nodes or zones; all must hold.</summary>
    [Field(33, Patch = PatchStrategy.Merge, MergeKey = "topologyKey", List = ListType.Map, ListMapKeys = "topologyKey,whenUnsatisfiable")]
    public IReadOnlyList<TopologySpreadConstraint>? TopologySpreadConstraints { get; init; }

    /// <summary>Containers added for debugging while the pod runs, through the subresource of the same name only.</summary>
    [Field(34, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<EphemeralContainer>? EphemeralContainers { get; init; }

    /// <summary>True makes the full name, with subdomain and cluster domain, the host name that the kernel reports. Default: false.</summary>
    [Field(35)]
    public bool? SetHostnameAsFQDN { get; init; }

    /// <summary>Operating system that the pod is made for; decides which fields may be set.</summary>
    [Field(36)]
    public PodOS? Os { get; init; }

    /// <summary>False gives the pod a user namespace of its own, in which root is nobody outside. Default: true.</summary>
    [Field(37)]
    public bool? HostUsers { get; init; }

    /// <summary>While there are any, the pod is not scheduled. May be removed, never added later.</summary>
    [Field(38, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<PodSchedulingGate>? SchedulingGates { get; init; }

    /// <summary>Devices that must be allocated before the pod starts; containers name them in their resources.</summary>
    [Field(39, Patch = PatchStrategy.Merge | PatchStrategy.RetainKeys, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<PodResourceClaim>? ResourceClaims { get; init; }

    /// <summary>What the pod as a whole is promised and may use, of cpu, memory and huge pages.</summary>
    [Field(40)]
    public ResourceRequirements? Resources { get; init; }

    /// <summary>
    /// Host name of the pod as the pod itself sees it, up to 64 characters; DNS records do not follow it. Not with hostNetwork
    /// or setHostnameAsFQDN.
    /// </summary>
    [Field(41)]
    public string? HostnameOverride { get; init; }

    /// <summary>The group of pods with which this one is scheduled. Cannot be changed.</summary>
    [Field(43)]
    public PodSchedulingGroup? SchedulingGroup { get; init; }
}

/// <summary>The metadata and spec of pods that a controller will create.</summary>
[ApiType("io.k8s.api.core.v1.PodTemplateSpec")]
public sealed record PodTemplateSpec
{
    /// <summary>Labels and annotations of the pods that are made.</summary>
    [Field(1)]
    public ObjectMeta? Metadata { get; init; }

    /// <summary>What runs in them, and where they may run.</summary>
    [Field(2)]
    public PodSpec? Spec { get; init; }
}

/// <summary>The operating system that a pod needs.</summary>
[ApiType("io.k8s.api.core.v1.PodOS")]
public sealed record PodOS
{
    /// <summary>Name of the operating system: linux or windows.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>A condition besides the containers' readiness that must hold for a pod to be ready.</summary>
[ApiType("io.k8s.api.core.v1.PodReadinessGate")]
public sealed record PodReadinessGate
{
    /// <summary>Type of a condition in the status of the pod.</summary>
    [Field(1, Required = true)]
    public string ConditionType { get; init; } = "";
}

/// <summary>A gate that keeps a pod from being scheduled until it is removed.</summary>
[ApiType("io.k8s.api.core.v1.PodSchedulingGate")]
public sealed record PodSchedulingGate
{
    /// <summary>Name of the gate; each is there only once.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>The group of pods with which a pod wants to be scheduled.</summary>
[ApiType("io.k8s.api.core.v1.PodSchedulingGroup", Union = "podGroupName")]
public sealed record PodSchedulingGroup
{
    /// <summary>Name of the PodGroup, in the namespace of the pod.</summary>
    [Field(1)]
    public string? PodGroupName { get; init; }
}

/// <summary>An extra line for the pod's /etc/hosts.</summary>
[ApiType("io.k8s.api.core.v1.HostAlias")]
public sealed record HostAlias
{
    /// <summary>IP address of the line.</summary>
    [Field(1, Required = true)]
    public string Ip { get; init; } = "";

    /// <summary>Names for the address.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Hostnames { get; init; }
}

/// <summary>Name servers, search domains and options for the pod's /etc/resolv.conf.</summary>
[ApiType("io.k8s.api.core.v1.PodDNSConfig")]
public sealed record PodDNSConfig
{
    /// <summary>IP addresses of name servers, asked after those of dnsPolicy; at most 3.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Nameservers { get; init; }

    /// <summary>Domains in which short names are looked up, after those of dnsPolicy.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Searches { get; init; }

    /// <summary>Options of the resolver, which win over those of dnsPolicy with the same name.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<PodDNSConfigOption>? Options { get; init; }
}

/// <summary>One resolver option.</summary>
[ApiType("io.k8s.api.core.v1.PodDNSConfigOption")]
public sealed record PodDNSConfigOption
{
    /// <summary>Name of the option, e.g. ndots.</summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>Value of the option, if it has one.</summary>
    [Field(2)]
    public string? Value { get; init; }
}

/// <summary>Names a claim for devices that the pod's containers may use.</summary>
[ApiType("io.k8s.api.core.v1.PodResourceClaim")]
public sealed record PodResourceClaim
{
    /// <summary>Name by which containers refer to the claim, a DNS label.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>A ResourceClaim of the pod's namespace. Either this or resourceClaimTemplateName.</summary>
    [Field(3)]
    public string? ResourceClaimName { get; init; }

    /// <summary>A template from which a ResourceClaim is made for this pod alone. Either this or resourceClaimName.</summary>
    [Field(4)]
    public string? ResourceClaimTemplateName { get; init; }
}
