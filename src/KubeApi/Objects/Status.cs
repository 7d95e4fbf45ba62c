using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>The answer to a request that returns no object: an error with its reason, or a plain success.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.Status")]
public sealed record Status : KubeType
{
    [Field(1)]
    public ListMeta? Metadata { get; init; }

    [Field(2)]
    [JsonPropertyName("status")] public string? Outcome { get; init; }

    [Field(3)]
    public string? Message { get; init; }

    [Field(4)]
    public string? Reason { get; init; }

    [Field(5)]
    public StatusDetails? Details { get; init; }

    [Field(6)]
    public int? Code { get; init; }
}

/// <summary>What a Status is about and which fields caused it.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails")]
public sealed record StatusDetails
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2)]
    public string? Group { get; init; }

    [Field(3)]
    public string? Kind { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<StatusCause>? Causes { get; init; }

    [Field(5)]
    public int? RetryAfterSeconds { get; init; }

    [Field(6)]
    public string? Uid { get; init; }
}

/// <summary>One cause of a failed request, usually one invalid field.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause")]
public sealed record StatusCause
{
    [Field(1)]
    public string? Reason { get; init; }

    [Field(2)]
    public string? Message { get; init; }

    [Field(3)]
    public string? Field { get; init; }
}
