using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>What a term asks for: to be near the pods it names or away from them, as a must or as a wish.</summary>
internal enum AffinityKind { Affinity, AntiAffinity, PreferredAffinity, PreferredAntiAffinity }

/// <summary>A pod affinity term ready for use.</summary>
/// <param name="Weight">Of a wish; 1 for a must.</param>
internal sealed record AffinityTerm(AffinityKind Kind, PodQuery Query, string TopologyKey, int Weight)
{
    /// <summary>Equal for terms that mean the same.</summary>
    public string Key { get; } = $"{Kind}|{Weight}|{TopologyKey}|{Query.Key}";

    public static IReadOnlyList<AffinityTerm> Of(Pod pod)
    {
        if (pod.Spec?.Affinity is not { } affinity || affinity.PodAffinity is null && affinity.PodAntiAffinity is null) return [];
        AffinityTerm Term(AffinityKind kind, PodAffinityTerm term, int weight) => new(kind, PodQuery.OfTerm(pod, term), term.TopologyKey, weight);
        return
        [
            .. (affinity.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Select(term => Term(AffinityKind.Affinity, term, 1)),
            .. (affinity.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Select(term => Term(AffinityKind.AntiAffinity, term, 1)),
            .. (affinity.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(term => Term(AffinityKind.PreferredAffinity, term.PodAffinityTerm, term.Weight)),
            .. (affinity.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(term => Term(AffinityKind.PreferredAntiAffinity, term.PodAffinityTerm, term.Weight)),
        ];
    }
}
