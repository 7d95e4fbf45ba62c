using System.Globalization;
using KubeApi.Objects;

namespace KubeApi.Scheduling;

/// <summary>Matches nodes against nodeSelector and node affinity.</summary>
public static class NodeAffinityTerms
{
    /// <summary>nodeSelector and the required affinity both hold.</summary>
    public static bool Matches(PodSpec spec, Node node)
    {
        if (spec.NodeSelector?.All(pair => node.Metadata.Labels?.GetValueOrDefault(pair.Key) == pair.Value) == false) return false;
        return spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required
            || required.NodeSelectorTerms.Any(term => Matches(term, node));
    }

    /// <summary>The sum of the weights of the preferred terms that hold.</summary>
    public static int Preference(PodSpec spec, Node node) =>
        (spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [])
        .Where(preferred => Matches(preferred.Preference, node)).Sum(preferred => preferred.Weight);

    /// <summary>
    /// The only nodes that the pod can run on, where each of its terms names some by metadata.name, as for the pods of a
    /// DaemonSet; null: any may do. A list that is empty allows none.
    /// </summary>
    public static IReadOnlyCollection<string>? NamedNodes(PodSpec spec)
    {
        var terms = spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;
        if (terms is not { Count: > 0 }) return null;
        var names = new HashSet<string>();
        foreach (var term in terms)
        {
            var lists = (term.MatchFields ?? []).Where(field => field is { Key: "metadata.name", Operator: "In" }).Select(field => field.Values ?? []).ToList();
            if (lists.Count == 0) return null;
            names.UnionWith(lists.Aggregate((left, right) => left.Intersect(right).ToList()));
        }
        return names;
    }

    /// <summary>All requirements hold; a term without any matches nothing.</summary>
    public static bool Matches(NodeSelectorTerm term, Node node)
    {
        var (expressions, fields) = (term.MatchExpressions ?? [], term.MatchFields ?? []);
        return expressions.Count + fields.Count > 0
            && expressions.All(requirement => Matches(requirement, node.Metadata.Labels?.GetValueOrDefault(requirement.Key)))
            && fields.All(requirement => Matches(requirement, requirement.Key == "metadata.name" ? node.Name : null));
    }

    private static bool Matches(NodeSelectorRequirement requirement, string? value)
    {
        var values = requirement.Values ?? [];
        return requirement.Operator switch
        {
            "In" => value is not null && values.Contains(value),
            "NotIn" => value is null || !values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Compare(value, values) > 0,
            "Lt" => Compare(value, values) < 0,
            _ => false,
        };
    }

    /// <summary>The label's number against the one of the requirement; 0 (neither greater nor less) if one of them is no integer.</summary>
    private static int Compare(string? value, IReadOnlyList<string> values) =>
        values.Count == 1 && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right) ? left.CompareTo(right) : 0;
}
