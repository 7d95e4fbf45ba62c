using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A report of something that happened to an object, in the form of the group events.k8s.io; the same object as the Event of the core group.</summary>
[ApiType("io.k8s.api.events.v1.Event")]
[Kind("events.k8s.io", "v1", "Event", "events", ShortNames = "ev")]
public sealed record EventsEvent : KubeObject
{
    [Field(2, Required = true)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? EventTime { get; init; }

    [Field(3)]
    public EventsEventSeries? Series { get; init; }

    [Field(4)]
    public string? ReportingController { get; init; }

    [Field(5)]
    public string? ReportingInstance { get; init; }

    [Field(6)]
    public string? Action { get; init; }

    [Field(7)]
    public string? Reason { get; init; }

    [Field(8)]
    public ObjectReference? Regarding { get; init; }

    [Field(9)]
    public ObjectReference? Related { get; init; }

    [Field(10)]
    public string? Note { get; init; }

    [Field(11)]
    public string? Type { get; init; }

    [Field(12)]
    public EventSource? DeprecatedSource { get; init; }

    [Field(13)]
    public DateTime? DeprecatedFirstTimestamp { get; init; }

    [Field(14)]
    public DateTime? DeprecatedLastTimestamp { get; init; }

    [Field(15)]
    public int? DeprecatedCount { get; init; }
}

/// <summary>How often an event recurred and when it was last seen.</summary>
[ApiType("io.k8s.api.events.v1.EventSeries")]
public sealed record EventsEventSeries
{
    [Field(1, Required = true)]
    public int Count { get; init; }

    [Field(2, Required = true)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? LastObservedTime { get; init; }
}
