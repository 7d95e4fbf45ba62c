using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A report of something that happened to an object, kept for a limited time.</summary>
[ApiType("io.k8s.api.core.v1.Event", MetadataRequired = true)]
[Kind("", "v1", "Event", "events", ShortNames = "ev")]
public sealed record Event : KubeObject
{
    [Field(2, Required = true)]
    public ObjectReference InvolvedObject { get; init; } = new();

    [Field(3)]
    public string? Reason { get; init; }

    [Field(4)]
    public string? Message { get; init; }

    [Field(5)]
    public EventSource? Source { get; init; }

    [Field(6)]
    public DateTime? FirstTimestamp { get; init; }

    [Field(7)]
    public DateTime? LastTimestamp { get; init; }

    [Field(8)]
    public int? Count { get; init; }

    [Field(9)]
    public string? Type { get; init; }

    [Field(10)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? EventTime { get; init; }

    [Field(11)]
    public EventSeries? Series { get; init; }

    [Field(12)]
    public string? Action { get; init; }

    [Field(13)]
    public ObjectReference? Related { get; init; }

    [Field(14)]
    public string? ReportingComponent { get; init; }

    [Field(15)]
    public string? ReportingInstance { get; init; }
}

/// <summary>How often an event recurred and when it was last seen.</summary>
[ApiType("io.k8s.api.core.v1.EventSeries")]
public sealed record EventSeries
{
    [Field(1)]
    public int? Count { get; init; }

    [Field(2)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? LastObservedTime { get; init; }
}

/// <summary>The component, and the machine it runs on, that reported an event.</summary>
[ApiType("io.k8s.api.core.v1.EventSource")]
public sealed record EventSource
{
    [Field(1)]
    public string? Component { get; init; }

    [Field(2)]
    public string? Host { get; init; }
}
