using System.Text.Json.Nodes;
using ControlPlane.Controllers;
using ControlPlane.Controllers.Disruption;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// POST of an Eviction to <c>pods/NAME/eviction</c>: deletes the pod if its disruption budget allows it. The budget's
/// status is counted down first, with a compare-and-swap, so that two evictions never spend the same disruption.
/// </summary>
internal sealed class EvictionSubresource(ObjectStore store, ObjectWriter writer, Delete delete)
{
    private const int MostDisrupted = 2000, Attempts = 100, RetrySeconds = 10;
    private const string Refusal = "Cannot evict pod as it would violate the pod's disruption budget.";

    /// <exception cref="StatusException">404; 429 the budget does not allow it now; 500 several budgets select the pod.</exception>
    public async Task Handle(ApiRequest request)
    {
        var eviction = await Read(request);
        if (eviction.Name.Length > 0 && eviction.Name != request.Name) throw StatusException.BadRequest("name in URL does not match name in Eviction object");
        var options = eviction.DeleteOptions ?? new DeleteOptions();
        if (request.DryRun) options = options with { DryRun = ["All"] };
        Delete.Validate(options);
        var pod = (Pod)(store.Snapshot.Get(request.Key) ?? throw StatusException.NotFound(request.Resource, request.Name)).Object;
        delete.Admit(request, pod); // before a disruption is spent on it
        if (!CanGoAnyway(pod)) options = await SpendDisruption(pod, options);
        if (options.DryRun is not { Count: > 0 } && !CanGoAnyway(pod)) await MarkDisrupted(request, pod);
        await delete.One(request, request.Key, options);
        await Answer.Success(request.Http, 201, null);
    }

    /// <summary>kubectl of 2021 and before writes policy/v1beta1, which has the same fields.</summary>
    private static async Task<Eviction> Read(ApiRequest request)
    {
        var json = RequestBody.ToJson(request.Http.Request, await RequestBody.Read(request.Http.Request, request.Aborted), typeof(Eviction), out var repeated);
        try
        {
            if (JsonNode.Parse(json) is JsonObject body && body["apiVersion"] is JsonValue version && version.TryGetValue<string>(out var text) && text == "policy/v1beta1")
            {
                body["apiVersion"] = Resource.Of<Eviction>().ApiVersion;
                json = System.Text.Encoding.UTF8.GetBytes(body.ToJsonString());
            }
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException or InvalidOperationException) { } // Decode says it better
        return (Eviction)RequestBody.Decode(request, json, typeof(Eviction), repeated);
    }

    /// <summary>Pods that run nothing any more, or not yet, are no loss.</summary>
    private static bool CanGoAnyway(Pod pod) => pod.Metadata.DeletionTimestamp is not null || pod.Status?.Phase is "Succeeded" or "Failed" or "Pending";

    /// <summary>Counts one disruption of the pod's budget, if it has one and needs it.</summary>
    private async Task<DeleteOptions> SpendDisruption(Pod pod, DeleteOptions options)
    {
        var dryRun = options.DryRun is { Count: > 0 };
        for (var attempt = 1; ; attempt++)
        {
            var selecting = store.Snapshot.List(Resource.Of<PodDisruptionBudget>().QualifiedName, pod.Namespace).Where(item => Selects((PodDisruptionBudget)item.Object, pod)).ToList();
            if (selecting.Count > 1) throw new StatusException(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
            // What was looked at must be what is deleted: the pod may be replaced or become healthy meanwhile.
            var guarded = options with { Preconditions = (options.Preconditions ?? new Preconditions()) with { Uid = options.Preconditions?.Uid ?? pod.Metadata.Uid } };
            if (selecting.Count == 0) return guarded;
            var budget = (PodDisruptionBudget)selecting[0].Object;
            if (!PodState.IsReady(pod) && MayGoUnhealthy(budget)) return guarded;
            var spent = Spent(budget, pod);
            if (dryRun) return guarded;
            try
            {
                await store.Update(selecting[0].Key, selecting[0].Revision, spent);
                return guarded;
            }
            catch (StoreException e)
            {
                if (e.Fault != StoreFault.Conflict || attempt == Attempts) throw ObjectWriter.Translate(e, Resource.Of<PodDisruptionBudget>(), budget.Name);
            }
        }
    }

    private static bool Selects(PodDisruptionBudget budget, Pod pod) => budget.Spec?.Selector is { } selector && Selector.Of(selector).Matches(pod.Metadata.Labels);

    /// <summary>A pod that is not ready serves nobody: it may go if enough others do, or always if the budget says so.</summary>
    private static bool MayGoUnhealthy(PodDisruptionBudget budget) => budget.Spec?.UnhealthyPodEvictionPolicy == "AlwaysAllow"
        || budget.Status is { DesiredHealthy: > 0 } status && (status.CurrentHealthy ?? 0) >= status.DesiredHealthy;

    private static PodDisruptionBudget Spent(PodDisruptionBudget budget, Pod pod)
    {
        var (status, now) = (budget.Status ?? new PodDisruptionBudgetStatus(), DateTime.UtcNow);
        if ((status.ObservedGeneration ?? 0) < (budget.Metadata.Generation ?? 0))
            throw Refused($"The disruption budget {budget.Name} is still being processed by the server.", RetrySeconds);
        if (status.DisruptedPods?.Count > MostDisrupted)
            throw StatusException.Forbidden(Resource.Of<PodDisruptionBudget>(), budget.Name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        if (status.DisruptionsAllowed is null or <= 0)
            throw Refused($"The disruption budget {budget.Name} needs {status.DesiredHealthy ?? 0} healthy pods and has {status.CurrentHealthy ?? 0} currently", null);
        var disrupted = new Dictionary<string, DateTime>(status.DisruptedPods ?? new Dictionary<string, DateTime>()) { [pod.Name] = now };
        return budget with { Status = BudgetStatus.WithAllowed(status with { DisruptedPods = disrupted }, status.DisruptionsAllowed.Value - 1, now) };
    }

    private static StatusException Refused(string cause, int? retryAfterSeconds) => new(429, "TooManyRequests", Refusal, new StatusDetails
    {
        Causes = [new StatusCause { Reason = "DisruptionBudget", Message = cause }], RetryAfterSeconds = retryAfterSeconds,
    });

    private async Task MarkDisrupted(ApiRequest request, Pod pod)
    {
        var condition = new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "EvictionByEvictionAPI", Message = "Eviction API: evicting" };
        await writer.Update(request, request.Key, WritePart.Server, null, current => current.Metadata.Uid != pod.Metadata.Uid ? current
            : (Pod)current with { Status = (((Pod)current).Status ?? new PodStatus()) with { Conditions = PodState.WithCondition((Pod)current, condition, DateTime.UtcNow) } });
    }
}
