using ControlPlane.Authentication;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>One subject's share in one binding.</summary>
/// <param name="Binding">RoleBinding or ClusterRoleBinding.</param>
/// <param name="Namespace">Empty for a ClusterRoleBinding.</param>
internal sealed record Grant(KubeObject Binding, string Namespace, RoleRef Role, Subject Subject)
{
    /// <summary>As Kubernetes describes it in the reason of a decision.</summary>
    public string Description =>
        (Namespace.Length == 0 ? $"ClusterRoleBinding \"{Binding.Name}\"" : $"RoleBinding \"{Binding.Name}/{Namespace}\"")
        + $" of {Role.Kind} \"{Role.Name}\" to {Subject.Kind} \"{Subject.Name}{(Subject.Kind == "ServiceAccount" ? $"/{AccountNamespace}" : "")}\"";

    /// <summary>A ServiceAccount without a namespace is of that of the binding.</summary>
    public string AccountNamespace => string.IsNullOrEmpty(Subject.Namespace) ? Namespace : Subject.Namespace;
}

/// <summary>Roles by name, bindings by whom they are for.</summary>
internal sealed class RbacIndex(ObjectStore store) : StoreIndex(store,
    "roles.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io")
{
    /// <summary>Namespace (empty: cluster role) and name.</summary>
    private readonly Dictionary<(string Namespace, string Name), IReadOnlyList<PolicyRule>> roles = [];

    /// <summary>Namespace (empty: everywhere) and subject → name of the binding → grant.</summary>
    private readonly Dictionary<(string Namespace, string Subject), Dictionary<string, Grant>> grants = [];

    /// <summary>Grants that count in a namespace, with the rules they give; null rules where the role does not exist.</summary>
    /// <param name="ns">Empty: only those that count everywhere.</param>
    public IReadOnlyList<(Grant Grant, IReadOnlyList<PolicyRule>? Rules)> GrantsOf(User user, string ns) => Ask(() =>
    {
        var found = new List<(Grant, IReadOnlyList<PolicyRule>?)>();
        Collect(user, "", found);
        if (ns.Length > 0) Collect(user, ns, found);
        return found;
    });

    /// <summary>The rules of a role; null where there is no such role.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(RoleRef role, string ns) => Ask(() => Rules(role, ns));

    private void Collect(User user, string ns, List<(Grant, IReadOnlyList<PolicyRule>?)> found)
    {
        foreach (var subject in user.Groups.Select(group => "Group:" + group).Prepend("User:" + user.Name))
            if (grants.TryGetValue((ns, subject), out var bindings))
                found.AddRange(bindings.Values.Select(grant => (grant, Rules(grant.Role, ns))));
    }

    private IReadOnlyList<PolicyRule>? Rules(RoleRef role, string ns) => roles.GetValueOrDefault((role.Kind == "ClusterRole" ? "" : ns, role.Name));

    protected override void Clear()
    {
        roles.Clear();
        grants.Clear();
    }

    protected override void Apply(KubeObject? old, KubeObject? updated)
    {
        switch (updated ?? old)
        {
            case Role or ClusterRole when updated is null:
                roles.Remove((old!.Namespace, old.Name));
                break;
            case Role or ClusterRole:
                roles[(updated!.Namespace, updated.Name)] = (updated as Role)?.Rules ?? (updated as ClusterRole)?.Rules ?? [];
                break;
            default:
                foreach (var grant in Grants(old)) Remove(grant);
                foreach (var grant in Grants(updated)) Add(grant);
                break;
        }
    }

    private static IEnumerable<Grant> Grants(KubeObject? binding) => binding switch
    {
        RoleBinding one => (one.Subjects ?? []).Select(subject => new Grant(one, one.Namespace, one.RoleRef, subject)),
        ClusterRoleBinding all => (all.Subjects ?? []).Select(subject => new Grant(all, "", all.RoleRef, subject)),
        _ => [],
    };

    /// <summary>A service account is a user of a certain name.</summary>
    private static (string, string) KeyOf(Grant grant) => (grant.Namespace, grant.Subject.Kind switch
    {
        "ServiceAccount" => "User:" + User.ServiceAccountName(grant.AccountNamespace, grant.Subject.Name),
        var kind => $"{kind}:{grant.Subject.Name}",
    });

    private void Add(Grant grant)
    {
        if (!grants.TryGetValue(KeyOf(grant), out var bindings)) grants[KeyOf(grant)] = bindings = [];
        bindings[grant.Binding.Name] = grant;
    }

    private void Remove(Grant grant)
    {
        if (!grants.TryGetValue(KeyOf(grant), out var bindings)) return;
        bindings.Remove(grant.Binding.Name);
        if (bindings.Count == 0) grants.Remove(KeyOf(grant));
    }
}
