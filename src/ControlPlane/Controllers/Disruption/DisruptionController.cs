using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Disruption;

/// <summary>Keeps in the status of every PodDisruptionBudget how many pods may be taken away now; evictions count it down.</summary>
internal sealed class DisruptionController : Controller
{
    private readonly ApiClient client;
    private readonly SharedInformers informers;
    private readonly EventRecorder events;
    private readonly Informer<PodDisruptionBudget> budgets;
    private readonly ObjectIndex<PodDisruptionBudget> byNamespace;

    public DisruptionController(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log) : base("controllermanager", log)
    {
        (this.client, this.informers, this.events) = (client, informers, events);
        budgets = informers.Of<PodDisruptionBudget>();
        byNamespace = new(budgets, budget => [budget.Namespace]);
    }

    public override void Watch()
    {
        budgets.Changed += (_, updated) => { if (updated is not null) Queue.Add(updated.Key); };
        informers.Pods.Changed += (old, updated) =>
        {
            QueueSelecting(old);
            QueueSelecting(updated);
        };
        // A change of the wanted number moves budgets in percent; their pods are of the same namespace.
        informers.ReplicaSets.Changed += (old, updated) => { if (old?.Spec?.Replicas != updated?.Spec?.Replicas) QueueNamespace((updated ?? old)!.Namespace); };
        informers.ReplicationControllers.Changed += (old, updated) => { if (old?.Spec?.Replicas != updated?.Spec?.Replicas) QueueNamespace((updated ?? old)!.Namespace); };
        informers.Deployments.Changed += (old, updated) => { if (old?.Spec?.Replicas != updated?.Spec?.Replicas) QueueNamespace((updated ?? old)!.Namespace); };
    }

    private void QueueNamespace(string ns)
    {
        foreach (var budget in byNamespace[ns]) Queue.Add(budget.Key);
    }

    private void QueueSelecting(Pod? pod)
    {
        if (pod is null) return;
        foreach (var budget in byNamespace[pod.Namespace])
            if (Selects(budget, pod)) Queue.Add(budget.Key);
    }

    /// <summary>An empty selector selects every pod of the namespace, none at all selects none.</summary>
    private static bool Selects(PodDisruptionBudget budget, Pod pod) => budget.Spec?.Selector is { } selector && Selector.Of(selector).Matches(pod.Metadata.Labels);

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (budgets.Get(key) is not { Metadata.DeletionTimestamp: null } budget) return;
        var now = DateTime.UtcNow;
        var pods = informers.PodsByNamespace[budget.Namespace].Where(pod => Selects(budget, pod)).ToList();
        if (pods.Count == 0) events.Normal(Name, budget, "NoPods", "No matching pods found");
        var status = Compute(budget, pods, now);
        if (!CanonicalJson.Same(status, budget.Status)) await client.UpdateStatus(budget with { Status = status }, cancel);
        if (status.DisruptedPods is { Count: > 0 } disrupted) Queue.AddAfter(key, disrupted.Values.Min() + BudgetStatus.DeletionTimeout - now);
    }

    private PodDisruptionBudgetStatus Compute(PodDisruptionBudget budget, IReadOnlyList<Pod> pods, DateTime now)
    {
        if (BudgetStatus.IsAbsolute(budget)) return BudgetStatus.Of(budget, pods, pods.Count, now);
        var expected = ExpectedScale.Of(pods, informers);
        if (expected.Unmanaged.Count > 0)
            events.Warning(Name, budget, "UnmanagedPods", $"Pods selected by this PodDisruptionBudget (selector: {Selector.Of(budget.Spec!.Selector!)}) were found to be unmanaged. As a result, "
                + "the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
        if (expected.Pods is { } count) return BudgetStatus.Of(budget, pods, count, now);
        events.Warning(Name, budget, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {expected.Problem}");
        return BudgetStatus.Failed(budget, expected.Problem ?? "", now);
    }
}
