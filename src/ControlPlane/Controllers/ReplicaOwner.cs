using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>What a ReplicationController and a ReplicaSet have in common: so many pods of a template, found by a selector.</summary>
internal sealed record ReplicaOwner(ObjectMeta Metadata, int Replicas, Selector Selector, PodTemplateSpec Template, int MinReadySeconds)
{
    public string Uid => Metadata.Uid ?? "";

    public string Namespace => Metadata.Namespace ?? "";

    /// <summary>
    /// Which pods are the owner's, which it must take over (nobody's, matching) and which it must let go (its own, no
    /// longer matching). An owner that is being deleted takes over none; a pod that is being deleted stays what it is.
    /// </summary>
    public PodClaim Claim(IEnumerable<Pod> candidates)
    {
        var (owned, adopt, release) = (new List<Pod>(), new List<Pod>(), new List<Pod>());
        foreach (var pod in candidates)
        {
            var (controller, matches) = (Ownership.ControllerOf(pod), Selector.Matches(pod.Metadata.Labels));
            if (controller is not null && controller.Uid != Uid) continue;
            if (controller is not null && (matches || pod.Metadata.DeletionTimestamp is not null)) owned.Add(pod);
            else if (controller is not null) release.Add(pod);
            else if (matches && PodState.IsActive(pod) && Metadata.DeletionTimestamp is null) adopt.Add(pod);
        }
        return new PodClaim(owned, adopt, release);
    }

    /// <summary>A new pod of the template; the server completes the name.</summary>
    public Pod NewPod(OwnerReference reference) => new()
    {
        Metadata = new ObjectMeta
        {
            GenerateName = $"{Metadata.Name}-", Namespace = Namespace, OwnerReferences = [reference],
            Labels = Template.Metadata?.Labels, Annotations = Template.Metadata?.Annotations, Finalizers = Template.Metadata?.Finalizers,
        },
        Spec = Template.Spec,
    };
}

/// <summary>The result of <see cref="ReplicaOwner.Claim"/>.</summary>
internal sealed record PodClaim(IReadOnlyList<Pod> Owned, IReadOnlyList<Pod> Adopt, IReadOnlyList<Pod> Release);
