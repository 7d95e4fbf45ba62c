using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// The form that kubectl before 1.21 creates and describes: field by field that of version v1, whose rules hold. An
/// empty selector selects every pod here too, where the real v1beta1 selected none.
/// </summary>
internal sealed class PodDisruptionBudgetV1Beta1Registry : KindRegistry<PodDisruptionBudgetV1Beta1>
{
    private static readonly PodDisruptionBudgetRegistry V1 = new();

    public override bool IsStored => false;

    public override KindRegistry Stored => V1;

    public override string Deprecation => "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 PodDisruptionBudget";

    public override KubeObject ToStored(KubeObject obj)
    {
        var budget = (PodDisruptionBudgetV1Beta1)obj;
        return new PodDisruptionBudget { Kind = V1.Resource.Kind, ApiVersion = V1.Resource.ApiVersion, Metadata = budget.Metadata, Spec = budget.Spec, Status = budget.Status };
    }

    public override KubeObject FromStored(KubeObject obj)
    {
        var budget = (PodDisruptionBudget)obj;
        return new PodDisruptionBudgetV1Beta1 { Kind = Resource.Kind, ApiVersion = Resource.ApiVersion, Metadata = budget.Metadata, Spec = budget.Spec, Status = budget.Status };
    }

    /// <summary>The stored kind's rules say it all.</summary>
    protected override void Validate(PodDisruptionBudgetV1Beta1 budget, FieldErrors errors) { }

    public override IReadOnlyList<TableColumnDefinition> Columns => V1.Columns;

    protected override IReadOnlyList<object?> Cells(PodDisruptionBudgetV1Beta1 budget, DateTime now) => V1.Cells(ToStored(budget), now);
}
