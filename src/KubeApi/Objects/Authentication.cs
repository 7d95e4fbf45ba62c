using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Asks whose a token is.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenReview")]
[Kind("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", Namespaced = false)]
public sealed record TokenReview : KubeObject
{
    /// <summary>The token that is asked about.</summary>
    [Field(2, Required = true)]
    public TokenReviewSpec Spec { get; init; } = new();

    /// <summary>The server's answer.</summary>
    [Field(3)]
    public TokenReviewStatus? Status { get; init; }
}

/// <summary>The token, and the audiences it is meant for.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenReviewSpec")]
public sealed record TokenReviewSpec
{
    /// <summary>The token. It is not stored.</summary>
    [Field(1, Required = true)]
    public string Token { get; init; } = "";

    /// <summary>Audiences that the asker speaks for; the token must be meant for one of them. Absent: those of the API server.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? Audiences { get; init; }
}

/// <summary>Whether the token holds, for whom, and for which of the audiences.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenReviewStatus")]
public sealed record TokenReviewStatus
{
    /// <summary>True if the token holds.</summary>
    [Field(1)]
    public bool? Authenticated { get; init; }

    /// <summary>Whom the token stands for.</summary>
    [Field(2)]
    public UserInfo? User { get; init; }

    /// <summary>Why the token could not be checked.</summary>
    [Field(3)]
    public string? Error { get; init; }

    /// <summary>Those of the asked audiences that the token is meant for.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? Audiences { get; init; }
}

/// <summary>Somebody who was recognised: name, uid, groups and extra facts.</summary>
[ApiType("io.k8s.api.authentication.v1.UserInfo")]
public sealed record UserInfo
{
    /// <summary>Name that is unique among all users.</summary>
    [Field(1)]
    public string? Username { get; init; }

    /// <summary>Identity that differs from that of a later user of the same name.</summary>
    [Field(2)]
    public string? Uid { get; init; }

    /// <summary>Groups that the user is in.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Whatever else the authenticator knows of the user.</summary>
    [Field(4)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }
}

/// <summary>Asks as whom the server sees the one who asks.</summary>
[ApiType("io.k8s.api.authentication.v1.SelfSubjectReview")]
[Kind("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", Namespaced = false)]
public sealed record SelfSubjectReview : KubeObject
{
    /// <summary>The server's answer: who is asking.</summary>
    [Field(2)]
    public SelfSubjectReviewStatus? Status { get; init; }
}

/// <summary>Who made the request, as the server knows them.</summary>
[ApiType("io.k8s.api.authentication.v1.SelfSubjectReviewStatus")]
public sealed record SelfSubjectReviewStatus
{
    /// <summary>The user that makes this request.</summary>
    [Field(1)]
    public UserInfo? UserInfo { get; init; }
}

/// <summary>Asks for a token of a service account.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenRequest")]
[Kind("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests")]
public sealed record TokenRequest : KubeObject
{
    /// <summary>What the token is to be like.</summary>
    [Field(2)]
    public TokenRequestSpec? Spec { get; init; }

    /// <summary>The issued token and its end.</summary>
    [Field(3)]
    public TokenRequestStatus? Status { get; init; }
}

/// <summary>For whom the token is meant, how long it holds, and the object whose deletion revokes it.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenRequestSpec")]
public sealed record TokenRequestSpec
{
    /// <summary>For whom the token is meant; others refuse it. Absent: the API server.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Audiences { get; init; }

    /// <summary>An object with which the token ends: it is void once that is gone.</summary>
    [Field(3)]
    public BoundObjectReference? BoundObjectRef { get; init; }

    /// <summary>Seconds that the token is to hold, at least 600. The server may shorten it. Default: 3600.</summary>
    [Field(4)]
    public long? ExpirationSeconds { get; init; }
}

/// <summary>The object (a Pod, Secret or Node) that a token ends with.</summary>
[ApiType("io.k8s.api.authentication.v1.BoundObjectReference")]
public sealed record BoundObjectReference
{
    /// <summary>Kind of the object: Pod, Secret or Node.</summary>
    [Field(1)]
    public string? Kind { get; init; }

    /// <summary>Version of the object's kind: v1.</summary>
    [Field(2)]
    public string? ApiVersion { get; init; }

    /// <summary>Name of the object.</summary>
    [Field(3)]
    public string? Name { get; init; }

    /// <summary>Uid that the object must have.</summary>
    [Field(4)]
    public string? Uid { get; init; }
}

/// <summary>The token and the time it expires.</summary>
[ApiType("io.k8s.api.authentication.v1.TokenRequestStatus")]
public sealed record TokenRequestStatus
{
    /// <summary>The token, to be sent as 'Authorization: Bearer TOKEN'.</summary>
    [Field(1)]
    public string? Token { get; init; }

    /// <summary>When the token ends.</summary>
    [Field(2)]
    public DateTime? ExpirationTimestamp { get; init; }
}
