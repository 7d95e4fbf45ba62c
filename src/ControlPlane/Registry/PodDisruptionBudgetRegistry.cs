using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>How many pods must stay, or how many may go: one of the two.</summary>
internal sealed class PodDisruptionBudgetRegistry : KindRegistry<PodDisruptionBudget>
{
    public override bool InsistsOnRevision => true;

    public override bool HasStatus => true;

    protected override object Generated(PodDisruptionBudget budget) => budget.Spec ?? new PodDisruptionBudgetSpec();

    protected override PodDisruptionBudget WithInitialStatus(PodDisruptionBudget budget) => budget with { Status = new PodDisruptionBudgetStatus() };

    protected override PodDisruptionBudget WithStatusOf(PodDisruptionBudget budget, PodDisruptionBudget source) => budget with { Status = source.Status };

    protected override void Validate(PodDisruptionBudget budget, FieldErrors errors)
    {
        var spec = budget.Spec ?? new PodDisruptionBudgetSpec();
        if (spec.MinAvailable is not null && spec.MaxUnavailable is not null) errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        Amount("spec.minAvailable", spec.MinAvailable, errors);
        Amount("spec.maxUnavailable", spec.MaxUnavailable, errors);
        LabelSelectorValidation.Validate(spec.Selector, "spec.selector", errors);
        if (spec.UnhealthyPodEvictionPolicy is { } policy and not ("AlwaysAllow" or "IfHealthyBudget"))
            errors.NotSupported("spec.unhealthyPodEvictionPolicy", policy, ["AlwaysAllow", "IfHealthyBudget"]);
        ValidateStatus(budget.Status ?? new PodDisruptionBudgetStatus(), errors);
    }

    private static void Amount(string path, IntOrString? amount, FieldErrors errors)
    {
        if (AmountValidation.Validate(path, amount, errors)) AmountValidation.NotMoreThanAll(path, amount, errors);
    }

    private static void ValidateStatus(PodDisruptionBudgetStatus status, FieldErrors errors)
    {
        WorkloadValidation.NotNegative("status.disruptionsAllowed", status.DisruptionsAllowed, errors);
        WorkloadValidation.NotNegative("status.currentHealthy", status.CurrentHealthy, errors);
        WorkloadValidation.NotNegative("status.desiredHealthy", status.DesiredHealthy, errors);
        WorkloadValidation.NotNegative("status.expectedPods", status.ExpectedPods, errors);
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("Min Available", "Pods that must stay."), Column.Text("Max Unavailable", "Pods that may be missing."),
        Column.Number("Allowed Disruptions", "Pods that may be taken away now."), Column.Age,
    ];

    protected override IReadOnlyList<object?> Cells(PodDisruptionBudget budget, DateTime now) =>
    [
        budget.Name, budget.Spec?.MinAvailable?.ToString() ?? "N/A", budget.Spec?.MaxUnavailable?.ToString() ?? "N/A",
        budget.Status?.DisruptionsAllowed ?? 0, Cell.Age(budget, now),
    ];
}
