using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>What a ReplicationController and a ReplicaSet have in common: so many pods of a template, found by a selector.</summary>
internal sealed record ReplicaOwner(ObjectMeta Metadata, int Replicas, Selector Selector, PodTemplateSpec Template, int MinReadySeconds)
{
    public string Uid => Metadata.Uid ?? "";

    public string Namespace => Metadata.Namespace ?? "";

    /// <summary>Pods that ended are not taken over.</summary>
    public PodClaim Claim(IEnumerable<Pod> candidates) => PodClaim.Of(Metadata, Selector, candidates, PodState.IsActive);

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
