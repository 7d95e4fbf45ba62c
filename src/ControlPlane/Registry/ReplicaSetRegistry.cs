using ControlPlane.Registry.Pods;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Defaults;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>A selector that never changes and selects the pods of the template.</summary>
internal sealed class ReplicaSetRegistry : ReplicatedRegistry<ReplicaSet>
{
    protected override PodTemplateSpec? Template(ReplicaSet set) => set.Spec?.Template;

    protected override LabelSelector? FixedSelector(ReplicaSet set) => set.Spec?.Selector;

    protected override ReplicaScale ScaleOf(ReplicaSet set) => new(set.Spec?.Replicas, set.Status?.Replicas, Text(set.Spec?.Selector));

    protected override ReplicaSet WithReplicas(ReplicaSet set, int replicas) => set with { Spec = (set.Spec ?? new ReplicaSetSpec()) with { Replicas = replicas } };

    protected override object Generated(ReplicaSet set) => set.Spec ?? new ReplicaSetSpec();

    protected override ReplicaSet Default(ReplicaSet set)
    {
        var spec = set.Spec ?? new ReplicaSetSpec();
        return set with
        {
            Spec = spec with { Replicas = spec.Replicas ?? 1, Template = spec.Template is null ? null : PodSpecDefaults.Apply(spec.Template) },
        };
    }

    protected override ReplicaSet WithInitialStatus(ReplicaSet set) => set with { Status = new ReplicaSetStatus() };

    protected override ReplicaSet WithStatusOf(ReplicaSet set, ReplicaSet source) => set with { Status = source.Status };

    protected override void Validate(ReplicaSet set, FieldErrors errors)
    {
        var spec = set.Spec ?? new ReplicaSetSpec();
        WorkloadValidation.NotNegative("spec.replicas", spec.Replicas, errors);
        WorkloadValidation.NotNegative("spec.minReadySeconds", spec.MinReadySeconds, errors);
        LabelSelectorValidation.ValidateForTemplate(spec.Selector, spec.Template, "replicaset", errors);
        WorkloadValidation.Template(spec.Template, "ReplicaSet", errors);
    }

    public override IReadOnlyList<string> SelectableFields { get; } = ["status.replicas"];

    protected override string? SelectableField(ReplicaSet set, string path) => path == "status.replicas" ? $"{set.Status?.Replicas ?? 0}" : null;

    protected override void ValidateStatus(ReplicaSet old, ReplicaSet updated, FieldErrors errors)
    {
        if (updated.Status is { } status)
            StatusValidation.Replicas(status.Replicas, ("fullyLabeledReplicas", status.FullyLabeledReplicas), status.ReadyReplicas, status.AvailableReplicas, errors);
    }

    public override IReadOnlyList<TableColumnDefinition> Columns => Workload.ReplicaColumns;

    protected override IReadOnlyList<object?> Cells(ReplicaSet set, DateTime now) =>
    [
        set.Name, set.Spec?.Replicas ?? 0, set.Status?.Replicas ?? 0, set.Status?.ReadyReplicas ?? 0, Cell.Age(set, now),
        Workload.Containers(set.Spec?.Template), Workload.Images(set.Spec?.Template), Workload.Selector(set.Spec?.Selector),
    ];
}
