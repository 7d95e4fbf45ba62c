using ControlPlane.Registry.Rbac;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Rules for the whole cluster, given or put together from other cluster roles.</summary>
internal sealed class ClusterRoleRegistry : KindRegistry<ClusterRole>
{
    public override bool CreatesOnUpdate => true;

    protected override Func<string, string?> NameRule => Names.PathSegment;

    protected override void Validate(ClusterRole role, FieldErrors errors)
    {
        PolicyRules.Validate(role.Rules, namespaced: false, errors);
        PolicyRules.Validate(role.AggregationRule, errors);
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } = [Column.Name, Column.CreatedAt];

    protected override IReadOnlyList<object?> Cells(ClusterRole role, DateTime now) => [role.Name, Cell.CreatedAt(role)];
}
