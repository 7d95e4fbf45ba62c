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

    /// <summary>Namespace (empty: cluster role binding) and name.</summary>
    private readonly Dictionary<(string Namespace, string Name), KubeObject> bindings = [];

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
            if (grants.TryGetValue((ns, subject), out var given))
                found.AddRange(given.Values.Select(grant => (grant, Rules(grant.Role, ns))));
    }

    private IReadOnlyList<PolicyRule>? Rules(RoleRef role, string ns) => roles.GetValueOrDefault((role.Kind == "ClusterRole" ? "" : ns, role.Name));

    protected override void Clear()
    {
        roles.Clear();
        bindings.Clear();
        grants.Clear();
    }

    protected override void Apply(StoreKey key, KubeObject? obj)
    {
        if (key.Resource.StartsWith("roles.", StringComparison.Ordinal) || key.Resource.StartsWith("clusterroles.", StringComparison.Ordinal))
        {
            if (obj is null) roles.Remove((key.Namespace, key.Name));
            else roles[(key.Namespace, key.Name)] = (obj as Role)?.Rules ?? (obj as ClusterRole)?.Rules ?? [];
            return;
        }
        if (bindings.Remove((key.Namespace, key.Name), out var old)) foreach (var grant in Grants(old)) Remove(grant);
        if (obj is null) return;
        bindings[(key.Namespace, key.Name)] = obj;
        foreach (var grant in Grants(obj)) Add(grant);
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
        if (!grants.TryGetValue(KeyOf(grant), out var given)) grants[KeyOf(grant)] = given = [];
        given[grant.Binding.Name] = grant;
    }

    private void Remove(Grant grant)
    {
        if (!grants.TryGetValue(KeyOf(grant), out var given)) return;
        given.Remove(grant.Binding.Name);
        if (given.Count == 0) grants.Remove(KeyOf(grant));
    }
}
