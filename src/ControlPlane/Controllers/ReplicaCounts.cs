using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>The status of a ReplicationController or ReplicaSet without its conditions.</summary>
internal sealed record ReplicaCounts(int Replicas, int FullyLabeled, int Ready, int Available, int Terminating, long ObservedGeneration)
{
    /// <param name="pods">All pods of the owner.</param>
    public static ReplicaCounts Of(ReplicaOwner owner, IReadOnlyList<Pod> pods, DateTime now)
    {
        var active = pods.Where(PodState.IsActive).ToList();
        var template = owner.Template.Metadata?.Labels ?? new Dictionary<string, string>();
        return new ReplicaCounts(
            active.Count,
            active.Count(pod => template.All(label => pod.Metadata.Labels?.GetValueOrDefault(label.Key) == label.Value)),
            active.Count(PodState.IsReady),
            active.Count(pod => PodState.IsAvailable(pod, owner.MinReadySeconds, now)),
            pods.Count(pod => !PodState.IsFinished(pod) && pod.Metadata.DeletionTimestamp is not null),
            owner.Metadata.Generation ?? 0);
    }

    /// <summary>When the next ready pod becomes available by the mere passing of time; null if none will.</summary>
    public static DateTime? NextChange(ReplicaOwner owner, IEnumerable<Pod> pods, DateTime now) =>
        pods.Where(PodState.IsActive).Select(pod => PodState.AvailableAt(pod, owner.MinReadySeconds)).Where(at => at > now).Min();
}
