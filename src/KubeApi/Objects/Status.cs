using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>The answer to a request that returns no object: an error with its reason, or a plain success.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.Status")]
public sealed record Status : KubeType
{
    /// <summary>What all lists have; empty here.</summary>
    [Field(1)]
    public ListMeta? Metadata { get; init; }

    /// <summary>Success or Failure.</summary>
    [Field(2)]
    [JsonPropertyName("status")] public string? Outcome { get; init; }

    /// <summary>What happened, for people.</summary>
    [Field(3)]
    public string? Message { get; init; }

    /// <summary>Why the request failed, as one word for programs, e.g. NotFound, AlreadyExists, Conflict, Invalid or Forbidden.</summary>
    [Field(4)]
    public string? Reason { get; init; }

    /// <summary>Which object the answer is about, and what caused a failure; what is in it depends on the reason.</summary>
    [Field(5)]
    public StatusDetails? Details { get; init; }

    /// <summary>The HTTP status code of the answer.</summary>
    [Field(6)]
    public int? Code { get; init; }
}

/// <summary>What a Status is about and which fields caused it.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails")]
public sealed record StatusDetails
{
    /// <summary>Name of the object that the answer is about.</summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>Group of its kind.</summary>
    [Field(2)]
    public string? Group { get; init; }

    /// <summary>Its kind; in failures often the name of the resource in the address.</summary>
    [Field(3)]
    public string? Kind { get; init; }

    /// <summary>Single faults, where there are several or one has a place in the object.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<StatusCause>? Causes { get; init; }

    /// <summary>Seconds after which trying again may succeed.</summary>
    [Field(5)]
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Uid of the object, where there is just one.</summary>
    [Field(6)]
    public string? Uid { get; init; }
}

/// <summary>One cause of a failed request, usually one invalid field.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause")]
public sealed record StatusCause
{
    /// <summary>What sort of fault it is, as one word for programs, e.g. FieldValueInvalid or FieldValueRequired.</summary>
    [Field(1)]
    public string? Reason { get; init; }

    /// <summary>What is wrong, for people.</summary>
    [Field(2)]
    public string? Message { get; init; }

    /// <summary>Path of the field that is at fault, e.g. spec.containers[0].image.</summary>
    [Field(3)]
    public string? Field { get; init; }
}
