using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>User, capabilities and other privileges of one container; overrides the pod's.</summary>
[ApiType("io.k8s.api.core.v1.SecurityContext")]
public sealed record SecurityContext
{
    [Field(1)]
    public Capabilities? Capabilities { get; init; }

    [Field(2)]
    public bool? Privileged { get; init; }

    [Field(3)]
    public SELinuxOptions? SeLinuxOptions { get; init; }

    [Field(4)]
    public long? RunAsUser { get; init; }

    [Field(5)]
    public bool? RunAsNonRoot { get; init; }

    [Field(6)]
    public bool? ReadOnlyRootFilesystem { get; init; }

    [Field(7)]
    public bool? AllowPrivilegeEscalation { get; init; }

    [Field(8)]
    public long? RunAsGroup { get; init; }

    [Field(9)]
    public string? ProcMount { get; init; }

    [Field(10)]
    public WindowsSecurityContextOptions? WindowsOptions { get; init; }

    [Field(11)]
    public SeccompProfile? SeccompProfile { get; init; }

    [Field(12)]
    public AppArmorProfile? AppArmorProfile { get; init; }
}

/// <summary>User, groups, sysctls and other privileges of all containers of a pod.</summary>
[ApiType("io.k8s.api.core.v1.PodSecurityContext")]
public sealed record PodSecurityContext
{
    [Field(1)]
    public SELinuxOptions? SeLinuxOptions { get; init; }

    [Field(2)]
    public long? RunAsUser { get; init; }

    [Field(3)]
    public bool? RunAsNonRoot { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<long>? SupplementalGroups { get; init; }

    [Field(5)]
    public long? FsGroup { get; init; }

    [Field(6)]
    public long? RunAsGroup { get; init; }

    [Field(7, List = ListType.Atomic)]
    public IReadOnlyList<Sysctl>? Sysctls { get; init; }

    [Field(8)]
    public WindowsSecurityContextOptions? WindowsOptions { get; init; }

    [Field(9)]
    public string? FsGroupChangePolicy { get; init; }

    [Field(10)]
    public SeccompProfile? SeccompProfile { get; init; }

    [Field(11)]
    public AppArmorProfile? AppArmorProfile { get; init; }

    [Field(12)]
    public string? SupplementalGroupsPolicy { get; init; }

    [Field(13)]
    public string? SeLinuxChangePolicy { get; init; }
}

/// <summary>Linux capabilities added to and dropped from the default set.</summary>
[ApiType("io.k8s.api.core.v1.Capabilities")]
public sealed record Capabilities
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Add { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Drop { get; init; }
}

/// <summary>The SELinux label of a container.</summary>
[ApiType("io.k8s.api.core.v1.SELinuxOptions")]
public sealed record SELinuxOptions
{
    [Field(1)]
    public string? User { get; init; }

    [Field(2)]
    public string? Role { get; init; }

    [Field(3)]
    public string? Type { get; init; }

    [Field(4)]
    public string? Level { get; init; }
}

/// <summary>Which system-call filter a container runs under.</summary>
[ApiType("io.k8s.api.core.v1.SeccompProfile", Union = "localhostProfile", UnionDiscriminator = "type")]
public sealed record SeccompProfile
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2)]
    public string? LocalhostProfile { get; init; }
}

/// <summary>Which AppArmor profile a container runs under.</summary>
[ApiType("io.k8s.api.core.v1.AppArmorProfile", Union = "localhostProfile", UnionDiscriminator = "type")]
public sealed record AppArmorProfile
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2)]
    public string? LocalhostProfile { get; init; }
}

/// <summary>A kernel parameter of the pod's namespaces.</summary>
[ApiType("io.k8s.api.core.v1.Sysctl")]
public sealed record Sysctl
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2, Required = true)]
    public string Value { get; init; } = "";
}

/// <summary>Windows-only settings; kept for the wire, without effect on Linux.</summary>
[ApiType("io.k8s.api.core.v1.WindowsSecurityContextOptions")]
public sealed record WindowsSecurityContextOptions
{
    [Field(1)]
    public string? GmsaCredentialSpecName { get; init; }

    [Field(2)]
    public string? GmsaCredentialSpec { get; init; }

    [Field(3)]
    public string? RunAsUserName { get; init; }

    [Field(4)]
    public bool? HostProcess { get; init; }
}
