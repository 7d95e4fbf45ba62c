using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Which pods are an owner's, which it must take over (nobody's, matching) and which it must let go (its own, no longer matching).</summary>
internal sealed record PodClaim(IReadOnlyList<Pod> Owned, IReadOnlyList<Pod> Adopt, IReadOnlyList<Pod> Release)
{
    /// <summary>An owner that is being deleted takes over none; a pod that is being deleted stays what it is.</summary>
    /// <param name="adoptable">Which pods without an owner are worth taking over, besides matching.</param>
    public static PodClaim Of(ObjectMeta owner, Selector selector, IEnumerable<Pod> candidates, Func<Pod, bool> adoptable)
    {
        var (owned, adopt, release) = (new List<Pod>(), new List<Pod>(), new List<Pod>());
        foreach (var pod in candidates)
        {
            var (controller, matches) = (Ownership.ControllerOf(pod), selector.Matches(pod.Metadata.Labels));
            if (controller is not null && controller.Uid != owner.Uid) continue;
            if (controller is not null && (matches || pod.Metadata.DeletionTimestamp is not null)) owned.Add(pod);
            else if (controller is not null) release.Add(pod);
            else if (matches && adoptable(pod) && owner.DeletionTimestamp is null) adopt.Add(pod);
        }
        return new PodClaim(owned, adopt, release);
    }
}
