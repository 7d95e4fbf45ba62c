using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Rules that allow actions within one namespace; given to somebody by a RoleBinding.</summary>
[ApiType("io.k8s.api.rbac.v1.Role")]
[Kind("rbac.authorization.k8s.io", "v1", "Role", "roles")]
public sealed record Role : KubeObject
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<PolicyRule>? Rules { get; init; }
}

/// <summary>Rules that allow actions in every namespace, on objects without one, and on paths that are no resource.</summary>
[ApiType("io.k8s.api.rbac.v1.ClusterRole")]
[Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced = false)]
public sealed record ClusterRole : KubeObject
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<PolicyRule>? Rules { get; init; }

    [Field(3)]
    public AggregationRule? AggregationRule { get; init; }
}

/// <summary>Selects the cluster roles whose rules together make the rules of this one.</summary>
[ApiType("io.k8s.api.rbac.v1.AggregationRule")]
public sealed record AggregationRule
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<LabelSelector>? ClusterRoleSelectors { get; init; }
}

/// <summary>Allows verbs on resources, or on paths that are no resource.</summary>
[ApiType("io.k8s.api.rbac.v1.PolicyRule")]
public sealed record PolicyRule
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Verbs { get; init; } = [];

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? ApiGroups { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Resources { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? ResourceNames { get; init; }

    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? NonResourceURLs { get; init; }
}

/// <summary>Gives the rules of a role to users, groups and service accounts within one namespace.</summary>
[ApiType("io.k8s.api.rbac.v1.RoleBinding")]
[Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")]
public sealed record RoleBinding : KubeObject
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<Subject>? Subjects { get; init; }

    [Field(3, Required = true)]
    public RoleRef RoleRef { get; init; } = new();
}

/// <summary>Gives the rules of a cluster role to users, groups and service accounts everywhere.</summary>
[ApiType("io.k8s.api.rbac.v1.ClusterRoleBinding")]
[Kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced = false)]
public sealed record ClusterRoleBinding : KubeObject
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<Subject>? Subjects { get; init; }

    [Field(3, Required = true)]
    public RoleRef RoleRef { get; init; } = new();
}

/// <summary>The role that a binding gives.</summary>
[ApiType("io.k8s.api.rbac.v1.RoleRef", Atomic = true)]
public sealed record RoleRef
{
    [Field(1)]
    public string? ApiGroup { get; init; }

    [Field(2, Required = true)]
    public string Kind { get; init; } = "";

    [Field(3, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>The user, group or service account that a binding gives its role to.</summary>
[ApiType("io.k8s.api.rbac.v1.Subject", Atomic = true)]
public sealed record Subject
{
    [Field(1, Required = true)]
    public string Kind { get; init; } = "";

    [Field(2)]
    public string? ApiGroup { get; init; }

    [Field(3, Required = true)]
    public string Name { get; init; } = "";

    [Field(4)]
    public string? Namespace { get; init; }
}
