using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>The Events of the group events.k8s.io: the same objects as those of the core group, with other names for some fields and stricter rules.</summary>
internal sealed class EventsEventRegistry : KindRegistry<EventsEvent>
{
    private const int LongestText = 128, LongestNote = 1024;

    private static readonly EventRegistry Core = new();

    private static readonly Dictionary<string, string> CoreFields = new()
    {
        ["regarding.kind"] = "involvedObject.kind", ["regarding.namespace"] = "involvedObject.namespace", ["regarding.name"] = "involvedObject.name",
        ["regarding.uid"] = "involvedObject.uid", ["regarding.apiVersion"] = "involvedObject.apiVersion", ["regarding.resourceVersion"] = "involvedObject.resourceVersion",
        ["regarding.fieldPath"] = "involvedObject.fieldPath", ["reason"] = "reason", ["reportingController"] = "reportingComponent", ["type"] = "type",
    };

    public override bool IsStored => false;

    public override KindRegistry Stored => Core;

    public override KubeObject ToStored(KubeObject obj)
    {
        var e = (EventsEvent)obj;
        return new Event
        {
            Kind = "Event", ApiVersion = "v1", Metadata = e.Metadata, EventTime = e.EventTime, ReportingComponent = e.ReportingController, ReportingInstance = e.ReportingInstance,
            Series = e.Series is { } series ? new EventSeries { Count = series.Count, LastObservedTime = series.LastObservedTime } : null,
            Action = e.Action, Reason = e.Reason, InvolvedObject = e.Regarding ?? new ObjectReference(), Related = e.Related, Message = e.Note, Type = e.Type,
            Source = e.DeprecatedSource, FirstTimestamp = e.DeprecatedFirstTimestamp, LastTimestamp = e.DeprecatedLastTimestamp, Count = e.DeprecatedCount,
        };
    }

    public override KubeObject FromStored(KubeObject obj)
    {
        var e = (Event)obj;
        return new EventsEvent
        {
            Kind = Resource.Kind, ApiVersion = Resource.ApiVersion, Metadata = e.Metadata, EventTime = e.EventTime, ReportingController = e.ReportingComponent, ReportingInstance = e.ReportingInstance,
            Series = e.Series is { } series ? new EventsEventSeries { Count = series.Count ?? 0, LastObservedTime = series.LastObservedTime } : null,
            Action = e.Action, Reason = e.Reason, Regarding = e.InvolvedObject, Related = e.Related, Note = e.Message, Type = e.Type,
            DeprecatedSource = e.Source, DeprecatedFirstTimestamp = e.FirstTimestamp, DeprecatedLastTimestamp = e.LastTimestamp, DeprecatedCount = e.Count,
        };
    }

    public override string StoredField(string path) => CoreFields.GetValueOrDefault(path, path);

    /// <summary>Whoever writes this group's form says when, who and what; the fields of the older form stay empty.</summary>
    protected override void Validate(EventsEvent e, FieldErrors errors)
    {
        var ns = e.Regarding?.Namespace ?? "";
        if (ns != e.Namespace && !(ns.Length == 0 && e.Namespace == "default")) errors.Invalid("regarding.namespace", ns, "does not match event.namespace");
        if (e.EventTime is null) errors.Required("eventTime");
        if (e.Type is not ("Normal" or "Warning")) errors.Invalid("type", "", $"has invalid value: {e.Type}");
        Text("reportingController", e.ReportingController, errors);
        if (!string.IsNullOrEmpty(e.ReportingController)) errors.Check("reportingController", e.ReportingController, Names.QualifiedName(e.ReportingController));
        Text("reportingInstance", e.ReportingInstance, errors);
        Text("action", e.Action, errors);
        Text("reason", e.Reason, errors);
        if (e.Note?.Length > LongestNote) errors.Invalid("note", "", $"can have at most {LongestNote} bytes");
        if (e.Series is not { } series) return;
        if (series.Count < 2) errors.Invalid("series.count", "", "should be at least 2");
        if (series.LastObservedTime is null) errors.Required("series.lastObservedTime");
    }

    private static void Text(string path, string? text, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(text)) errors.Required(path);
        else if (text.Length > LongestText) errors.Invalid(path, "", $"can have at most {LongestText} bytes");
    }

    /// <summary>Deprecated fields are read, and written through the core group only.</summary>
    public override void ValidateViewCreate(KubeObject obj, FieldErrors errors)
    {
        var e = (EventsEvent)obj;
        Validate(e, errors);
        void Unset(string path, object? value)
        {
            if (value is not (null or 0 or "")) errors.Invalid(path, "", "needs to be unset");
        }
        Unset("deprecatedFirstTimestamp", e.DeprecatedFirstTimestamp);
        Unset("deprecatedLastTimestamp", e.DeprecatedLastTimestamp);
        Unset("deprecatedCount", e.DeprecatedCount);
        Unset("deprecatedSource.component", e.DeprecatedSource?.Component);
        Unset("deprecatedSource.host", e.DeprecatedSource?.Host);
    }

    /// <summary>What happened stays what it is; only that it happened again can be added.</summary>
    public override void ValidateViewUpdate(KubeObject old, KubeObject updated, FieldErrors errors)
    {
        var (before, after) = ((EventsEvent)old, (EventsEvent)updated);
        foreach (var (path, read) in Fixed)
            if (!Same(read(before), read(after))) errors.Invalid(path, read(after), "field is immutable");
    }

    private static readonly (string Path, Func<EventsEvent, object?> Read)[] Fixed =
    [
        ("regarding", e => e.Regarding), ("reason", e => e.Reason), ("note", e => e.Note), ("deprecatedSource", e => e.DeprecatedSource),
        ("deprecatedFirstTimestamp", e => e.DeprecatedFirstTimestamp), ("deprecatedLastTimestamp", e => e.DeprecatedLastTimestamp), ("deprecatedCount", e => e.DeprecatedCount),
        ("type", e => e.Type), ("eventTime", e => e.EventTime), ("action", e => e.Action), ("related", e => e.Related),
        ("reportingController", e => e.ReportingController), ("reportingInstance", e => e.ReportingInstance),
    ];

    public override IReadOnlyList<string> SelectableFields { get; } = [.. CoreFields.Keys];

    protected override string? SelectableField(EventsEvent e, string path) => Core.SelectableField(ToStored(e), StoredField(path));

    public override IReadOnlyList<TableColumnDefinition> Columns => Core.Columns;

    protected override IReadOnlyList<object?> Cells(EventsEvent e, DateTime now) => Core.Cells(ToStored(e), now);
}
