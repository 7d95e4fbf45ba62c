using ControlPlane.Registry.Pods;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Defaults;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>One pod per node; while they are replaced, nodes are either without a pod for a while or have two.</summary>
internal sealed class DaemonSetRegistry : WorkloadRegistry<DaemonSet>
{
    protected override object Generated(DaemonSet set) => set.Spec ?? new DaemonSetSpec();

    protected override PodTemplateSpec? Template(DaemonSet set) => set.Spec?.Template;

    protected override LabelSelector? FixedSelector(DaemonSet set) => set.Spec?.Selector;

    /// <summary>None: Kubernetes does not mind the names of these.</summary>
    protected override IEnumerable<string> CreateWarnings(DaemonSet set) => [];

    protected override DaemonSet Default(DaemonSet set)
    {
        var spec = set.Spec ?? new DaemonSetSpec();
        return set with
        {
            Spec = spec with
            {
                RevisionHistoryLimit = spec.RevisionHistoryLimit ?? 10,
                UpdateStrategy = Strategy(spec.UpdateStrategy ?? new DaemonSetUpdateStrategy()),
                Template = PodSpecDefaults.Apply(spec.Template),
            },
        };
    }

    private static DaemonSetUpdateStrategy Strategy(DaemonSetUpdateStrategy strategy)
    {
        strategy = strategy with { Type = PodSpecDefaults.Or(strategy.Type, "RollingUpdate") };
        if (strategy.Type != "RollingUpdate") return strategy;
        var rolling = strategy.RollingUpdate ?? new RollingUpdateDaemonSet();
        return strategy with { RollingUpdate = rolling with { MaxUnavailable = rolling.MaxUnavailable ?? 1, MaxSurge = rolling.MaxSurge ?? 0 } };
    }

    protected override DaemonSet WithInitialStatus(DaemonSet set) => set with { Status = new DaemonSetStatus() };

    protected override DaemonSet WithStatusOf(DaemonSet set, DaemonSet source) => set with { Status = source.Status };

    protected override void Validate(DaemonSet set, FieldErrors errors)
    {
        var spec = set.Spec ?? new DaemonSetSpec();
        LabelSelectorValidation.ValidateForTemplate(spec.Selector, spec.Template, "daemonset", errors);
        WorkloadValidation.Template(spec.Template, "DaemonSet", errors);
        WorkloadValidation.NotNegative("spec.minReadySeconds", spec.MinReadySeconds, errors);
        WorkloadValidation.NotNegative("spec.revisionHistoryLimit", spec.RevisionHistoryLimit, errors);
        ValidateStrategy(spec.UpdateStrategy ?? new DaemonSetUpdateStrategy(), errors);
        ValidateStatus(set.Status ?? new DaemonSetStatus(), errors);
    }

    private static void ValidateStrategy(DaemonSetUpdateStrategy strategy, FieldErrors errors)
    {
        errors.OneOf("spec.updateStrategy.type", strategy.Type, "OnDelete", "RollingUpdate");
        if (strategy is not { Type: "RollingUpdate", RollingUpdate: { } rolling }) return;
        const string path = "spec.updateStrategy.rollingUpdate";
        if (!AmountValidation.Validate($"{path}.maxUnavailable", rolling.MaxUnavailable, errors) | !AmountValidation.Validate($"{path}.maxSurge", rolling.MaxSurge, errors)) return;
        AmountValidation.NotMoreThanAll($"{path}.maxUnavailable", rolling.MaxUnavailable, errors);
        AmountValidation.NotMoreThanAll($"{path}.maxSurge", rolling.MaxSurge, errors);
        switch (AmountValidation.IsZero(rolling.MaxUnavailable), AmountValidation.IsZero(rolling.MaxSurge))
        {
            case (false, false): errors.Invalid($"{path}.maxSurge", rolling.MaxSurge, "may not be set when maxUnavailable is non-zero"); break;
            case (true, true): errors.Required($"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0"); break;
        }
    }

    private static void ValidateStatus(DaemonSetStatus status, FieldErrors errors)
    {
        WorkloadValidation.NotNegative("status.currentNumberScheduled", status.CurrentNumberScheduled, errors);
        WorkloadValidation.NotNegative("status.numberMisscheduled", status.NumberMisscheduled, errors);
        WorkloadValidation.NotNegative("status.desiredNumberScheduled", status.DesiredNumberScheduled, errors);
        WorkloadValidation.NotNegative("status.numberReady", status.NumberReady, errors);
        WorkloadValidation.NotNegative("status.updatedNumberScheduled", status.UpdatedNumberScheduled, errors);
        WorkloadValidation.NotNegative("status.numberAvailable", status.NumberAvailable, errors);
        WorkloadValidation.NotNegative("status.numberUnavailable", status.NumberUnavailable, errors);
        WorkloadValidation.NotNegative("status.collisionCount", status.CollisionCount, errors);
    }

    protected override void ValidateStatus(DaemonSet old, DaemonSet updated, FieldErrors errors) =>
        StatusValidation.CollisionCount(old.Status?.CollisionCount, updated.Status?.CollisionCount, errors);

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Number("Desired", "Nodes that should run the pod."), Column.Number("Current", "Nodes that have it and should."),
        Column.Number("Ready", "Nodes where it is ready."), Column.Number("Up-to-date", "Nodes that have it of the present template."),
        Column.Number("Available", "Nodes where it has been ready for minReadySeconds."), Column.Text("Node Selector", "Labels of the nodes that run it."),
        Column.Age, .. Workload.WideColumns,
    ];

    protected override IReadOnlyList<object?> Cells(DaemonSet set, DateTime now)
    {
        var status = set.Status ?? new DaemonSetStatus();
        return
        [
            set.Name, status.DesiredNumberScheduled, status.CurrentNumberScheduled, status.NumberReady, status.UpdatedNumberScheduled ?? 0, status.NumberAvailable ?? 0,
            Cell.Labels(set.Spec?.Template.Spec?.NodeSelector), Cell.Age(set, now), Workload.Containers(set.Spec?.Template), Workload.Images(set.Spec?.Template),
            Workload.Selector(set.Spec?.Selector),
        ];
    }
}
