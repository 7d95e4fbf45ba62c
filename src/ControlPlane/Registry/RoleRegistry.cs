using ControlPlane.Registry.Rbac;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Rules for the objects of one namespace.</summary>
internal sealed class RoleRegistry : KindRegistry<Role>
{
    public override bool CreatesOnUpdate => true;

    protected override Func<string, string?> NameRule => Names.PathSegment;

    protected override void Validate(Role role, FieldErrors errors) => PolicyRules.Validate(role.Rules, namespaced: true, errors);

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } = [Column.Name, Column.CreatedAt];

    protected override IReadOnlyList<object?> Cells(Role role, DateTime now) => [role.Name, Cell.CreatedAt(role)];
}
