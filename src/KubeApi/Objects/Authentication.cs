using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Asks whose a token is.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenReview")]
[Kind("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", Namespaced = false)]
public sealed record TokenReview : KubeObject
{
    [Field(2, Required = true)]
    public TokenReviewSpec Spec { get; init; } = new();

    [Field(3)]
    public TokenReviewStatus? Status { get; init; }
}

/// <summary>The token, and the audiences it is meant for.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenReviewSpec")]
public sealed record TokenReviewSpec
{
    [Field(1, Required = true)]
    public string Token { get; init; } = "";

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Audiences { get; init; }
}

/// <summary>Whether the token holds, for whom, and for which of the audiences.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenReviewStatus")]
public sealed record TokenReviewStatus
{
    [Field(1)]
    public bool? Authenticated { get; init; }

    [Field(2)]
    public UserInfo? User { get; init; }

    [Field(3)]
    public string? Error { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? Audiences { get; init; }
}

/// <summary>Somebody who was recognised: name, uid, groups and extra facts.</summary>
[ApiType("io.k8s.api.authentication.v1.UserInfo")]
public sealed record UserInfo
{
    [Field(1)]
    public string? Username { get; init; }

    [Field(2)]
    public string? Uid { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Groups { get; init; }

    [Field(4)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }
}

/// <summary>Asks as whom the server sees the one who asks.</summary>
[ApiType("io.k8s.api.authentication.v1.SelfSubjectReview")]
[Kind("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", Namespaced = false)]
public sealed record SelfSubjectReview : KubeObject
{
    [Field(2)]
    public SelfSubjectReviewStatus? Status { get; init; }
}

/// <summary>Who asked.</summary>
[ApiType("io.k8s.api.authentication.v1.SelfSubjectReviewStatus")]
public sealed record SelfSubjectReviewStatus
{
    [Field(1)]
    public UserInfo? UserInfo { get; init; }
}

/// <summary>Asks for a token of a service account.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenRequest")]
[Kind("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests")]
public sealed record TokenRequest : KubeObject
{
    [Field(2)]
    public TokenRequestSpec? Spec { get; init; }

    [Field(3)]
    public TokenRequestStatus? Status { get; init; }
}

/// <summary>For whom the token is meant, how long it holds, and the object whose deletion revokes it.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenRequestSpec")]
public sealed record TokenRequestSpec
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Audiences { get; init; }

    [Field(3)]
    public BoundObjectReference? BoundObjectRef { get; init; }

    [Field(4)]
    public long? ExpirationSeconds { get; init; }
}

/// <summary>The object (a Pod, Secret or Node) that a token ends with.</summary>
[ApiType("io.k8s.api.authentication.v1.BoundObjectReference")]
public sealed record BoundObjectReference
{
    [Field(1)]
    public string? Kind { get; init; }

    [Field(2)]
    public string? ApiVersion { get; init; }

    [Field(3)]
    public string? Name { get; init; }

    [Field(4)]
    public string? Uid { get; init; }
}

/// <summary>The token and the time it expires.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenRequestStatus")]
public sealed record TokenRequestStatus
{
    [Field(1)]
    public string? Token { get; init; }

    [Field(2)]
    public DateTime? ExpirationTimestamp { get; init; }
}
