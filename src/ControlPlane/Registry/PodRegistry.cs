using ControlPlane.Registry.Pods;
using ControlPlane.Registry.Tables;
using KubeApi.Defaults;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Defaults as admission adds them, a spec that hardly changes, and the row that people look at most.</summary>
internal sealed class PodRegistry : KindRegistry<Pod>
{
    public override bool HasStatus => true;

    protected override IReadOnlyList<Subresource> NamedSubresources { get; } =
    [
        Subresource.Posted<Binding>("binding"), Subresource.Posted<Eviction>("eviction"), Subresource.Stream<PodAttachOptions>("attach"), Subresource.Stream<PodExecOptions>("exec"),
        Subresource.Stream<PodPortForwardOptions>("portforward"), Subresource.Proxy<PodProxyOptions>(), Subresource.Text<Pod>("log"), Subresource.Part<Pod>("ephemeralcontainers"),
    ];

    protected override object? Generated(Pod pod) => pod.Spec;

    protected override Pod Default(Pod pod) => PodDefaults.Apply(pod);

    protected override Pod WithInitialStatus(Pod pod) => pod with
    {
        Status = new PodStatus
        {
            Phase = "Pending", QosClass = PodDefaults.QosClass(pod.Spec ?? new PodSpec()), Conditions = pod.Spec?.SchedulingGates is { Count: > 0 } ? [Gated] : null,
        },
    };

    /// <summary>No scheduler looks at the pod before its gates are gone (KEP-3521).</summary>
    private static readonly PodCondition Gated = new()
    {
        Type = "PodScheduled", Status = "False", Reason = "SchedulingGated", Message = "Scheduling is blocked due to non-empty scheduling gates",
    };

    /// <summary>The class of service follows from the spec and stays, whatever a status update says.</summary>
    protected override Pod WithStatusOf(Pod pod, Pod source) => pod with
    {
        Status = source.Status is { } status ? status with { QosClass = status.QosClass ?? pod.Status?.QosClass } : null,
    };

    protected override void Validate(Pod pod, FieldErrors errors)
    {
        PodSpecValidation.Validate(pod.Spec ?? new PodSpec(), "spec", errors);
        if (pod.Spec is { NodeName.Length: > 0, SchedulingGates.Count: > 0 }) errors.Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
    }

    /// <summary>Later they are added by a subresource, and stay.</summary>
    protected override void ValidateNew(Pod pod, FieldErrors errors)
    {
        if (pod.Spec?.EphemeralContainers is { Count: > 0 }) errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
    }

    protected override void ValidateChange(Pod old, Pod updated, FieldErrors errors) =>
        PodUpdateValidation.Validate(old.Spec ?? new PodSpec(), updated.Spec ?? new PodSpec(), Same, errors);

    protected override IEnumerable<string> CreateWarnings(Pod pod) => PodAdvice.OfName(pod.Name, "the Pod's hostname");

    protected override IEnumerable<string> Warnings(Pod pod) => PodWarnings.Of(pod.Spec, "spec");

    public override bool IsNumerous => true;

    public override IReadOnlyList<string> SelectableFields { get; } =
    [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
        "status.podIPs", "status.nominatedNodeName",
    ];

    protected override string? SelectableField(Pod pod, string path) => path switch
    {
        "spec.nodeName" => pod.Spec?.NodeName ?? "",
        "spec.restartPolicy" => pod.Spec?.RestartPolicy ?? "",
        "spec.schedulerName" => pod.Spec?.SchedulerName ?? "",
        "spec.serviceAccountName" => pod.Spec?.ServiceAccountName ?? "",
        "spec.hostNetwork" => pod.Spec?.HostNetwork == true ? "true" : "false",
        "status.phase" => pod.Status?.Phase ?? "",
        "status.podIP" or "status.podIPs" => pod.Status?.PodIP ?? "",
        "status.nominatedNodeName" => pod.Status?.NominatedNodeName ?? "",
        _ => null,
    };

    protected override void ValidateStatus(Pod old, Pod updated, FieldErrors errors) => PodStatusValidation.Validate(old, updated, errors);

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("Ready", "Containers that are ready, of all."), Column.Text("Status", "What the pod does, in one word."),
        Column.Text("Restarts", "How often its containers were started again."), Column.Age, Column.Wide("IP", "Address of the pod."),
        Column.Wide("Node", "Node that runs it."), Column.Wide("Nominated Node", "Node held free for it."),
        Column.Wide("Readiness Gates", "Further conditions that hold, of all."),
    ];

    protected override IReadOnlyList<object?> Cells(Pod pod, DateTime now)
    {
        var row = new PodRow(pod);
        return
        [
            pod.Name, row.Ready, row.Status, row.Restarts(now), Cell.Age(pod, now),
            Cell.OrNone(pod.Status?.PodIPs is [var first, ..] ? first.Ip : pod.Status?.PodIP),
            Cell.OrNone(pod.Spec?.NodeName), Cell.OrNone(pod.Status?.NominatedNodeName), ReadinessGates(pod),
        ];
    }

    private static string ReadinessGates(Pod pod)
    {
        var gates = pod.Spec?.ReadinessGates ?? [];
        var open = gates.Count(gate => pod.Status?.Conditions?.Any(c => c.Type == gate.ConditionType && c.Status == "True") == true);
        return gates.Count == 0 ? Cell.None : $"{open}/{gates.Count}";
    }

    protected override IReadOnlyList<TableRowCondition>? RowConditions(Pod pod) => pod.Status?.Phase switch
    {
        "Succeeded" => [new TableRowCondition("Completed", "True", "Succeeded", "The pod has completed successfully.")],
        "Failed" => [new TableRowCondition("Completed", "True", "Failed", "The pod failed.")],
        _ => null,
    };
}
