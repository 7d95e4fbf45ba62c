using ControlPlane.Registry.Rbac;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Gives a ClusterRole everywhere.</summary>
internal sealed class ClusterRoleBindingRegistry : KindRegistry<ClusterRoleBinding>
{
    public override bool CreatesOnUpdate => true;

    protected override Func<string, string?> NameRule => Names.PathSegment;

    protected override ClusterRoleBinding Default(ClusterRoleBinding binding) =>
        binding with { RoleRef = BindingRules.Default(binding.RoleRef), Subjects = BindingRules.Default(binding.Subjects) };

    protected override void Validate(ClusterRoleBinding binding, FieldErrors errors) =>
        BindingRules.Validate(binding.RoleRef, binding.Subjects, namespaced: false, ["ClusterRole"], errors);

    protected override void ValidateChange(ClusterRoleBinding old, ClusterRoleBinding updated, FieldErrors errors) =>
        BindingRules.ValidateChange(old.RoleRef, updated.RoleRef, errors);

    public override IReadOnlyList<TableColumnDefinition> Columns => BindingRules.Columns;

    protected override IReadOnlyList<object?> Cells(ClusterRoleBinding binding, DateTime now) => BindingRules.Cells(binding, binding.RoleRef, binding.Subjects, now);
}
