using ControlPlane.Registry.Pods;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Defaults;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>The older form of a ReplicaSet: its selector is a map and may be left out.</summary>
internal sealed class ReplicationControllerRegistry : ReplicatedRegistry<ReplicationController>
{
    protected override PodTemplateSpec? Template(ReplicationController rc) => rc.Spec?.Template;

    protected override LabelSelector? FixedSelector(ReplicationController rc) => null;

    protected override ReplicaScale ScaleOf(ReplicationController rc) => new(rc.Spec?.Replicas, rc.Status?.Replicas, rc.Spec?.Selector is { } labels ? KubeApi.Selector.OfLabels(labels).ToString() : null);

    protected override ReplicationController WithReplicas(ReplicationController rc, int replicas) => rc with { Spec = (rc.Spec ?? new ReplicationControllerSpec()) with { Replicas = replicas } };

    protected override object Generated(ReplicationController rc) => rc.Spec ?? new ReplicationControllerSpec();

    /// <summary>Selector and labels come from the template where they are absent; that is what makes <c>delete rc -l app=x</c> work.</summary>
    protected override ReplicationController Default(ReplicationController rc)
    {
        var spec = rc.Spec ?? new ReplicationControllerSpec();
        var labels = spec.Template?.Metadata?.Labels;
        return rc with
        {
            Metadata = rc.Metadata.Labels is { Count: > 0 } ? rc.Metadata : rc.Metadata with { Labels = labels },
            Spec = spec with
            {
                Replicas = spec.Replicas ?? 1,
                Selector = spec.Selector is { Count: > 0 } ? spec.Selector : labels,
                Template = spec.Template is null ? null : PodSpecDefaults.Apply(spec.Template),
            },
        };
    }

    protected override ReplicationController WithInitialStatus(ReplicationController rc) => rc with { Status = new ReplicationControllerStatus() };

    protected override ReplicationController WithStatusOf(ReplicationController rc, ReplicationController source) => rc with { Status = source.Status };

    protected override void Validate(ReplicationController rc, FieldErrors errors)
    {
        var spec = rc.Spec ?? new ReplicationControllerSpec();
        WorkloadValidation.NotNegative("spec.replicas", spec.Replicas, errors);
        WorkloadValidation.NotNegative("spec.minReadySeconds", spec.MinReadySeconds, errors);
        if (spec.Selector is not { Count: > 0 } selector) errors.Required("spec.selector");
        else
        {
            ObjectMetaValidation.Labels(selector, "spec.selector", errors);
            var labels = spec.Template?.Metadata?.Labels;
            if (spec.Template is not null && !KubeApi.Selector.OfLabels(selector).Matches(labels))
                errors.Invalid("spec.template.metadata.labels", labels ?? new Dictionary<string, string>(), "`selector` does not match template `labels`");
        }
        WorkloadValidation.Template(spec.Template, "ReplicationController", errors);
    }

    public override IReadOnlyList<string> SelectableFields { get; } = ["status.replicas"];

    protected override string? SelectableField(ReplicationController rc, string path) => path == "status.replicas" ? $"{rc.Status?.Replicas ?? 0}" : null;

    protected override void ValidateStatus(ReplicationController old, ReplicationController updated, FieldErrors errors)
    {
        if (updated.Status is { } status)
            StatusValidation.Replicas(status.Replicas, ("fullyLabeledReplicas", status.FullyLabeledReplicas), status.ReadyReplicas, status.AvailableReplicas, errors);
    }

    public override IReadOnlyList<TableColumnDefinition> Columns => Workload.ReplicaColumns;

    protected override IReadOnlyList<object?> Cells(ReplicationController rc, DateTime now) =>
    [
        rc.Name, rc.Spec?.Replicas ?? 0, rc.Status?.Replicas ?? 0, rc.Status?.ReadyReplicas ?? 0, Cell.Age(rc, now),
        Workload.Containers(rc.Spec?.Template), Workload.Images(rc.Spec?.Template), Cell.Labels(rc.Spec?.Selector),
    ];
}
