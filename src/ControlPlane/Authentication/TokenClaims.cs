using System.Text.Json.Serialization;

namespace ControlPlane.Authentication;

/// <summary>What a service account's token says (KEP 1205, bound service account tokens). Times are seconds since 1970.</summary>
internal sealed record TokenClaims
{
    public IReadOnlyList<string> Aud { get; init; } = [];
    public long Exp { get; init; }
    public long Iat { get; init; }
    public string Iss { get; init; } = "";

    /// <summary>Names the token itself, in the audit log.</summary>
    public string Jti { get; init; } = "";

    public long Nbf { get; init; }
    public string Sub { get; init; } = "";

    [JsonPropertyName("kubernetes.io")]
    public BoundClaims? Kubernetes { get; init; }
}

/// <summary>The objects that the token ends with.</summary>
internal sealed record BoundClaims
{
    public string Namespace { get; init; } = "";
    public ObjectClaim? Node { get; init; }
    public ObjectClaim? Pod { get; init; }
    public ObjectClaim? Secret { get; init; }
    public ObjectClaim? Serviceaccount { get; init; }
}

internal sealed record ObjectClaim(string Name, string Uid);
