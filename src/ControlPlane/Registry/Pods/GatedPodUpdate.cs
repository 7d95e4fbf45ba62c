using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>
/// While a pod has scheduling gates, where it may run can be narrowed: nodeSelector and required node affinity take
/// additions, preferences any change (KEP-3838, mutable scheduling directives).
/// </summary>
internal static class GatedPodUpdate
{
    /// <summary>The new spec with the old values of what may change; reports changes that would widen the choice.</summary>
    public static PodSpec Mask(PodSpec old, PodSpec updated, Func<object?, object?, bool> same, FieldErrors errors)
    {
        Selector(old.NodeSelector, updated.NodeSelector, errors);
        Required(old.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [],
            updated.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [], same, errors);
        return updated with { NodeSelector = old.NodeSelector, Affinity = WithNodeAffinityOf(updated.Affinity, old.Affinity) };
    }

    private static Affinity? WithNodeAffinityOf(Affinity? updated, Affinity? old)
    {
        var masked = (updated ?? new Affinity()) with { NodeAffinity = old?.NodeAffinity };
        return old is null && masked == new Affinity() ? null : masked;
    }

    private static void Selector(IReadOnlyDictionary<string, string>? old, IReadOnlyDictionary<string, string>? updated, FieldErrors errors)
    {
        if (old?.Any(pair => updated?.GetValueOrDefault(pair.Key) != pair.Value) == true)
            errors.Invalid("spec.nodeSelector", updated, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    }

    /// <summary>A term is one of several choices: another term would widen them, another requirement in a term narrows it.</summary>
    private static void Required(IReadOnlyList<NodeSelectorTerm> old, IReadOnlyList<NodeSelectorTerm> updated, Func<object?, object?, bool> same, FieldErrors errors)
    {
        const string path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
        if (old.Count == 0) return;
        if (old.Count != updated.Count)
        {
            errors.Invalid(path, updated, "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }
        for (var i = 0; i < old.Count; i++)
            if (!Begins(old[i].MatchExpressions, updated[i].MatchExpressions, same) || !Begins(old[i].MatchFields, updated[i].MatchFields, same) || IsEmpty(old[i]) && !IsEmpty(updated[i]))
                errors.Invalid($"{path}[{i}]", updated[i], "only additions are allowed (no mutations or deletions)");
    }

    private static bool IsEmpty(NodeSelectorTerm term) => (term.MatchExpressions?.Count ?? 0) + (term.MatchFields?.Count ?? 0) == 0;

    private static bool Begins(IReadOnlyList<NodeSelectorRequirement>? old, IReadOnlyList<NodeSelectorRequirement>? updated, Func<object?, object?, bool> same) =>
        old is null || updated is not null && updated.Count >= old.Count && same(old, updated.Take(old.Count).ToList());
}
