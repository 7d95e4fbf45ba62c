using ControlPlane.Registry;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Registry;

public sealed class RbacValidationTests
{
    [Fact]
    public void A_rule_needs_verbs_and_either_resources_of_a_group_or_paths()
    {
        Assert.Equal(["rules[0].verbs: Required value: verbs must contain at least one value",
                "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
                "rules[0].resources: Required value: resource rules must supply at least one resource"],
            Problems(new ClusterRoleRegistry(), new ClusterRole { Rules = [new PolicyRule()] }));
        Assert.Equal(["rules[0].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources and non-resource URLs"],
            Problems(new ClusterRoleRegistry(), new ClusterRole { Rules = [new PolicyRule { Verbs = ["get"], NonResourceURLs = ["/x"], ApiGroups = [""] }] }));
        Assert.Equal(["rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs"],
            Problems(new RoleRegistry(), new Role { Metadata = new() { Namespace = "n" }, Rules = [new PolicyRule { Verbs = ["get"], NonResourceURLs = ["/x"] }] }));
        Assert.Equal(["aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil"],
            Problems(new ClusterRoleRegistry(), new ClusterRole { AggregationRule = new() }));
    }

    [Fact]
    public void A_binding_names_an_existing_kind_of_role_and_of_subjects()
    {
        Assert.Equal(
            [
                "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"", "roleRef.name: Required value",
                "subjects[0].namespace: Required value", "subjects[1].kind: Unsupported value: \"Robot\": supported values: \"Group\", \"ServiceAccount\", \"User\"",
            ],
            Problems(new ClusterRoleBindingRegistry(), new ClusterRoleBinding
            {
                RoleRef = new() { Kind = "Role" }, Subjects = [new() { Kind = "ServiceAccount", Name = "a" }, new() { Kind = "Robot", Name = "r" }],
            }));
        Assert.Equal(["subjects[0].apiGroup: Unsupported value: \"apps\": supported values: \"rbac.authorization.k8s.io\""],
            Problems(new RoleBindingRegistry(), new RoleBinding
            {
                Metadata = new() { Namespace = "n" }, RoleRef = new() { Kind = "Role", Name = "system:x" }, Subjects = [new() { Kind = "User", Name = "Jane@Example", ApiGroup = "apps" }],
            }));
    }

    [Fact]
    public void A_role_of_a_binding_never_changes()
    {
        var registry = new ClusterRoleBindingRegistry();
        var old = (ClusterRoleBinding)registry.Default(new ClusterRoleBinding { Metadata = new() { Name = "b" }, RoleRef = new() { Kind = "ClusterRole", Name = "view" } });
        var errors = new FieldErrors();
        registry.ValidateUpdate(old, old with { RoleRef = old.RoleRef with { Name = "cluster-admin" } }, errors);
        Assert.Contains("cannot change roleRef", Assert.Single(errors.Causes).Message);
    }

    [Fact]
    public void Wide_columns_of_a_binding_tell_its_subjects()
    {
        var registry = new RoleBindingRegistry();
        var binding = registry.Default(new RoleBinding
        {
            Metadata = new() { Name = "b", Namespace = "n" }, RoleRef = new() { Kind = "Role", Name = "r" },
            Subjects = [new() { Kind = "User", Name = "jane" }, new() { Kind = "User", Name = "joe" }, new() { Kind = "Group", Name = "devs" }, new() { Kind = "ServiceAccount", Name = "a", Namespace = "m" }],
        });
        Assert.Equal(["b", "Role/r", "<unknown>", "jane, joe", "devs", "m/a"], registry.Cells(binding, DateTime.UtcNow));
    }

    private static IEnumerable<string> Problems(KindRegistry registry, KubeObject obj)
    {
        var errors = new FieldErrors();
        registry.ValidateCreate(registry.Default(obj with { Metadata = obj.Metadata with { Name = "system:name" } }), errors);
        return errors.Causes.Select(cause => $"{cause.Field}: {cause.Message}");
    }
}
