using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>User, capabilities and other privileges of one container; overrides the pod's.</summary>
[ApiType("io.k8s.api.core.v1.SecurityContext")]
public sealed record SecurityContext
{
    /// <summary>Capabilities that are added or taken away.</summary>
    [Field(1)]
    public Capabilities? Capabilities { get; init; }

    /// <summary>True gives the container nearly all that root of the node has. Default: false.</summary>
    [Field(2)]
    public bool? Privileged { get; init; }

    /// <summary>SELinux label of the processes.</summary>
    [Field(3)]
    public SELinuxOptions? SeLinuxOptions { get; init; }

    /// <summary>User id of the first process. Default: as the pod or else the image says.</summary>
    [Field(4)]
    public long? RunAsUser { get; init; }

    /// <summary>True refuses to start the container as user 0. Default: as the pod says.</summary>
    [Field(5)]
    public bool? RunAsNonRoot { get; init; }

    /// <summary>True makes the container's root file system read-only. Default: false.</summary>
    [Field(6)]
    public bool? ReadOnlyRootFilesystem { get; init; }

    /// <summary>False keeps a process from getting more rights than its parent, as by setuid programs. Default: true.</summary>
    [Field(7)]
    public bool? AllowPrivilegeEscalation { get; init; }

    /// <summary>Group id of the first process. Default: as the pod or else the image says.</summary>
    [Field(8)]
    public long? RunAsGroup { get; init; }

    /// <summary>How /proc is mounted: Default, with parts hidden, or Unmasked. Default: Default.</summary>
    [Field(9)]
    public string? ProcMount { get; init; }

    /// <summary>Settings for Windows only.</summary>
    [Field(10)]
    public WindowsSecurityContextOptions? WindowsOptions { get; init; }

    /// <summary>Which system calls are allowed. Default: as the pod says.</summary>
    [Field(11)]
    public SeccompProfile? SeccompProfile { get; init; }

    /// <summary>AppArmor profile of the processes. Default: as the pod says.</summary>
    [Field(12)]
    public AppArmorProfile? AppArmorProfile { get; init; }
}

/// <summary>User, groups, sysctls and other privileges of all containers of a pod.</summary>
[ApiType("io.k8s.api.core.v1.PodSecurityContext")]
public sealed record PodSecurityContext
{
    /// <summary>SELinux label of the processes.</summary>
    [Field(1)]
    public SELinuxOptions? SeLinuxOptions { get; init; }

    /// <summary>User id of the first process of each container. Default: as the image says.</summary>
    [Field(2)]
    public long? RunAsUser { get; init; }

    /// <summary>True refuses to start containers as user 0. Default: false.</summary>
    [Field(3)]
    public bool? RunAsNonRoot { get; init; }

    /// <summary>Further groups of the first process of each container.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<long>? SupplementalGroups { get; init; }

    /// <summary>Group that owns the files of the pod's volumes and that every container is in.</summary>
    [Field(5)]
    public long? FsGroup { get; init; }

    /// <summary>Group id of the first process of each container. Default: as the image says.</summary>
    [Field(6)]
    public long? RunAsGroup { get; init; }

    /// <summary>Kernel settings of the pod's namespaces.</summary>
    [Field(7, List = ListType.Atomic)]
    public IReadOnlyList<Sysctl>? Sysctls { get; init; }

    /// <summary>Settings for Windows only.</summary>
    [Field(8)]
    public WindowsSecurityContextOptions? WindowsOptions { get; init; }

    /// <summary>
    /// When owners in volumes are changed for fsGroup: Always, or OnRootMismatch, only if the root directory has another one.
    /// Default: Always.
    /// </summary>
    [Field(9)]
    public string? FsGroupChangePolicy { get; init; }

    /// <summary>Which system calls are allowed. Default: all.</summary>
    [Field(10)]
    public SeccompProfile? SeccompProfile { get; init; }

    /// <summary>AppArmor profile of the processes.</summary>
    [Field(11)]
    public AppArmorProfile? AppArmorProfile { get; init; }

    /// <summary>Whether groups of the image's /etc/group are added: Merge or Strict. Default: Merge.</summary>
    [Field(12)]
    public string? SupplementalGroupsPolicy { get; init; }

    /// <summary>How volumes get the SELinux label: Recursive or MountOption. Default: MountOption where it can be.</summary>
    [Field(13)]
    public string? SeLinuxChangePolicy { get; init; }
}

/// <summary>Linux capabilities added to and dropped from the default set.</summary>
[ApiType("io.k8s.api.core.v1.Capabilities")]
public sealed record Capabilities
{
    /// <summary>Capabilities that are added, e.g. NET_ADMIN.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Add { get; init; }

    /// <summary>Capabilities that are taken away; ALL stands for all.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Drop { get; init; }
}

/// <summary>The SELinux label of a container.</summary>
[ApiType("io.k8s.api.core.v1.SELinuxOptions")]
public sealed record SELinuxOptions
{
    /// <summary>User part of the label.</summary>
    [Field(1)]
    public string? User { get; init; }

    /// <summary>Role part of the label.</summary>
    [Field(2)]
    public string? Role { get; init; }

    /// <summary>Type part of the label.</summary>
    [Field(3)]
    public string? Type { get; init; }

    /// <summary>Level part of the label.</summary>
    [Field(4)]
    public string? Level { get; init; }
}

/// <summary>Which system-call filter a container runs under.</summary>
[ApiType("io.k8s.api.core.v1.SeccompProfile", Union = "localhostProfile", UnionDiscriminator = "type")]
public sealed record SeccompProfile
{
    /// <summary>RuntimeDefault, Localhost (a profile on the node) or Unconfined (no filter).</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>File of the profile, relative to the kubelet's folder of them. Only and always with Localhost.</summary>
    [Field(2)]
    public string? LocalhostProfile { get; init; }
}

/// <summary>Which AppArmor profile a container runs under.</summary>
[ApiType("io.k8s.api.core.v1.AppArmorProfile", Union = "localhostProfile", UnionDiscriminator = "type")]
public sealed record AppArmorProfile
{
    /// <summary>RuntimeDefault, Localhost (a profile loaded on the node) or Unconfined.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Name of the loaded profile. Only and always with Localhost.</summary>
    [Field(2)]
    public string? LocalhostProfile { get; init; }
}

/// <summary>A kernel parameter of the pod's namespaces.</summary>
[ApiType("io.k8s.api.core.v1.Sysctl")]
public sealed record Sysctl
{
    /// <summary>Name of the setting, e.g. net.ipv4.ip_forward.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Value of the setting.</summary>
    [Field(2, Required = true)]
    public string Value { get; init; } = "";
}

/// <summary>Windows-only settings; kept for the wire, without effect on Linux.</summary>
[ApiType("io.k8s.api.core.v1.WindowsSecurityContextOptions")]
public sealed record WindowsSecurityContextOptions
{
    /// <summary>Name of the GMSA credential spec.</summary>
    [Field(1)]
    public string? GmsaCredentialSpecName { get; init; }

    /// <summary>The GMSA credential spec itself.</summary>
    [Field(2)]
    public string? GmsaCredentialSpec { get; init; }

    /// <summary>Windows user of the first process.</summary>
    [Field(3)]
    public string? RunAsUserName { get; init; }

    /// <summary>True runs the pod's containers as host processes; the same for all, and with hostNetwork.</summary>
    [Field(4)]
    public bool? HostProcess { get; init; }
}
