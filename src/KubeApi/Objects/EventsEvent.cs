using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A report of something that happened to an object, in the form of the group events.k8s.io; the same object as the Event of the core group.</summary>
[ApiType("io.k8s.api.events.v1.Event")]
[Kind("events.k8s.io", "v1", "Event", "events", ShortNames = "ev")]
public sealed record EventsEvent : KubeObject
{
    /// <summary>When it was first seen, to the microsecond. Needed in new events.</summary>
    [Field(2, Required = true)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? EventTime { get; init; }

    /// <summary>Counts repetitions; absent if it happened once.</summary>
    [Field(3)]
    public EventsEventSeries? Series { get; init; }

    /// <summary>Name of the controller that reports it, e.g. kubernetes.io/kubelet. Cannot be empty in new events.</summary>
    [Field(4)]
    public string? ReportingController { get; init; }

    /// <summary>Which instance of that controller, e.g. the name of a node; up to 128 characters. Cannot be empty in new events.</summary>
    [Field(5)]
    public string? ReportingInstance { get; init; }

    /// <summary>What was done or was tried, as one word of up to 128 characters.</summary>
    [Field(6)]
    public string? Action { get; init; }

    /// <summary>Why it was done, as one word of up to 128 characters. Cannot be empty in new events.</summary>
    [Field(7)]
    public string? Reason { get; init; }

    /// <summary>The object that the event is about.</summary>
    [Field(8)]
    public ObjectReference? Regarding { get; init; }

    /// <summary>A second object that played a part.</summary>
    [Field(9)]
    public ObjectReference? Related { get; init; }

    /// <summary>What happened, for people; up to 1024 bytes.</summary>
    [Field(10)]
    public string? Note { get; init; }

    /// <summary>Normal or Warning.</summary>
    [Field(11)]
    public string? Type { get; init; }

    /// <summary>Who reports it, as core/v1 events have it.</summary>
    [Field(12)]
    public EventSource? DeprecatedSource { get; init; }

    /// <summary>When it was first seen, as core/v1 events have it.</summary>
    [Field(13)]
    public DateTime? DeprecatedFirstTimestamp { get; init; }

    /// <summary>When it was last seen, as core/v1 events have it.</summary>
    [Field(14)]
    public DateTime? DeprecatedLastTimestamp { get; init; }

    /// <summary>How often it was seen, as core/v1 events have it.</summary>
    [Field(15)]
    public int? DeprecatedCount { get; init; }
}

/// <summary>How often an event recurred and when it was last seen.</summary>
[ApiType("io.k8s.api.events.v1.EventSeries")]
public sealed record EventsEventSeries
{
    /// <summary>How often it has happened so far.</summary>
    [Field(1, Required = true)]
    public int Count { get; init; }

    /// <summary>When it was last seen.</summary>
    [Field(2, Required = true)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? LastObservedTime { get; init; }
}
