using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class DaemonSetTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private static DaemonSet Set(string ns, DaemonSetUpdateStrategy? strategy = null) => new()
    {
        Metadata = new ObjectMeta { Name = "agent", Namespace = ns },
        Spec = new DaemonSetSpec { Selector = new LabelSelector { MatchLabels = Labels("app=nginx") }, Template = Template(), UpdateStrategy = strategy },
    };

    private static bool Everywhere(IReadOnlyList<Pod> pods, string image = "nginx") =>
        pods.Select(pod => pod.Spec!.NodeName).Order().SequenceEqual(["node1", "node2"]) && pods.All(pod => PodState.IsReady(pod) && pod.Spec!.Containers[0].Image == image);

    private Task<DaemonSet> Status(string ns, Func<DaemonSetStatus, bool> holds) => cluster.Until(() => api.Get<DaemonSet>(ns, "agent", default), set => set.Status is { } status && holds(status));

    private Task SetImage(string ns, string image) =>
        api.MergePatch<DaemonSet>(ns, "agent", new { spec = new { template = new { spec = new { containers = new[] { new { name = "main", image } } } } } }, default);

    [Fact]
    public async Task Every_node_gets_a_pod_that_comes_back_and_goes_with_the_set()
    {
        var ns = await cluster.Namespace();
        var set = await api.Create(Set(ns), default);
        var pods = await cluster.UntilPods(ns, pods => Everywhere(pods));
        Assert.All(pods, pod => Assert.Equal(set.Metadata.Uid, Ownership.ControllerOf(pod)!.Uid));
        await Status(ns, status => status is { DesiredNumberScheduled: 2, CurrentNumberScheduled: 2, NumberReady: 2, NumberAvailable: 2, UpdatedNumberScheduled: 2, NumberUnavailable: null, NumberMisscheduled: 0, ObservedGeneration: 1 });
        await api.Delete<Pod>(ns, pods[0].Name, default);
        await cluster.UntilPods(ns, now => Everywhere(now) && now.All(pod => pod.Name != pods[0].Name));
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Count(e => e is { Reason: "SuccessfulCreate", InvolvedObject.Kind: "DaemonSet" }) >= 3);
        await api.Delete<DaemonSet>(ns, "agent", default, new DeleteOptions { PropagationPolicy = "Foreground" });
        await cluster.UntilGone<DaemonSet>(ns, "agent");
        await cluster.Until(() => cluster.List<Pod>(ns), left => left.Count == 0);
        await cluster.Until(() => cluster.List<ControllerRevision>(ns), left => left.Count == 0);
    }

    [Fact]
    public async Task A_new_template_rolls_over_the_nodes_one_by_one_and_can_be_taken_back()
    {
        var ns = await cluster.Namespace();
        await api.Create(Set(ns), default);
        await cluster.UntilPods(ns, pods => Everywhere(pods));
        await SetImage(ns, "nginx:2");
        await cluster.Until(async () => (await cluster.List<Pod>(ns)).ToList(), pods =>
        {
            Assert.True(pods.Count(pod => PodState.IsActive(pod) && PodState.IsReady(pod)) >= 1, "both pods were away at once");
            Assert.True(pods.Count <= 2, "a new pod was made before the old one was gone");
            return Everywhere(pods, "nginx:2");
        });
        await Status(ns, status => status is { UpdatedNumberScheduled: 2, NumberAvailable: 2, ObservedGeneration: 2 });
        var revisions = await cluster.Until(() => cluster.List<ControllerRevision>(ns), revisions => revisions.Count == 2);
        Assert.Equal([1, 2], revisions.Select(revision => revision.Revision).Order());

        await SetImage(ns, "nginx");
        await cluster.UntilPods(ns, pods => Everywhere(pods));
        revisions = await cluster.Until(() => cluster.List<ControllerRevision>(ns), revisions => revisions.Max(revision => revision.Revision) == 3);
        Assert.Equal([2, 3], revisions.Select(revision => revision.Revision).Order());
    }

    [Fact]
    public async Task With_surge_the_new_pod_is_there_before_the_old_one_goes()
    {
        var ns = await cluster.Namespace();
        await api.Create(Set(ns, new DaemonSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDaemonSet { MaxSurge = 1, MaxUnavailable = 0 } }), default);
        await cluster.UntilPods(ns, pods => Everywhere(pods));
        await SetImage(ns, "nginx:2");
        await cluster.Until(async () => (await cluster.List<Pod>(ns)).ToList(), pods =>
        {
            Assert.Equal(2, pods.Where(pod => PodState.IsActive(pod) && PodState.IsReady(pod)).Select(pod => pod.Spec!.NodeName).Distinct().Count());
            return Everywhere(pods.Where(PodState.IsActive).ToList(), "nginx:2");
        });
    }

    [Fact]
    public async Task OnDelete_changes_pods_only_when_they_are_deleted()
    {
        var ns = await cluster.Namespace();
        await api.Create(Set(ns, new DaemonSetUpdateStrategy { Type = "OnDelete" }), default);
        var pods = await cluster.UntilPods(ns, pods => Everywhere(pods));
        await SetImage(ns, "nginx:2");
        await Status(ns, status => status is { ObservedGeneration: 2, UpdatedNumberScheduled: null });
        await api.Delete<Pod>(ns, pods[0].Name, default);
        await cluster.UntilPods(ns, now => now.Count == 2 && now.Count(pod => pod.Spec!.Containers[0].Image == "nginx:2") == 1);
        await Status(ns, status => status is { UpdatedNumberScheduled: 1 });
    }

    [Fact]
    public async Task A_failed_pod_is_replaced_and_a_matching_orphan_taken_over()
    {
        var ns = await cluster.Namespace();
        await api.Create(Set(ns), default);
        var pods = await cluster.UntilPods(ns, pods => Everywhere(pods));
        await api.MergePatch<Pod>(ns, pods[0].Name, new { status = new { phase = "Failed" } }, default, "status");
        await cluster.UntilPods(ns, now => Everywhere(now) && now.All(pod => pod.Name != pods[0].Name));
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e.Reason == "FailedDaemonPod"));

        await api.Delete<DaemonSet>(ns, "agent", default, new DeleteOptions { PropagationPolicy = "Orphan" });
        await cluster.UntilGone<DaemonSet>(ns, "agent");
        var orphans = await cluster.Until(() => cluster.List<Pod>(ns), now => now.Count == 2 && now.All(pod => Ownership.ControllerOf(pod) is null));
        var again = await api.Create(Set(ns), default);
        var adopted = await cluster.UntilPods(ns, now => Everywhere(now) && now.All(pod => Ownership.ControllerOf(pod)?.Uid == again.Metadata.Uid));
        Assert.Equal(orphans.Select(pod => pod.Name).Order(), adopted.Select(pod => pod.Name).Order());
    }
}
