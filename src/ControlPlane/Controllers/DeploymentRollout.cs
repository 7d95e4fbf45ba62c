using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// The next step of a Deployment: the sizes its ReplicaSets should have now. Each function gives a size by the set's
/// name, for those that change only. After the step is done and pods have come or gone, the next one is computed.
/// </summary>
internal static class DeploymentRollout
{
    /// <summary>Somebody changed spec.replicas since the sets were last sized.</summary>
    public static bool IsScaling(Deployment deployment, DeploymentSets sets) => sets.All.Any(set =>
        set.Spec?.Replicas > 0 && DeploymentSets.Number(set, DeploymentSets.DesiredReplicas) is { } desired && desired != (deployment.Spec?.Replicas ?? 1));

    /// <summary>Shares a new size out: to the only active set, or to all in proportion while a rollout is under way.</summary>
    public static IReadOnlyDictionary<string, int> Scale(Deployment deployment, DeploymentSets sets)
    {
        var size = DeploymentSize.Of(deployment);
        var active = sets.All.Where(set => set.Spec?.Replicas > 0).ToList();
        if (active.Count <= 1)
        {
            var only = active.FirstOrDefault() ?? sets.New ?? sets.Old.LastOrDefault();
            return only is null || only.Spec?.Replicas == size.Replicas ? new Dictionary<string, int>() : new Dictionary<string, int> { [only.Name] = size.Replicas };
        }
        if (IsSaturated(sets.New, size.Replicas)) return sets.Old.Where(set => set.Spec?.Replicas > 0).ToDictionary(set => set.Name, _ => 0);
        return DeploymentSize.IsRecreate(deployment) ? new Dictionary<string, int>() : Proportionally(deployment, size, active);
    }

    private static Dictionary<string, int> Proportionally(Deployment deployment, DeploymentSize size, List<ReplicaSet> active)
    {
        var allowed = size.Replicas > 0 ? size.Replicas + size.MaxSurge : 0;
        var toAdd = allowed - active.Sum(set => set.Spec!.Replicas!.Value);
        // The largest first; among equals grow the newer ones and shrink the older ones.
        var ordered = active.OrderByDescending(set => set.Spec!.Replicas);
        ordered = toAdd > 0 ? ordered.ThenByDescending(set => set.Metadata.CreationTimestamp) : ordered.ThenBy(set => set.Metadata.CreationTimestamp);
        var (result, added) = (new Dictionary<string, int>(), 0);
        foreach (var set in ordered)
        {
            var replicas = set.Spec!.Replicas!.Value;
            var before = DeploymentSets.Number(set, DeploymentSets.MaxReplicas) is { } max and > 0 ? max : Math.Max(1, deployment.Status?.Replicas ?? 1);
            var share = size.Replicas == 0 ? -replicas : (int)Math.Round((double)replicas * allowed / before, MidpointRounding.AwayFromZero) - replicas;
            share = toAdd > 0 ? Math.Clamp(share, 0, toAdd - added) : toAdd < 0 ? Math.Clamp(share, toAdd - added, 0) : 0;
            result[set.Name] = replicas + share;
            added += share;
        }
        var largest = ordered.First().Name; // takes what rounding left over
        result[largest] = Math.Max(0, result[largest] + toAdd - added);
        return result;
    }

    private static bool IsSaturated(ReplicaSet? set, int replicas) => set is not null && set.Spec?.Replicas == replicas
        && DeploymentSets.Number(set, DeploymentSets.DesiredReplicas) == replicas && (set.Status?.AvailableReplicas ?? 0) == replicas;

    /// <summary>The size that the new set may have now, given all pods there are.</summary>
    public static int NewSize(Deployment deployment, DeploymentSets sets)
    {
        var size = DeploymentSize.Of(deployment);
        var present = sets.New?.Spec?.Replicas ?? 0;
        if (DeploymentSize.IsRecreate(deployment) || present > size.Replicas) return size.Replicas;
        var room = size.Replicas + size.MaxSurge - sets.All.Sum(set => set.Spec?.Replicas ?? 0);
        return room <= 0 ? present : present + Math.Min(room, size.Replicas - present);
    }

    /// <summary>One step of a rolling update: the new set grows as far as the surge allows; then old ones shrink as far as availability allows.</summary>
    public static IReadOnlyDictionary<string, int> Roll(Deployment deployment, DeploymentSets sets)
    {
        var fresh = sets.New!;
        var newSize = NewSize(deployment, sets);
        if (newSize != fresh.Spec?.Replicas) return new Dictionary<string, int> { [fresh.Name] = newSize };

        var size = DeploymentSize.Of(deployment);
        var least = size.Replicas - size.MaxUnavailable;
        var missingNew = newSize - (fresh.Status?.AvailableReplicas ?? 0);
        var removable = sets.All.Sum(set => set.Spec?.Replicas ?? 0) - least - missingNew;
        var result = new Dictionary<string, int>();
        foreach (var set in sets.Old) // pods that are not available serve nobody: they go first
            removable -= Shrink(set, Math.Min(removable, (set.Spec?.Replicas ?? 0) - (set.Status?.AvailableReplicas ?? 0)), result);
        var spare = Math.Min(removable, sets.All.Sum(set => set.Status?.AvailableReplicas ?? 0) - least);
        foreach (var set in sets.Old) spare -= Shrink(set, spare, result);
        return result;
    }

    /// <summary>Recreate: nothing old may run before anything new does.</summary>
    public static IReadOnlyDictionary<string, int> StopOld(DeploymentSets sets) =>
        sets.Old.Where(set => set.Spec?.Replicas > 0).ToDictionary(set => set.Name, _ => 0);

    private static int Shrink(ReplicaSet set, int by, Dictionary<string, int> result)
    {
        var replicas = result.GetValueOrDefault(set.Name, set.Spec?.Replicas ?? 0);
        by = Math.Clamp(by, 0, replicas);
        if (by > 0) result[set.Name] = replicas - by;
        return by;
    }
}
