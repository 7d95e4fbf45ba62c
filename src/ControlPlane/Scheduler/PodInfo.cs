using ControlPlane.Controllers;
using KubeApi.Objects;
using KubeApi.Scheduling;

namespace ControlPlane.Scheduler;

/// <summary>A pod with what the scheduler asks of it again and again, worked out once.</summary>
internal sealed class PodInfo(Pod pod)
{
    public Pod Pod => pod;

    public string Id { get; } = pod.Metadata.Uid ?? pod.Key;

    public string Namespace { get; } = pod.Namespace;

    public IReadOnlyDictionary<string, string>? Labels => pod.Metadata.Labels;

    public PodSpec Spec { get; } = pod.Spec ?? new PodSpec();

    /// <summary>The uid of its controller, or null.</summary>
    public string? Controller { get; } = Ownership.ControllerOf(pod)?.Uid;

    /// <summary>It is being deleted: it holds its resources, but does not count when pods are spread.</summary>
    public bool IsTerminating => pod.Metadata.DeletionTimestamp is not null;

    /// <summary>It asks for certain nodes by nodeSelector or required affinity.</summary>
    public bool SelectsNodes { get; } = pod.Spec?.NodeSelector is { Count: > 0 } || pod.Spec?.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not null;

    public PodRequests Requests { get; } = PodRequests.Of(pod.Spec ?? new PodSpec());

    public IReadOnlyList<AffinityTerm> Terms { get; } = AffinityTerm.Of(pod);
}
