using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Rules that allow actions within one namespace; given to somebody by a RoleBinding.</summary>
[ApiType("io.k8s.api.rbac.v1.Role")]
[Kind("rbac.authorization.k8s.io", "v1", "Role", "roles")]
public sealed record Role : KubeObject
{
    /// <summary>What is allowed; there are no rules that forbid.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<PolicyRule>? Rules { get; init; }
}

/// <summary>Rules that allow actions in every namespace, on objects without one, and on paths that are no resource.</summary>
[ApiType("io.k8s.api.rbac.v1.ClusterRole")]
[Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced = false)]
public sealed record ClusterRole : KubeObject
{
    /// <summary>What is allowed; there are no rules that forbid. Written by a controller where aggregationRule is set.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<PolicyRule>? Rules { get; init; }

    /// <summary>Has the rules collected from other ClusterRoles.</summary>
    [Field(3)]
    public AggregationRule? AggregationRule { get; init; }
}

/// <summary>Selects the cluster roles whose rules together make the rules of this one.</summary>
[ApiType("io.k8s.api.rbac.v1.AggregationRule")]
public sealed record AggregationRule
{
    /// <summary>Selectors over the labels of ClusterRoles; the rules of all that match any of them are taken over.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<LabelSelector>? ClusterRoleSelectors { get; init; }
}

/// <summary>Allows verbs on resources, or on paths that are no resource.</summary>
[ApiType("io.k8s.api.rbac.v1.PolicyRule")]
public sealed record PolicyRule
{
    /// <summary>What is allowed, e.g. get, list, watch, create; * is everything.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Groups of the resources; '' is the core group, * all.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? ApiGroups { get; init; }

    /// <summary>Plural names of resources, or RESOURCE/SUBRESOURCE; * is all.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Resources { get; init; }

    /// <summary>Names of objects that the rule is limited to; absent means all.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? ResourceNames { get; init; }

    /// <summary>
    /// Paths that are no resources; a * as the last part stands for anything. Only in ClusterRoles that a ClusterRoleBinding
    /// gives.
    /// </summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? NonResourceURLs { get; init; }
}

/// <summary>Gives the rules of a role to users, groups and service accounts within one namespace.</summary>
[ApiType("io.k8s.api.rbac.v1.RoleBinding")]
[Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")]
public sealed record RoleBinding : KubeObject
{
    /// <summary>Who gets the role, in the namespace of this binding.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<Subject>? Subjects { get; init; }

    /// <summary>The Role of the same namespace, or the ClusterRole, that is given. Cannot be changed.</summary>
    [Field(3, Required = true)]
    public RoleRef RoleRef { get; init; } = new();
}

/// <summary>Gives the rules of a cluster role to users, groups and service accounts everywhere.</summary>
[ApiType("io.k8s.api.rbac.v1.ClusterRoleBinding")]
[Kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced = false)]
public sealed record ClusterRoleBinding : KubeObject
{
    /// <summary>Who gets the role, in the whole cluster.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<Subject>? Subjects { get; init; }

    /// <summary>The ClusterRole that is given. Cannot be changed.</summary>
    [Field(3, Required = true)]
    public RoleRef RoleRef { get; init; } = new();
}

/// <summary>The role that a binding gives.</summary>
[ApiType("io.k8s.api.rbac.v1.RoleRef", Atomic = true)]
public sealed record RoleRef
{
    /// <summary>Group of the role: rbac.authorization.k8s.io.</summary>
    [Field(1)]
    public string? ApiGroup { get; init; }

    /// <summary>Role or ClusterRole.</summary>
    [Field(2, Required = true)]
    public string Kind { get; init; } = "";

    /// <summary>Name of the role.</summary>
    [Field(3, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>The user, group or service account that a binding gives its role to.</summary>
[ApiType("io.k8s.api.rbac.v1.Subject", Atomic = true)]
public sealed record Subject
{
    /// <summary>User, Group or ServiceAccount.</summary>
    [Field(1, Required = true)]
    public string Kind { get; init; } = "";

    /// <summary>Group of the subject's kind. Default: '' for a ServiceAccount, rbac.authorization.k8s.io for User and Group.</summary>
    [Field(2)]
    public string? ApiGroup { get; init; }

    /// <summary>Name of the subject.</summary>
    [Field(3, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Namespace of a ServiceAccount; absent for User and Group.</summary>
    [Field(4)]
    public string? Namespace { get; init; }
}
