using ControlPlane.Registry.Tables;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>An event lies in the namespace of what it is about; it can be selected by nearly everything it says.</summary>
internal sealed class EventRegistry : KindRegistry<Event>
{
    public override bool CreatesOnUpdate => true;

    protected override void Validate(Event e, FieldErrors errors)
    {
        // Events about objects without a namespace go to "default".
        var ns = e.InvolvedObject.Namespace ?? "";
        if (ns != e.Namespace && !(ns.Length == 0 && e.Namespace == "default"))
            errors.Invalid("involvedObject.namespace", ns, "does not match event.namespace");
    }

    public override bool IsNumerous => true;

    public override IReadOnlyList<string> SelectableFields { get; } =
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ];

    protected override string? SelectableField(Event e, string path) => path switch
    {
        "involvedObject.kind" => e.InvolvedObject.Kind,
        "involvedObject.namespace" => e.InvolvedObject.Namespace,
        "involvedObject.name" => e.InvolvedObject.Name,
        "involvedObject.uid" => e.InvolvedObject.Uid,
        "involvedObject.apiVersion" => e.InvolvedObject.ApiVersion,
        "involvedObject.resourceVersion" => e.InvolvedObject.ResourceVersion,
        "involvedObject.fieldPath" => e.InvolvedObject.FieldPath,
        "reason" => e.Reason,
        "reportingComponent" => e.ReportingComponent,
        "source" => string.IsNullOrEmpty(e.Source?.Component) ? e.ReportingComponent : e.Source.Component,
        "type" => e.Type,
        _ => null,
    };

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Text("Last Seen", "When the event last happened."), Column.Text("Type", "Normal or Warning."),
        Column.Text("Reason", "Why, in one word."), Column.Text("Object", "What it is about."),
        Column.Wide("Subobject", "The part of the object it is about."), Column.Wide("Source", "Who reported it."),
        Column.Text("Message", "What happened."), Column.Wide("First Seen", "When the event first happened."),
        Column.Wide("Count", "How often it happened."), Column.Name with { Priority = 1 },
    ];

    protected override IReadOnlyList<object?> Cells(Event e, DateTime now)
    {
        var first = e.FirstTimestamp ?? e.EventTime;
        var last = e.Series?.LastObservedTime ?? e.LastTimestamp ?? first;
        return
        [
            Cell.Since(last, now), e.Type ?? "", e.Reason ?? "", $"{e.InvolvedObject.Kind?.ToLowerInvariant()}/{e.InvolvedObject.Name}",
            e.InvolvedObject.FieldPath ?? "", Source(e), e.Message?.Trim() ?? "", Cell.Since(first, now), e.Series?.Count ?? e.Count ?? 1, e.Name,
        ];
    }

    private static string Source(Event e)
    {
        var component = string.IsNullOrEmpty(e.Source?.Component) ? e.ReportingComponent : e.Source.Component;
        var host = string.IsNullOrEmpty(e.Source?.Host) ? e.ReportingInstance : e.Source.Host;
        return string.IsNullOrEmpty(host) ? component ?? "" : $"{component}, {host}";
    }
}
