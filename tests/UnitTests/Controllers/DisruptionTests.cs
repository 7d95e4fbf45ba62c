using ControlPlane.Controllers.Disruption;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.ControlledCluster;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class DisruptionTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private static PodDisruptionBudget Budget(string ns, IntOrString? min = null, IntOrString? max = null, string? unhealthy = null, string name = "budget") => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns, Generation = 1 },
        Spec = new PodDisruptionBudgetSpec { MinAvailable = min, MaxUnavailable = max, UnhealthyPodEvictionPolicy = unhealthy, Selector = new LabelSelector { MatchLabels = Labels("app=nginx") } },
    };

    [Theory]
    [InlineData("2", null, 4, 3, 1)]
    [InlineData("60%", null, 4, 3, 0)]
    [InlineData(null, "1", 4, 4, 1)]
    [InlineData(null, "30%", 4, 4, 2)]
    [InlineData(null, "0", 4, 4, 0)]
    public void A_budget_allows_what_its_rule_leaves(string? min, string? max, int expected, int ready, int allowed)
    {
        IntOrString? Amount(string? text) => text is null ? null : int.TryParse(text, out var number) ? number : text;
        var pods = Enumerable.Range(0, 4).Select(i => Pod($"p{i}", ready: i < ready)).ToList();
        Assert.Equal(allowed, BudgetStatus.Of(Budget("default", Amount(min), Amount(max)), pods, expected, Now).DisruptionsAllowed);
    }

    [Fact]
    public void Pods_that_are_going_or_are_about_to_are_not_healthy()
    {
        var budget = Budget("default", 1) with
        {
            Status = new PodDisruptionBudgetStatus { DisruptedPods = new Dictionary<string, DateTime> { ["b"] = Now.AddSeconds(-5), ["c"] = Now.AddMinutes(-3), ["gone"] = Now } },
        };
        var status = BudgetStatus.Of(budget, [Pod("a", deleting: true), Pod("b"), Pod("c"), Pod("d")], 4, Now);
        Assert.Equal((2, 1, "SufficientPods"), (status.CurrentHealthy, status.DisruptionsAllowed, status.Conditions!.Single().Reason));
        Assert.Equal(["b"], status.DisruptedPods!.Keys); // c did not go within two minutes
    }

    private Task<PodDisruptionBudget> Allowed(string ns, int allowed) =>
        cluster.Until(() => api.Get<PodDisruptionBudget>(ns, "budget", default), budget => budget.Status is { ObservedGeneration: not null } status && status.DisruptionsAllowed == allowed);

    private Task Evict(Pod pod, string apiVersion = "policy/v1", string dryRun = "") =>
        api.Post<Pod>(pod.Namespace, pod.Name, "eviction" + dryRun, new Eviction { Kind = "Eviction", ApiVersion = apiVersion, Metadata = new ObjectMeta { Name = pod.Name, Namespace = pod.Namespace } }, default);

    private async Task<IReadOnlyList<Pod>> Ready(string ns, int count) =>
        await cluster.UntilPods(ns, pods => pods.Count == count && pods.All(ControlPlane.Controllers.PodState.IsReady));

    [Fact]
    public async Task Evictions_spend_the_budget_and_are_refused_when_it_is_empty()
    {
        var ns = await cluster.Namespace();
        await api.Create(Deployment(ns, 3), default);
        var pods = await Ready(ns, 3);
        await api.Create(Budget(ns, max: 1), default);
        var budget = await Allowed(ns, 1);
        Assert.Equal((3, 3, 2), (budget.Status!.ExpectedPods, budget.Status.CurrentHealthy, budget.Status.DesiredHealthy));

        await Evict(pods[0], dryRun: "?dryRun=All");
        Assert.Null((await api.Get<Pod>(ns, pods[0].Name, default)).Metadata.DeletionTimestamp);
        await api.MergePatch<Deployment>(ns, "web", new { spec = new { paused = true } }, default);
        var attempts = await Task.WhenAll(pods.Select(async pod =>
        {
            try { await Evict(pod, "policy/v1beta1"); return null; }
            catch (ApiException e) { return e; }
        }));
        var refused = attempts.Where(e => e is not null).ToList();
        Assert.Equal(2, refused.Count);
        Assert.All(refused, e =>
        {
            Assert.Equal((429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."), (e!.Code, e.Status.Reason, e.Status.Message));
            Assert.Equal("DisruptionBudget", e.Status.Details!.Causes!.Single().Reason);
        });
        await Ready(ns, 3);
        await Allowed(ns, 1); // the pod was replaced: the budget has room again
    }

    [Fact]
    public async Task Pods_without_a_budget_go_and_two_budgets_are_an_error()
    {
        var ns = await cluster.Namespace();
        var pod = await api.Create(new Pod { Metadata = new ObjectMeta { Name = "a", Namespace = ns, Labels = Labels("app=nginx") }, Spec = Template().Spec }, default);
        await Ready(ns, 1);
        await api.Create(Budget(ns, 0), default);
        await api.Create(Budget(ns, 0, name: "second"), default);
        var error = await Assert.ThrowsAsync<ApiException>(() => Evict(pod));
        Assert.Equal((500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."), (error.Code, error.Status.Message));
        await api.Delete<PodDisruptionBudget>(ns, "budget", default);
        await api.Delete<PodDisruptionBudget>(ns, "second", default);
        await Evict(pod);
        await cluster.UntilGone<Pod>(ns, "a");
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_goes_if_the_budget_says_so()
    {
        var ns = await cluster.Namespace();
        var pod = await api.Create(new Pod { Metadata = new ObjectMeta { Name = "a", Namespace = ns, Labels = Labels("app=nginx") }, Spec = Template(ImitatedNodes.BrokenImage).Spec }, default);
        await cluster.UntilPods(ns, pods => pods.Single().Status?.Phase == "Running");
        await api.Create(Budget(ns, 1), default);
        await Allowed(ns, 0);
        var error = await Assert.ThrowsAsync<ApiException>(() => Evict(pod));
        Assert.Equal("The disruption budget budget needs 1 healthy pods and has 0 currently", error.Status.Details!.Causes!.Single().Message);
        await api.MergePatch<PodDisruptionBudget>(ns, "budget", new { spec = new { unhealthyPodEvictionPolicy = "AlwaysAllow" } }, default);
        await Evict(pod);
        await cluster.UntilGone<Pod>(ns, "a");
    }
}
