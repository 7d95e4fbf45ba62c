using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A report of something that happened to an object, kept for a limited time.</summary>
[ApiType("io.k8s.api.core.v1.Event", MetadataRequired = true)]
[Kind("", "v1", "Event", "events", ShortNames = "ev")]
public sealed record Event : KubeObject
{
    /// <summary>The object that the event is about.</summary>
    [Field(2, Required = true)]
    public ObjectReference InvolvedObject { get; init; } = new();

    /// <summary>Why, as one word in CamelCase for programs.</summary>
    [Field(3)]
    public string? Reason { get; init; }

    /// <summary>What happened, for people.</summary>
    [Field(4)]
    public string? Message { get; init; }

    /// <summary>Who reports it.</summary>
    [Field(5)]
    public EventSource? Source { get; init; }

    /// <summary>When it was first seen.</summary>
    [Field(6)]
    public DateTime? FirstTimestamp { get; init; }

    /// <summary>When it was last seen.</summary>
    [Field(7)]
    public DateTime? LastTimestamp { get; init; }

    /// <summary>How often it was seen.</summary>
    [Field(8)]
    public int? Count { get; init; }

    /// <summary>Normal or Warning.</summary>
    [Field(9)]
    public string? Type { get; init; }

    /// <summary>When it happened, to the microsecond; in events of the newer form.</summary>
    [Field(10)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? EventTime { get; init; }

    /// <summary>Counts repetitions in events of the newer form; absent if it happened once.</summary>
    [Field(11)]
    public EventSeries? Series { get; init; }

    /// <summary>What was done or was tried.</summary>
    [Field(12)]
    public string? Action { get; init; }

    /// <summary>A second object that played a part.</summary>
    [Field(13)]
    public ObjectReference? Related { get; init; }

    /// <summary>Name of the controller that reports it, e.g. kubernetes.io/kubelet.</summary>
    [Field(14)]
    public string? ReportingComponent { get; init; }

    /// <summary>Which instance of that controller, e.g. the name of a node.</summary>
    [Field(15)]
    public string? ReportingInstance { get; init; }
}

/// <summary>How often an event recurred and when it was last seen.</summary>
[ApiType("io.k8s.api.core.v1.EventSeries")]
public sealed record EventSeries
{
    /// <summary>How often it has happened so far.</summary>
    [Field(1)]
    public int? Count { get; init; }

    /// <summary>When it was last seen.</summary>
    [Field(2)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? LastObservedTime { get; init; }
}

/// <summary>The component, and the machine it runs on, that reported an event.</summary>
[ApiType("io.k8s.api.core.v1.EventSource")]
public sealed record EventSource
{
    /// <summary>Name of the program.</summary>
    [Field(1)]
    public string? Component { get; init; }

    /// <summary>Name of the node it runs on.</summary>
    [Field(2)]
    public string? Host { get; init; }
}
