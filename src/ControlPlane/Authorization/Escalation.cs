using ControlPlane.Authentication;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>
/// Nobody gives rights that they do not have: who writes a role must hold all its rules or the verb escalate, who writes
/// a binding must hold the rules of its role or the verb bind (pkg/registry/rbac policybased storage).
/// </summary>
internal sealed class Escalation(Authorizer authorizer)
{
    private const int MostParts = 100_000;

    private static readonly PolicyRule[] Everything =
        [new() { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] }, new() { Verbs = ["*"], NonResourceURLs = ["*"] }];

    /// <summary>Null, or why the write is refused.</summary>
    /// <param name="old">Null at a create.</param>
    /// <param name="missingRole">The role of a binding, where it does not exist and so nobody can tell what it gives.</param>
    public string? Check(User user, KubeObject? old, KubeObject obj, out RoleRef? missingRole)
    {
        missingRole = null;
        if (user.Groups.Contains(User.Masters)) return null;
        switch (obj)
        {
            case Role role when old is Role before && Same(before.Rules, role.Rules): return null;
            case Role role: return May(user, "escalate", "roles", role.Namespace, role.Name) ? null : Confirm(user, role.Namespace, role.Rules ?? []);
            case ClusterRole role when old is ClusterRole before && Same(before.Rules, role.Rules) && SameJson(before.AggregationRule, role.AggregationRule): return null;
            case ClusterRole role when May(user, "escalate", "clusterroles", "", role.Name): return null;
            case ClusterRole role: return (role.AggregationRule is null ? null : Confirm(user, "", Everything)) ?? Confirm(user, "", role.Rules ?? []);
            case RoleBinding binding when old is RoleBinding before && SameJson(before.Subjects, binding.Subjects): return null;
            case RoleBinding binding: return Bind(user, binding.RoleRef, binding.Namespace, out missingRole);
            case ClusterRoleBinding binding when old is ClusterRoleBinding before && SameJson(before.Subjects, binding.Subjects): return null;
            case ClusterRoleBinding binding: return Bind(user, binding.RoleRef, "", out missingRole);
            default: return null;
        }
    }

    private string? Bind(User user, RoleRef role, string ns, out RoleRef? missingRole)
    {
        missingRole = null;
        if (May(user, "bind", role.Kind == "ClusterRole" ? "clusterroles" : "roles", ns, role.Name)) return null;
        if (authorizer.Rbac.RulesOf(role, ns) is { } rules) return Confirm(user, ns, rules);
        missingRole = role;
        return null;
    }

    private bool May(User user, string verb, string resource, string ns, string name) => authorizer.Authorize(new AccessRequest(user, verb)
    {
        Group = "rbac.authorization.k8s.io", Version = "v1", Resource = resource, Namespace = ns, Name = name,
    }).Allowed;

    private string? Confirm(User user, string ns, IReadOnlyList<PolicyRule> wanted)
    {
        var (owned, error) = authorizer.Rbac.RulesFor(user, ns);
        var missing = Parts(wanted).Where(single => !RuleMatch.Covers(owned, single)).ToList();
        if (missing.Count == 0) return null;
        var text = $"user \"{user.Name}\" (groups=[{Quoted(user.Groups)}]) is attempting to grant RBAC permissions not currently held:\n"
            + string.Join('\n', Compact(missing).Select(Describe).Distinct().Order(StringComparer.Ordinal));
        return error.Length > 0 ? $"{text}; resolution errors: [{error}]" : text;
    }

    /// <summary>A few long lists stand for more single rights than any memory holds: from some number on a rule must be held as a whole.</summary>
    private static IEnumerable<PolicyRule> Parts(IReadOnlyList<PolicyRule> rules)
    {
        double count = 0;
        return rules.SelectMany(rule => (count += RuleMatch.CountParts(rule)) > MostParts ? [rule] : RuleMatch.Split(rule));
    }

    /// <summary>Rules that differ in their verb only become one.</summary>
    private static IEnumerable<PolicyRule> Compact(IReadOnlyList<PolicyRule> rules) =>
        rules.GroupBy(rule => Describe(rule with { Verbs = [] })).Select(group => group.First() with { Verbs = group.SelectMany(rule => rule.Verbs).Distinct().ToList() });

    /// <summary><c>{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}</c></summary>
    private static string Describe(PolicyRule rule)
    {
        (string Name, IReadOnlyList<string>? Values)[] parts =
            [("APIGroups", rule.ApiGroups), ("Resources", rule.Resources), ("NonResourceURLs", rule.NonResourceURLs), ("ResourceNames", rule.ResourceNames), ("Verbs", rule.Verbs)];
        return "{" + string.Join(", ", parts.Where(part => part.Values is { Count: > 0 }).Select(part => $"{part.Name}:[{Quoted(part.Values!)}]")) + "}";
    }

    private static string Quoted(IEnumerable<string> texts) => string.Join(' ', texts.Select(text => $"\"{text}\""));

    private static bool Same(IReadOnlyList<PolicyRule>? a, IReadOnlyList<PolicyRule>? b) => SameJson(a ?? [], b ?? []);

    private static bool SameJson(object? a, object? b) =>
        ReferenceEquals(a, b) || a is not null && b is not null && KubeApi.KubeJson.Serialize(a).AsSpan().SequenceEqual(KubeApi.KubeJson.Serialize(b));
}
