using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Keeps the pods of every ReplicaSet.</summary>
internal sealed class ReplicaSetController(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log)
    : ReplicatedPodsController<ReplicaSet>("replicaset-controller", client, informers.ReplicaSets, informers.ReplicaSetsByNamespace, informers, events, log)
{
    /// <summary>An empty selector would select every pod; the server accepts none.</summary>
    protected override ReplicaOwner? Describe(ReplicaSet set) => set.Spec is not { Template: { } template } spec || Selector.Of(spec.Selector) is not { IsEverything: false } selector
        ? null : new ReplicaOwner(set.Metadata, spec.Replicas ?? 1, selector, template, spec.MinReadySeconds ?? 0);

    /// <summary>The pods of the other sets of the same Deployment.</summary>
    protected override IReadOnlyList<Pod> RelatedPods(ReplicaSet set) => Ownership.ControllerOf(set) is not { } owner ? []
        : Informers.ReplicaSetsByController[owner.Uid].Where(other => other.Metadata.Uid != set.Metadata.Uid).SelectMany(other => Informers.PodsByController[other.Metadata.Uid ?? ""]).ToList();

    protected override ReplicaSet WithStatus(ReplicaSet set, ReplicaCounts counts, (string Reason, string Message)? failure, DateTime now)
    {
        var old = set.Status ?? new ReplicaSetStatus();
        var recorded = new ReplicaCounts(old.Replicas, old.FullyLabeledReplicas ?? 0, old.ReadyReplicas ?? 0, old.AvailableReplicas ?? 0,
            old.TerminatingReplicas ?? 0, old.ObservedGeneration ?? 0);
        var condition = old.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        // The message of a failure stays the first one: later ones differ by the names of pods only, and every write brings the owner back at once.
        if (recorded == counts && condition?.Reason == failure?.Reason) return set;

        var others = (old.Conditions ?? []).Where(c => c.Type != "ReplicaFailure");
        var failed = failure is not { } f ? [] : condition?.Reason == f.Reason ? [condition] : new[]
        {
            new ReplicaSetCondition
            {
                Type = "ReplicaFailure", Status = "True", Reason = f.Reason, Message = f.Message,
                LastTransitionTime = TransitionTime(condition?.Status, condition?.LastTransitionTime, "True", now),
            },
        };
        return set with
        {
            Status = old with
            {
                Replicas = counts.Replicas, FullyLabeledReplicas = counts.FullyLabeled, ReadyReplicas = counts.Ready, AvailableReplicas = counts.Available,
                TerminatingReplicas = counts.Terminating, ObservedGeneration = counts.ObservedGeneration, Conditions = [.. others, .. failed],
            },
        };
    }
}
