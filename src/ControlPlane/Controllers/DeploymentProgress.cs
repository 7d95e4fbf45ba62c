using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>A Deployment's status from its ReplicaSets.</summary>
internal static class DeploymentProgress
{
    /// <param name="created">The new set was made in this round.</param>
    public static DeploymentStatus Status(Deployment deployment, DeploymentSets sets, bool created, DateTime now)
    {
        var old = deployment.Status ?? new DeploymentStatus();
        var available = Sum(sets, set => set.Status?.AvailableReplicas);
        var status = old with
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = Sum(sets, set => set.Status?.Replicas), UpdatedReplicas = sets.New?.Status?.Replicas ?? 0,
            ReadyReplicas = Sum(sets, set => set.Status?.ReadyReplicas), AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, Sum(sets, set => set.Spec?.Replicas) - available), TerminatingReplicas = Sum(sets, set => set.Status?.TerminatingReplicas),
        };
        return status with { Conditions = Conditions(deployment, sets, status, created, now).ToList() };
    }

    public static bool IsComplete(Deployment deployment, DeploymentStatus status)
    {
        var replicas = deployment.Spec?.Replicas ?? 1;
        return status.UpdatedReplicas == replicas && status.Replicas == replicas && status.AvailableReplicas == replicas
            && status.ObservedGeneration >= (deployment.Metadata.Generation ?? 0);
    }

    /// <summary>When the rollout counts as stuck if nothing moves until then; null if it is over or has no deadline.</summary>
    public static DateTime? Deadline(Deployment deployment, DeploymentStatus status) =>
        Find(status, "Progressing") is { Status: not "False", Reason: not ("NewReplicaSetAvailable" or "DeploymentPaused"), LastUpdateTime: { } since } && DeadlineSeconds(deployment) is { } seconds
            ? since.AddSeconds(seconds) : null;

    private static IEnumerable<DeploymentCondition> Conditions(Deployment deployment, DeploymentSets sets, DeploymentStatus status, bool created, DateTime now)
    {
        var size = DeploymentSize.Of(deployment);
        var enough = status.AvailableReplicas >= size.Replicas - size.MaxUnavailable;
        var conditions = new List<DeploymentCondition?>
        {
            enough ? Condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
                : Condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
            Progressing(deployment, sets, status, created, now),
            Failure(sets) is { } failure ? Condition("ReplicaFailure", failure.Status, failure.Reason ?? "", failure.Message ?? "") : null,
        };
        return conditions.OfType<DeploymentCondition>().Select(condition => Timed(condition, Find(deployment.Status, condition.Type), Moved(deployment.Status, status), now));
    }

    /// <summary>Why a set cannot make or delete pods; what the new one says comes first.</summary>
    private static ReplicaSetCondition? Failure(DeploymentSets sets) => sets.All.Reverse()
        .Select(set => set.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "ReplicaFailure")).FirstOrDefault(condition => condition is not null);

    /// <summary>The status while the new set cannot be made; the same if the Deployment has no deadline.</summary>
    public static DeploymentStatus CreateFailed(Deployment deployment, string message, DateTime now)
    {
        var status = deployment.Status ?? new DeploymentStatus();
        if (DeadlineSeconds(deployment) is null) return status;
        var condition = Timed(Condition("Progressing", "False", "ReplicaSetCreateError", message), Find(status, "Progressing"), moved: false, now);
        return status with { Conditions = [.. (status.Conditions ?? []).Where(other => other.Type != "Progressing"), condition] };
    }

    /// <summary>Null: nothing to say and nothing said before.</summary>
    private static DeploymentCondition? Progressing(Deployment deployment, DeploymentSets sets, DeploymentStatus status, bool created, DateTime now)
    {
        if (DeadlineSeconds(deployment) is not { } seconds) return null;
        var old = Find(deployment.Status, "Progressing");
        if (deployment.Spec?.Paused == true) // that it had got stuck before stays known
            return old?.Reason == "ProgressDeadlineExceeded" ? old : Condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
        if (sets.New is not { } set) return old;
        if (created) return Condition("Progressing", "True", "NewReplicaSetCreated", $"Created new replica set \"{set.Name}\"");
        // Once a template is rolled out, a pod that fails or a new size is no new rollout.
        if (old?.Reason == "NewReplicaSetAvailable" && status.Replicas == status.UpdatedReplicas && old.Message?.Contains($"\"{set.Name}\"") == true) return old;
        if (IsComplete(deployment, status)) return Condition("Progressing", "True", "NewReplicaSetAvailable", $"ReplicaSet \"{set.Name}\" has successfully progressed.");
        if (old is null) return Condition("Progressing", "True", "FoundNewReplicaSet", $"Found new replica set \"{set.Name}\"");
        if (old.Reason == "DeploymentPaused") return Condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
        if (Moved(deployment.Status, status) || old.Reason is "NewReplicaSetAvailable" or "ReplicaSetCreateError")
            return Condition("Progressing", "True", "ReplicaSetUpdated", $"ReplicaSet \"{set.Name}\" is progressing.");
        return old.LastUpdateTime?.AddSeconds(seconds) > now ? old
            : Condition("Progressing", "False", "ProgressDeadlineExceeded", $"ReplicaSet \"{set.Name}\" has timed out progressing.");
    }

    /// <summary>Something got nearer to the goal: more new pods, fewer old ones, more ready or available.</summary>
    private static bool Moved(DeploymentStatus? old, DeploymentStatus status) =>
        status.UpdatedReplicas > (old?.UpdatedReplicas ?? 0) || status.Replicas - status.UpdatedReplicas < (old?.Replicas ?? 0) - (old?.UpdatedReplicas ?? 0)
        || status.ReadyReplicas > (old?.ReadyReplicas ?? 0) || status.AvailableReplicas > (old?.AvailableReplicas ?? 0);

    /// <summary>The transition time moves with the status; the update time with any news, for Progressing also with every move.</summary>
    private static DeploymentCondition Timed(DeploymentCondition condition, DeploymentCondition? old, bool moved, DateTime now)
    {
        if (ReferenceEquals(condition, old)) return old;
        var same = old?.Status == condition.Status && old.Reason == condition.Reason && old.Message == condition.Message;
        return condition with
        {
            LastTransitionTime = old?.Status == condition.Status ? old.LastTransitionTime : now,
            LastUpdateTime = same && !(moved && condition.Reason == "ReplicaSetUpdated") ? old!.LastUpdateTime : now,
        };
    }

    private static int? DeadlineSeconds(Deployment deployment) => deployment.Spec?.ProgressDeadlineSeconds is int.MaxValue ? null : deployment.Spec?.ProgressDeadlineSeconds ?? 600;

    private static DeploymentCondition? Find(DeploymentStatus? status, string type) => status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static DeploymentCondition Condition(string type, string status, string reason, string message) =>
        new() { Type = type, Status = status, Reason = reason, Message = message };

    private static int Sum(DeploymentSets sets, Func<ReplicaSet, int?> count) => sets.All.Sum(set => count(set) ?? 0);
}
