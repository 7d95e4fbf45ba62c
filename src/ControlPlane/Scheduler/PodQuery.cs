using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>
/// Which pods a rule of the scheduler speaks of. Equal queries have equal keys, so that what is counted for one pod of a
/// workload serves all others.
/// </summary>
internal sealed class PodQuery
{
    private readonly HashSet<string> namespaces;
    private readonly Selector? namespaceSelector, labels;
    private readonly string? controller;

    private PodQuery(IEnumerable<string> namespaces, Selector? namespaceSelector, Selector? labels, string? controller)
    {
        (this.namespaces, this.namespaceSelector, this.labels, this.controller) = ([.. namespaces], namespaceSelector, labels, controller);
        Key = $"{string.Join(',', this.namespaces.Order(StringComparer.Ordinal))}|{(namespaceSelector is null ? "-" : namespaceSelector)}|{(labels is null ? "-" : labels)}|{controller}";
    }

    public string Key { get; }

    /// <summary>The answer depends on labels of namespaces.</summary>
    public bool LooksAtNamespaces => namespaceSelector is { IsEverything: false };

    /// <summary>The pods of one controller, by its uid.</summary>
    public static PodQuery OfController(string ns, string uid) => new([ns], null, Selector.Everything, uid);

    /// <summary>Pods of one namespace; without a selector none.</summary>
    public static PodQuery InNamespace(string ns, Selector? labels) => new([ns], null, labels, null);

    /// <summary>
    /// The pods that a term of <paramref name="pod"/> names (core/v1 PodAffinityTerm): its own namespace unless it says
    /// otherwise; an empty namespaceSelector is every namespace; matchLabelKeys and mismatchLabelKeys stand for the pod's own values.
    /// </summary>
    public static PodQuery OfTerm(Pod pod, PodAffinityTerm term)
    {
        var named = term.Namespaces ?? [];
        IEnumerable<string> namespaces = named.Count == 0 && term.NamespaceSelector is null ? [pod.Namespace] : named;
        return new PodQuery(namespaces, Compile(term.NamespaceSelector), Compile(WithKeys(term.LabelSelector, pod, term.MatchLabelKeys, term.MismatchLabelKeys)), null);
    }

    /// <summary>The pods that a constraint of <paramref name="pod"/> counts (core/v1 TopologySpreadConstraint).</summary>
    public static PodQuery OfConstraint(Pod pod, TopologySpreadConstraint constraint) =>
        InNamespace(pod.Namespace, Compile(WithKeys(constraint.LabelSelector, pod, constraint.MatchLabelKeys, null)));

    public bool Matches(PodInfo pod, Func<string, IReadOnlyDictionary<string, string>?> labelsOfNamespace)
    {
        if (labels is null || controller is not null && controller != pod.Controller) return false;
        if (!namespaces.Contains(pod.Namespace) && (namespaceSelector is null || !InSelectedNamespace(pod.Namespace, labelsOfNamespace))) return false;
        return labels.Matches(pod.Labels);
    }

    private bool InSelectedNamespace(string ns, Func<string, IReadOnlyDictionary<string, string>?> labelsOfNamespace) =>
        namespaceSelector!.IsEverything || namespaceSelector.Matches(labelsOfNamespace(ns));

    private static LabelSelector? WithKeys(LabelSelector? selector, Pod pod, IReadOnlyList<string>? match, IReadOnlyList<string>? mismatch)
    {
        if (selector is null || match is not { Count: > 0 } && mismatch is not { Count: > 0 }) return selector;
        IEnumerable<LabelSelectorRequirement> Requirements(IReadOnlyList<string>? keys, string op) =>
            from key in keys ?? []
            let value = pod.Metadata.Labels?.GetValueOrDefault(key)
            where value is not null
            select new LabelSelectorRequirement { Key = key, Operator = op, Values = [value] };
        return selector with { MatchExpressions = [.. selector.MatchExpressions ?? [], .. Requirements(match, "In"), .. Requirements(mismatch, "NotIn")] };
    }

    /// <summary>A selector that makes no sense, which validation lets nobody store, selects nothing.</summary>
    private static Selector? Compile(LabelSelector? selector)
    {
        try { return selector is null ? null : Selector.Of(selector); }
        catch (FormatException) { return null; }
    }
}
