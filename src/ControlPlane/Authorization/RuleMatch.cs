using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>Whether a rule allows a request, or all that another rule allows (pkg/apis/rbac, component-helpers auth/rbac/validation). Pure functions.</summary>
internal static class RuleMatch
{
    private const string All = "*";

    public static bool Allows(PolicyRule rule, AccessRequest request)
    {
        if (!Has(rule.Verbs, request.Verb)) return false;
        if (request.Resource.Length == 0) return rule.NonResourceURLs?.Any(url => CoversPath(url, request.Path)) == true;
        return Has(rule.ApiGroups, request.Group)
            && rule.Resources?.Any(resource => CoversResource(resource, request.FullResource)) == true
            && (rule.ResourceNames is not { Count: > 0 } names || names.Contains(request.Name));
    }

    /// <summary>Everything that the request allows is allowed by one of the rules.</summary>
    public static bool Covers(IReadOnlyCollection<PolicyRule> owned, PolicyRule single) => owned.Any(rule => Covers(rule, single));

    private static bool Covers(PolicyRule rule, PolicyRule other) =>
        (other.Verbs).All(verb => Has(rule.Verbs, verb))
        && (other.ApiGroups ?? []).All(group => Has(rule.ApiGroups, group))
        && (other.Resources ?? []).All(resource => rule.Resources?.Any(own => CoversResource(own, resource)) == true)
        && (other.NonResourceURLs ?? []).All(url => rule.NonResourceURLs?.Any(own => CoversPath(own, url)) == true)
        && (rule.ResourceNames is not { Count: > 0 } names || other.ResourceNames is { Count: > 0 } wanted && wanted.All(names.Contains));

    /// <summary>A rule taken apart into rules of one verb, group, resource and name (or path) each.</summary>
    public static IEnumerable<PolicyRule> Split(PolicyRule rule)
    {
        foreach (var verb in rule.Verbs)
        {
            foreach (var url in rule.NonResourceURLs ?? []) yield return new PolicyRule { Verbs = [verb], NonResourceURLs = [url] };
            foreach (var group in rule.ApiGroups ?? [])
                foreach (var resource in rule.Resources ?? [])
                {
                    var single = new PolicyRule { Verbs = [verb], ApiGroups = [group], Resources = [resource] };
                    if (rule.ResourceNames is not { Count: > 0 } names) yield return single;
                    else foreach (var name in names) yield return single with { ResourceNames = [name] };
                }
        }
    }

    /// <summary>How many rules <see cref="Split"/> makes of one.</summary>
    public static double CountParts(PolicyRule rule) => (double)rule.Verbs.Count
        * ((rule.NonResourceURLs?.Count ?? 0) + (double)(rule.ApiGroups?.Count ?? 0) * (rule.Resources?.Count ?? 0) * Math.Max(1, rule.ResourceNames?.Count ?? 0));

    private static bool Has(IReadOnlyList<string>? list, string value) => list is not null && (list.Contains(All) || list.Contains(value));

    /// <summary><c>*</c>, the same, or <c>*/scale</c> for the scale of everything.</summary>
    private static bool CoversResource(string own, string resource) => own == All || own == resource
        || own.StartsWith("*/", StringComparison.Ordinal) && resource.IndexOf('/') is > 0 and var slash && resource.AsSpan(slash).SequenceEqual(own.AsSpan(1));

    private static bool CoversPath(string own, string path) => own == All || own == path
        || own.EndsWith('*') && path.StartsWith(own.TrimEnd('*'), StringComparison.Ordinal);
}
