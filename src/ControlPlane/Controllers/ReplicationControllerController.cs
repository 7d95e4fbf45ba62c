using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Keeps the pods of every ReplicationController.</summary>
internal sealed class ReplicationControllerController(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log)
    : ReplicatedPodsController<ReplicationController>("replication-controller", client, informers.ReplicationControllers,
        informers.ReplicationControllersByNamespace, informers, events, log)
{
    /// <summary>The server fills an absent selector from the template's labels; an empty one would select every pod.</summary>
    protected override ReplicaOwner? Describe(ReplicationController rc) => rc.Spec is not { Template: { } template, Selector.Count: > 0 } spec ? null
        : new ReplicaOwner(rc.Metadata, spec.Replicas ?? 1, Selector.OfLabels(spec.Selector), template, spec.MinReadySeconds ?? 0);

    protected override ReplicationController WithStatus(ReplicationController rc, ReplicaCounts counts, (string Reason, string Message)? failure, DateTime now)
    {
        var old = rc.Status ?? new ReplicationControllerStatus();
        counts = counts with { Terminating = 0 }; // this kind's status does not tell
        var recorded = new ReplicaCounts(old.Replicas, old.FullyLabeledReplicas ?? 0, old.ReadyReplicas ?? 0, old.AvailableReplicas ?? 0, 0, old.ObservedGeneration ?? 0);
        var condition = old.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        // The message of a failure stays the first one: later ones differ by the names of pods only, and every write brings the owner back at once.
        if (recorded == counts && condition?.Reason == failure?.Reason) return rc;

        var others = (old.Conditions ?? []).Where(c => c.Type != "ReplicaFailure");
        var failed = failure is not { } f ? [] : condition?.Reason == f.Reason ? [condition] : new[]
        {
            new ReplicationControllerCondition
            {
                Type = "ReplicaFailure", Status = "True", Reason = f.Reason, Message = f.Message,
                LastTransitionTime = TransitionTime(condition?.Status, condition?.LastTransitionTime, "True", now),
            },
        };
        return rc with
        {
            Status = old with
            {
                Replicas = counts.Replicas, FullyLabeledReplicas = counts.FullyLabeled, ReadyReplicas = counts.Ready, AvailableReplicas = counts.Available,
                ObservedGeneration = counts.ObservedGeneration, Conditions = [.. others, .. failed],
            },
        };
    }
}
