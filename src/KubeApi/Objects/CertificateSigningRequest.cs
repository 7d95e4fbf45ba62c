using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>
/// Asks for an X.509 certificate: somebody creates it with a PKCS#10 request, somebody approves or denies it, a signer issues
/// the certificate into its status.
/// </summary>
[ApiType("io.k8s.api.certificates.v1.CertificateSigningRequest")]
[Kind("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", Namespaced = false, ShortNames = "csr")]
public sealed record CertificateSigningRequest : KubeObject
{
    /// <summary>What is asked for, and by whom; cannot be changed once created.</summary>
    [Field(2, Required = true)]
    public CertificateSigningRequestSpec Spec { get; init; } = new();

    /// <summary>Whether it was approved, and the certificate once it was issued.</summary>
    [Field(3)]
    public CertificateSigningRequestStatus? Status { get; init; }
}

/// <summary>The request itself; who created it is filled in by the server.</summary>
[ApiType("io.k8s.api.certificates.v1.CertificateSigningRequestSpec")]
public sealed record CertificateSigningRequestSpec
{
    /// <summary>A PKCS#10 request as PEM text, block CERTIFICATE REQUEST.</summary>
    [Field(1, Required = true)]
    public byte[] Request { get; init; } = [];

    /// <summary>Who created it; set by the server.</summary>
    [Field(2)]
    public string? Username { get; init; }

    /// <summary>Uid of the user who created it; set by the server.</summary>
    [Field(3)]
    public string? Uid { get; init; }

    /// <summary>Groups of the user who created it; set by the server.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>What the certificate shall be good for, e.g. digital signature, key encipherment, client auth.</summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? Usages { get; init; }

    /// <summary>Further facts about the user who created it; set by the server.</summary>
    [Field(6)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }

    /// <summary>Who is to sign, e.g. kubernetes.io/kube-apiserver-client-kubelet.</summary>
    [Field(7, Required = true)]
    public string SignerName { get; init; } = "";

    /// <summary>How many seconds the certificate shall be valid, at least 600; the signer may make it fewer.</summary>
    [Field(8)]
    public int? ExpirationSeconds { get; init; }
}

/// <summary>What has become of a request.</summary>
[ApiType("io.k8s.api.certificates.v1.CertificateSigningRequestStatus")]
public sealed record CertificateSigningRequestStatus
{
    /// <summary>Approved, Denied or Failed; approval and denial exclude each other and are never taken back.</summary>
    [Field(1, List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<CertificateSigningRequestCondition>? Conditions { get; init; }

    /// <summary>The certificate as PEM text, then intermediate ones; set once.</summary>
    [Field(2)]
    public byte[]? Certificate { get; init; }
}

/// <summary>One thing that was decided about a request.</summary>
[ApiType("io.k8s.api.certificates.v1.CertificateSigningRequestCondition")]
public sealed record CertificateSigningRequestCondition
{
    /// <summary>Approved, Denied, Failed, or a signer's own word.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>One word why.</summary>
    [Field(2)]
    public string? Reason { get; init; }

    /// <summary>A sentence why.</summary>
    [Field(3)]
    public string? Message { get; init; }

    /// <summary>When anything in the condition last changed.</summary>
    [Field(4)]
    public DateTime? LastUpdateTime { get; init; }

    /// <summary>When the status last changed; set by the server where it is left out.</summary>
    [Field(5)]
    public DateTime? LastTransitionTime { get; init; }

    /// <summary>True, False or Unknown; Approved, Denied and Failed can only be True.</summary>
    [Field(6, Required = true)]
    public string Status { get; init; } = "";
}
