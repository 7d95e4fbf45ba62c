using ControlPlane.Registry.Pods;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Defaults;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>A ReplicaSet's rules and those of the strategy by which pods are replaced.</summary>
internal sealed class DeploymentRegistry : ReplicatedRegistry<Deployment>
{
    protected override PodTemplateSpec? Template(Deployment deployment) => deployment.Spec?.Template;

    protected override LabelSelector? FixedSelector(Deployment deployment) => deployment.Spec?.Selector;

    protected override ReplicaScale ScaleOf(Deployment deployment) => new(deployment.Spec?.Replicas, deployment.Status?.Replicas, Text(deployment.Spec?.Selector));

    protected override Deployment WithReplicas(Deployment deployment, int replicas) => deployment with { Spec = (deployment.Spec ?? new DeploymentSpec()) with { Replicas = replicas } };

    protected override object Generated(Deployment deployment) => deployment.Spec ?? new DeploymentSpec();

    protected override Deployment Default(Deployment deployment)
    {
        var spec = deployment.Spec ?? new DeploymentSpec();
        return deployment with
        {
            Spec = spec with
            {
                Replicas = spec.Replicas ?? 1,
                RevisionHistoryLimit = spec.RevisionHistoryLimit ?? 10,
                ProgressDeadlineSeconds = spec.ProgressDeadlineSeconds ?? 600,
                Strategy = Strategy(spec.Strategy ?? new DeploymentStrategy()),
                Template = PodSpecDefaults.Apply(spec.Template),
            },
        };
    }

    private static DeploymentStrategy Strategy(DeploymentStrategy strategy)
    {
        strategy = strategy with { Type = PodSpecDefaults.Or(strategy.Type, "RollingUpdate") };
        if (strategy.Type != "RollingUpdate") return strategy;
        var rolling = strategy.RollingUpdate ?? new RollingUpdateDeployment();
        return strategy with { RollingUpdate = rolling with { MaxUnavailable = rolling.MaxUnavailable ?? "25%", MaxSurge = rolling.MaxSurge ?? "25%" } };
    }

    protected override Deployment WithInitialStatus(Deployment deployment) => deployment with { Status = new DeploymentStatus() };

    protected override Deployment WithStatusOf(Deployment deployment, Deployment source) => deployment with { Status = source.Status };

    protected override void Validate(Deployment deployment, FieldErrors errors)
    {
        var spec = deployment.Spec ?? new DeploymentSpec();
        WorkloadValidation.NotNegative("spec.replicas", spec.Replicas, errors);
        LabelSelectorValidation.ValidateForTemplate(spec.Selector, spec.Template, "deployment", errors);
        WorkloadValidation.Template(spec.Template, "ReplicaSet", errors); // Kubernetes words it so for Deployments too
        ValidateStrategy(spec.Strategy ?? new DeploymentStrategy(), errors);
        WorkloadValidation.NotNegative("spec.minReadySeconds", spec.MinReadySeconds, errors);
        WorkloadValidation.NotNegative("spec.revisionHistoryLimit", spec.RevisionHistoryLimit, errors);
        WorkloadValidation.NotNegative("spec.progressDeadlineSeconds", spec.ProgressDeadlineSeconds, errors);
        if (spec.ProgressDeadlineSeconds is { } deadline && deadline <= (spec.MinReadySeconds ?? 0))
            errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
    }

    private static void ValidateStrategy(DeploymentStrategy strategy, FieldErrors errors)
    {
        errors.OneOf("spec.strategy.type", strategy.Type, "Recreate", "RollingUpdate");
        if (strategy is { Type: "Recreate", RollingUpdate: not null })
            errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        if (strategy is not { Type: "RollingUpdate", RollingUpdate: { } rolling }) return;
        const string path = "spec.strategy.rollingUpdate";
        if (!AmountValidation.Validate($"{path}.maxUnavailable", rolling.MaxUnavailable, errors) | !AmountValidation.Validate($"{path}.maxSurge", rolling.MaxSurge, errors)) return;
        if (AmountValidation.IsZero(rolling.MaxUnavailable) && AmountValidation.IsZero(rolling.MaxSurge))
            errors.Invalid($"{path}.maxUnavailable", rolling.MaxUnavailable, "may not be 0 when `maxSurge` is 0");
        AmountValidation.NotMoreThanAll($"{path}.maxUnavailable", rolling.MaxUnavailable, errors);
    }

    protected override void ValidateStatus(Deployment old, Deployment updated, FieldErrors errors)
    {
        if (updated.Status is { } status)
            StatusValidation.Replicas(status.Replicas ?? 0, ("updatedReplicas", status.UpdatedReplicas), status.ReadyReplicas, status.AvailableReplicas, errors);
        StatusValidation.CollisionCount(old.Status?.CollisionCount, updated.Status?.CollisionCount, errors);
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("Ready", "Pods that are ready, of those wanted."), Column.Number("Up-to-date", "Pods of the present template."),
        Column.Number("Available", "Pods that have been ready for minReadySeconds."), Column.Age, .. Workload.WideColumns,
    ];

    protected override IReadOnlyList<object?> Cells(Deployment deployment, DateTime now) =>
    [
        deployment.Name, $"{deployment.Status?.ReadyReplicas ?? 0}/{deployment.Spec?.Replicas ?? 0}", deployment.Status?.UpdatedReplicas ?? 0,
        deployment.Status?.AvailableReplicas ?? 0, Cell.Age(deployment, now), Workload.Containers(deployment.Spec?.Template),
        Workload.Images(deployment.Spec?.Template), Workload.Selector(deployment.Spec?.Selector),
    ];
}
