using ControlPlane.Authentication;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>Role-based access control: somebody may do what a rule of a role allows that a binding gives them.</summary>
internal sealed class RbacAuthorizer(RbacIndex index)
{
    public Decision Authorize(AccessRequest request)
    {
        var missing = new List<string>();
        foreach (var (grant, rules) in index.GrantsOf(request.User, request.Namespace))
        {
            if (rules is null) missing.Add(Missing(grant.Role));
            else if (rules.Any(rule => RuleMatch.Allows(rule, request))) return new Decision(true, $"RBAC: allowed by {grant.Description}");
        }
        return new Decision(false, missing.Count == 0 ? "" : $"RBAC: {Join(missing)}");
    }

    /// <summary>All that somebody may do in a namespace, and what is wrong with bindings of theirs (empty: nothing).</summary>
    public (IReadOnlyList<PolicyRule> Rules, string Error) RulesFor(User user, string ns)
    {
        var grants = index.GrantsOf(user, ns);
        return (grants.SelectMany(grant => grant.Rules ?? []).ToList(), Join(grants.Where(grant => grant.Rules is null).Select(grant => Missing(grant.Grant.Role)).ToList()));
    }

    /// <summary>The rules of a role; null where there is no such role.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(RoleRef role, string ns) => index.RulesOf(role, ns);

    private static string Missing(RoleRef role) => $"{role.Kind.ToLowerInvariant()}.rbac.authorization.k8s.io \"{role.Name}\" not found";

    private static string Join(IReadOnlyList<string> texts) => texts.Count switch { 0 => "", 1 => texts[0], _ => $"[{string.Join(", ", texts.Distinct())}]" };
}
