using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>
/// How well a node suits a pod, compared field by field, lower is better: what operators and users prefer in words,
/// then spreading pods that stand in for each other, then load.
/// </summary>
/// <param name="Siblings">Pods there that stand in for this one.</param>
/// <param name="Load">Requested share of CPU and memory, averaged, in thousandths.</param>
internal readonly record struct NodeScore(int UnwantedTaints, int NegatedPreference, int Siblings, int Load, int Pods) : IComparable<NodeScore>
{
    public static NodeScore Of(Pod pod, PodRequests requests, NodeState state, Func<Pod, bool> isSibling) => new(
        Tolerations.EffectiveTaints(state.Node!).Count(taint => taint.Effect == "PreferNoSchedule" && !Tolerations.Tolerate(pod.Spec?.Tolerations, taint)),
        -NodeAffinityTerms.Preference(pod.Spec!, state.Node!),
        state.Pods.Count(other => PodState.IsActive(other) && isSibling(other)),
        (Share(state.MilliCpu + requests.MilliCpu, state.Allocatable("cpu", quantity => quantity.MilliValue))
            + Share(state.Memory + requests.Memory, state.Allocatable("memory", quantity => quantity.Value))) / 2,
        state.PodCount);

    /// <summary>
    /// Tells pods that stand in for the given one: of the same controller, or behind the same Service. Losing a node
    /// must not take all of them.
    /// </summary>
    public static Func<Pod, bool> SiblingsOf(Pod pod, IEnumerable<Service> servicesOfNamespace)
    {
        var controller = Ownership.ControllerOf(pod)?.Uid;
        var selectors = servicesOfNamespace.Where(service => service.Spec?.Selector is { Count: > 0 })
            .Select(service => Selector.OfLabels(service.Spec!.Selector!)).Where(selector => selector.Matches(pod.Metadata.Labels)).ToList();
        return other => other.Namespace == pod.Namespace
            && (controller is not null && Ownership.IsControlledBy(other, controller) || selectors.Any(selector => selector.Matches(other.Metadata.Labels)));
    }

    public int CompareTo(NodeScore other) => (UnwantedTaints, NegatedPreference, Siblings, Load, Pods)
        .CompareTo((other.UnwantedTaints, other.NegatedPreference, other.Siblings, other.Load, other.Pods));

    private static int Share(long requested, long allocatable) => allocatable <= 0 ? 1000 : (int)Math.Min(1000, requested * 1000.0 / allocatable);
}
