using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Several sources in one directory.</summary>
[ApiType("io.k8s.api.core.v1.ProjectedVolumeSource")]
public sealed record ProjectedVolumeSource
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<VolumeProjection>? Sources { get; init; }

    [Field(2)]
    public int? DefaultMode { get; init; }
}

/// <summary>One source of a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.VolumeProjection")]
public sealed record VolumeProjection
{
    [Field(1)]
    public SecretProjection? Secret { get; init; }

    [Field(2)]
    public DownwardAPIProjection? DownwardAPI { get; init; }

    [Field(3)]
    public ConfigMapProjection? ConfigMap { get; init; }

    [Field(4)]
    public ServiceAccountTokenProjection? ServiceAccountToken { get; init; }

    [Field(5)]
    public ClusterTrustBundleProjection? ClusterTrustBundle { get; init; }

    [Field(6)]
    public PodCertificateProjection? PodCertificate { get; init; }
}

/// <summary>A Secret's keys within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.SecretProjection")]
[ProtobufInline(1)]
public sealed record SecretProjection
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    [Field(4)]
    public bool? Optional { get; init; }

    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>A ConfigMap's keys within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapProjection")]
[ProtobufInline(1)]
public sealed record ConfigMapProjection
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    [Field(4)]
    public bool? Optional { get; init; }

    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Facts about the pod within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.DownwardAPIProjection")]
public sealed record DownwardAPIProjection
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<DownwardAPIVolumeFile>? Items { get; init; }
}

/// <summary>A token of the pod's ServiceAccount within a projected volume, renewed before it expires.</summary>
[ApiType("io.k8s.api.core.v1.ServiceAccountTokenProjection")]
public sealed record ServiceAccountTokenProjection
{
    [Field(1)]
    public string? Audience { get; init; }

    [Field(2)]
    public long? ExpirationSeconds { get; init; }

    [Field(3, Required = true)]
    public string Path { get; init; } = "";
}

/// <summary>Trusted certificates within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.ClusterTrustBundleProjection")]
public sealed record ClusterTrustBundleProjection
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2)]
    public string? SignerName { get; init; }

    [Field(3)]
    public LabelSelector? LabelSelector { get; init; }

    [Field(4, Required = true)]
    public string Path { get; init; } = "";

    [Field(5)]
    public bool? Optional { get; init; }
}

/// <summary>A key and certificate issued to the pod within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.PodCertificateProjection")]
public sealed record PodCertificateProjection
{
    [Field(1, Required = true)]
    public string SignerName { get; init; } = "";

    [Field(2, Required = true)]
    public string KeyType { get; init; } = "";

    [Field(3)]
    public int? MaxExpirationSeconds { get; init; }

    [Field(4)]
    public string? CredentialBundlePath { get; init; }

    [Field(5)]
    public string? KeyPath { get; init; }

    [Field(6)]
    public string? CertificateChainPath { get; init; }

    [Field(7)]
    public IReadOnlyDictionary<string, string>? UserAnnotations { get; init; }
}
