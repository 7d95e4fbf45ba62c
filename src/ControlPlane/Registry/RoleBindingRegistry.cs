using ControlPlane.Registry.Rbac;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Gives a Role, or a ClusterRole's rules within one namespace.</summary>
internal sealed class RoleBindingRegistry : KindRegistry<RoleBinding>
{
    public override bool CreatesOnUpdate => true;

    protected override Func<string, string?> NameRule => Names.PathSegment;

    protected override RoleBinding Default(RoleBinding binding) =>
        binding with { RoleRef = BindingRules.Default(binding.RoleRef), Subjects = BindingRules.Default(binding.Subjects) };

    protected override void Validate(RoleBinding binding, FieldErrors errors) =>
        BindingRules.Validate(binding.RoleRef, binding.Subjects, namespaced: true, ["Role", "ClusterRole"], errors);

    protected override void ValidateChange(RoleBinding old, RoleBinding updated, FieldErrors errors) =>
        BindingRules.ValidateChange(old.RoleRef, updated.RoleRef, errors);

    public override IReadOnlyList<TableColumnDefinition> Columns => BindingRules.Columns;

    protected override IReadOnlyList<object?> Cells(RoleBinding binding, DateTime now) => BindingRules.Cells(binding, binding.RoleRef, binding.Subjects, now);
}
