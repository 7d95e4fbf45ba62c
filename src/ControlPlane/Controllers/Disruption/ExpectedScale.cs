using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Disruption;

/// <summary>How many pods the owners of a budget's pods want, each owner counted once.</summary>
/// <param name="Pods">The sum; null where it cannot be known.</param>
/// <param name="Unmanaged">Pods that nobody owns: they count nowhere.</param>
/// <param name="Problem">Why the sum cannot be known.</param>
internal sealed record ExpectedScale(int? Pods, IReadOnlyList<Pod> Unmanaged, string? Problem)
{
    public static ExpectedScale Of(IReadOnlyList<Pod> pods, SharedInformers informers)
    {
        var (byOwner, unmanaged) = (new Dictionary<string, int>(), new List<Pod>());
        foreach (var pod in pods)
        {
            if (Ownership.ControllerOf(pod) is not { } owner) unmanaged.Add(pod);
            else if (!byOwner.ContainsKey(owner.Uid))
            {
                if (Replicas(pod, owner, informers) is not { } found) return new ExpectedScale(null, unmanaged, Missing(pod, owner));
                byOwner[owner.Uid] = byOwner.ContainsKey(found.Uid) ? 0 : found.Replicas; // two ReplicaSets of one Deployment count once
                byOwner.TryAdd(found.Uid, 0);
            }
        }
        return new ExpectedScale(byOwner.Values.Sum(), unmanaged, null);
    }

    private static (string Uid, int Replicas)? Replicas(Pod pod, OwnerReference owner, SharedInformers informers)
    {
        if (Ownership.ControllerKey<ReplicationController>(pod) is { } rc && informers.ReplicationControllers.Get(rc) is { } controller && controller.Metadata.Uid == owner.Uid)
            return (owner.Uid, controller.Spec?.Replicas ?? 1);
        if (Ownership.ControllerKey<ReplicaSet>(pod) is not { } rs || informers.ReplicaSets.Get(rs) is not { } set || set.Metadata.Uid != owner.Uid) return null;
        if (Ownership.ControllerKey<Deployment>(set) is { } key && informers.Deployments.Get(key) is { } deployment && Ownership.IsControlledBy(set, deployment.Metadata.Uid ?? ""))
            return (deployment.Metadata.Uid ?? "", deployment.Spec?.Replicas ?? 1);
        return (owner.Uid, set.Spec?.Replicas ?? 1);
    }

    private static string Missing(Pod pod, OwnerReference owner) => owner.Kind is "DaemonSet" or "Job"
        ? $"{owner.Kind.ToLowerInvariant()}s.{Ownership.GroupOf(owner.ApiVersion)} does not implement the scale subresource" : $"found no controller ref for pod \"{pod.Name}\"";
}
