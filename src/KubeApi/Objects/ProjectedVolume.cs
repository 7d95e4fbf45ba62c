using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Several sources in one directory.</summary>
[ApiType("io.k8s.api.core.v1.ProjectedVolumeSource")]
public sealed record ProjectedVolumeSource
{
    /// <summary>What is put into the directory.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<VolumeProjection>? Sources { get; init; }

    /// <summary>Permissions of the files, 0 to 0777 in octal (decimal in JSON). Default: 0644.</summary>
    [Field(2)]
    public int? DefaultMode { get; init; }
}

/// <summary>One source of a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.VolumeProjection")]
public sealed record VolumeProjection
{
    /// <summary>Keys of a Secret.</summary>
    [Field(1)]
    public SecretProjection? Secret { get; init; }

    /// <summary>Fields of the pod.</summary>
    [Field(2)]
    public DownwardAPIProjection? DownwardAPI { get; init; }

    /// <summary>Keys of a ConfigMap.</summary>
    [Field(3)]
    public ConfigMapProjection? ConfigMap { get; init; }

    /// <summary>A token of the pod's ServiceAccount, renewed before it ends.</summary>
    [Field(4)]
    public ServiceAccountTokenProjection? ServiceAccountToken { get; init; }

    /// <summary>Certificates of authorities, from ClusterTrustBundles.</summary>
    [Field(5)]
    public ClusterTrustBundleProjection? ClusterTrustBundle { get; init; }

    /// <summary>A certificate for the pod, with its key, renewed before it ends.</summary>
    [Field(6)]
    public PodCertificateProjection? PodCertificate { get; init; }
}

/// <summary>A Secret's keys within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.SecretProjection")]
[ProtobufInline(1)]
public sealed record SecretProjection
{
    /// <summary>Keys that become files. Absent: all, each under its own name.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    /// <summary>Whether the Secret or a key may be missing. Default: false.</summary>
    [Field(4)]
    public bool? Optional { get; init; }

    /// <summary>Name of the Secret, in the namespace of the pod.</summary>
    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>A ConfigMap's keys within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapProjection")]
[ProtobufInline(1)]
public sealed record ConfigMapProjection
{
    /// <summary>Keys that become files. Absent: all, each under its own name.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    /// <summary>Whether the ConfigMap or a key may be missing. Default: false.</summary>
    [Field(4)]
    public bool? Optional { get; init; }

    /// <summary>Name of the ConfigMap, in the namespace of the pod.</summary>
    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Facts about the pod within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.DownwardAPIProjection")]
public sealed record DownwardAPIProjection
{
    /// <summary>The files and what is in them.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<DownwardAPIVolumeFile>? Items { get; init; }
}

/// <summary>A token of the pod's ServiceAccount within a projected volume, renewed before it expires.</summary>
[ApiType("io.k8s.api.core.v1.ServiceAccountTokenProjection")]
public sealed record ServiceAccountTokenProjection
{
    /// <summary>For whom the token is meant; others refuse it. Default: the API server.</summary>
    [Field(1)]
    public string? Audience { get; init; }

    /// <summary>Seconds that the token holds, at least 600; it is renewed after four fifths of them. Default: 3600.</summary>
    [Field(2)]
    public long? ExpirationSeconds { get; init; }

    /// <summary>Path of the file, relative and without '..'.</summary>
    [Field(3, Required = true)]
    public string Path { get; init; } = "";
}

/// <summary>Trusted certificates within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.ClusterTrustBundleProjection")]
public sealed record ClusterTrustBundleProjection
{
    /// <summary>Name of one bundle. Either this or signerName.</summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>Takes all bundles of this signer that labelSelector selects. Either this or name.</summary>
    [Field(2)]
    public string? SignerName { get; init; }

    /// <summary>Labels of the bundles; only with signerName. Absent: none, empty: all.</summary>
    [Field(3)]
    public LabelSelector? LabelSelector { get; init; }

    /// <summary>Path of the file, relative and without '..'.</summary>
    [Field(4, Required = true)]
    public string Path { get; init; } = "";

    /// <summary>Whether the bundles may be missing. Default: false.</summary>
    [Field(5)]
    public bool? Optional { get; init; }
}

/// <summary>A key and certificate issued to the pod within a projected volume.</summary>
[ApiType("io.k8s.api.core.v1.PodCertificateProjection")]
public sealed record PodCertificateProjection
{
    /// <summary>Who signs the certificate.</summary>
    [Field(1, Required = true)]
    public string SignerName { get; init; } = "";

    /// <summary>What key is made: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519.</summary>
    [Field(2, Required = true)]
    public string KeyType { get; init; } = "";

    /// <summary>The most seconds that the certificate may hold, at least 3600. Default: 86400.</summary>
    [Field(3)]
    public int? MaxExpirationSeconds { get; init; }

    /// <summary>Path of a file with key and certificates. Either this, or keyPath and certificateChainPath.</summary>
    [Field(4)]
    public string? CredentialBundlePath { get; init; }

    /// <summary>Path of a file with the key.</summary>
    [Field(5)]
    public string? KeyPath { get; init; }

    /// <summary>Path of a file with the certificates.</summary>
    [Field(6)]
    public string? CertificateChainPath { get; init; }

    /// <summary>Names and values that are handed to the signer.</summary>
    [Field(7)]
    public IReadOnlyDictionary<string, string>? UserAnnotations { get; init; }
}
