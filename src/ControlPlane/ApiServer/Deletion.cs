using ControlPlane.Registry;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>What a deletion makes of an object: gone at once, or marked and waiting. Pure functions.</summary>
internal static class Deletion
{
    /// <summary>Finalizers that stand for a propagation policy; the garbage collector takes them away.</summary>
    private const string Foreground = "foregroundDeletion", Orphan = "orphan";

    private const int DefaultGracePeriod = 30;

    /// <summary>True when nothing holds a marked object back any more.</summary>
    public static bool IsFinished(KubeObject obj) =>
        obj.Metadata.DeletionTimestamp is not null && (obj.Metadata.DeletionGracePeriodSeconds ?? 0) == 0
        && obj.Metadata.Finalizers is null or { Count: 0 } && obj is not Namespace { Spec.Finalizers.Count: > 0 };

    /// <summary>
    /// The object marked for deletion; <see cref="IsFinished"/> says whether it can be removed right away. Asking again
    /// changes something only if the grace period becomes shorter.
    /// </summary>
    public static KubeObject Mark(KubeObject obj, DeleteOptions options, DateTime now)
    {
        var meta = obj.Metadata;
        var grace = GracePeriod(obj, options);
        var finalizers = Finalizers(obj, options);
        if (meta.DeletionTimestamp is null)
            meta = meta with { DeletionTimestamp = now.AddSeconds(grace), DeletionGracePeriodSeconds = grace, Generation = meta.Generation + 1 };
        else if (grace < (meta.DeletionGracePeriodSeconds ?? 0))
            meta = meta with { DeletionTimestamp = Earlier(meta.DeletionTimestamp.Value, now.AddSeconds(grace)), DeletionGracePeriodSeconds = grace };
        obj = obj with { Metadata = meta with { Finalizers = finalizers } };
        return obj is Namespace ns ? ns with { Status = (ns.Status ?? new NamespaceStatus()) with { Phase = "Terminating" } } : obj;
    }

    /// <summary>Only pods end gracefully, and only those that a kubelet may be running.</summary>
    private static long GracePeriod(KubeObject obj, DeleteOptions options)
    {
        if (obj is not Pod pod || string.IsNullOrEmpty(pod.Spec?.NodeName) || pod.Status?.Phase is "Succeeded" or "Failed") return 0;
        var grace = options.GracePeriodSeconds ?? pod.Metadata.DeletionGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? DefaultGracePeriod;
        return grace < 0 ? 1 : Math.Min(grace, int.MaxValue); // no date is later than the year 9999
    }

    private static IReadOnlyList<string>? Finalizers(KubeObject obj, DeleteOptions options)
    {
        var policy = options.PropagationPolicy ?? options.OrphanDependents switch
        {
            true => "Orphan",
            false => "Background",
            // Dependents of these two stay unless the client says otherwise (registry/core/replicationcontroller, registry/batch/job).
            null => obj is ReplicationController or Job && obj.Metadata.Finalizers is null or { Count: 0 } ? "Orphan" : null,
        };
        if (policy is null) return obj.Metadata.Finalizers;
        var others = (obj.Metadata.Finalizers ?? []).Where(finalizer => finalizer is not (Foreground or Orphan)).ToList();
        if (policy == "Foreground") others.Add(Foreground);
        if (policy == "Orphan") others.Add(Orphan);
        return others.Count == 0 ? null : others;
    }

    private static DateTime Earlier(DateTime a, DateTime b) => a < b ? a : b;
}
