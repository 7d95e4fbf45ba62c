using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.ControlledCluster;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class WorkloadControllersTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private static bool AllReady(IReadOnlyList<Pod> pods, int count) => pods.Count == count && pods.All(PodState.IsReady);

    [Fact]
    public async Task A_replication_controller_makes_spreads_and_removes_its_pods()
    {
        var ns = await cluster.Namespace();
        var rc = await api.Create(ReplicationController(ns, 2), default);
        var pods = await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        Assert.Equal(["node1", "node2"], pods.Select(pod => pod.Spec!.NodeName).Order());
        Assert.All(pods, pod => Assert.StartsWith("web-", pod.Name));
        Assert.All(pods, pod => Assert.Equal(rc.Metadata.Uid, Ownership.ControllerOf(pod)!.Uid));
        await cluster.Until(() => api.Get<ReplicationController>(ns, "web", default), rc => rc.Status is { Replicas: 2, ReadyReplicas: 2, AvailableReplicas: 2, FullyLabeledReplicas: 2, ObservedGeneration: 1 });

        await api.MergePatch<ReplicationController>(ns, "web", new { spec = new { replicas = 0 } }, default);
        await cluster.Until(() => cluster.List<Pod>(ns), pods => pods.Count == 0);
        await cluster.Until(() => api.Get<ReplicationController>(ns, "web", default), rc => rc.Status is { Replicas: 0, ReadyReplicas: null or 0 });

        await api.MergePatch<ReplicationController>(ns, "web", new { spec = new { replicas = 2 } }, default);
        var again = await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        Assert.Equal(["node1", "node2"], again.Select(pod => pod.Spec!.NodeName).Order());
        Assert.Empty(again.Select(pod => pod.Name).Intersect(pods.Select(pod => pod.Name)));
    }

    [Fact]
    public async Task Many_pods_at_once_are_exactly_as_many_as_wanted()
    {
        var ns = await cluster.Namespace();
        await api.Create(ReplicationController(ns, 40), default);
        await cluster.UntilPods(ns, pods => AllReady(pods, 40));
        await Task.Delay(500);
        Assert.Equal(40, (await cluster.List<Pod>(ns)).Count);
        // Nine by name, the others as one; none too many that was deleted again.
        var events = await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e.Count > 10 && e.Message!.StartsWith("(combined from similar events): Created pod: web-")));
        Assert.Equal(10, events.Count(e => e.Reason == "SuccessfulCreate"));
        Assert.DoesNotContain(events, e => e.Reason == "SuccessfulDelete");
    }

    [Fact]
    public async Task A_deleted_pod_is_replaced_and_one_that_loses_its_label_is_let_go()
    {
        var ns = await cluster.Namespace();
        await api.Create(ReplicationController(ns, 2), default);
        var pods = await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        await api.Delete<Pod>(ns, pods[0].Name, default);
        await cluster.UntilPods(ns, now => AllReady(now, 2) && now.All(pod => pod.Name != pods[0].Name));

        await api.MergePatch<Pod>(ns, pods[1].Name, new { metadata = new { labels = new { app = "other" } } }, default);
        var three = await cluster.UntilPods(ns, now => AllReady(now, 3));
        await cluster.Until(() => api.Get<Pod>(ns, pods[1].Name, default), pod => Ownership.ControllerOf(pod) is null);
        Assert.Equal(2, three.Count(pod => pod.Metadata.Labels!["app"] == "nginx"));
    }

    [Fact]
    public async Task A_pod_made_by_hand_that_matches_is_adopted()
    {
        var ns = await cluster.Namespace();
        await api.Create(new Pod { Metadata = new ObjectMeta { Name = "mine", Namespace = ns, Labels = Labels("app=nginx") }, Spec = Template().Spec }, default);
        await cluster.UntilPods(ns, pods => AllReady(pods, 1));
        await api.Create(ReplicationController(ns, 2), default);
        var pods = await cluster.UntilPods(ns, pods => AllReady(pods, 2) && pods.All(pod => Ownership.ControllerOf(pod) is not null));
        Assert.Contains(pods, pod => pod.Name == "mine");
    }

    [Fact]
    public async Task A_deployment_makes_a_replica_set_and_reports_its_progress()
    {
        var ns = await cluster.Namespace();
        await api.Create(Deployment(ns, 2), default);
        var pods = await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        Assert.Equal(["node1", "node2"], pods.Select(pod => pod.Spec!.NodeName).Order());
        var deployment = await cluster.Until(() => api.Get<Deployment>(ns, "web", default), deployment => deployment.Status is { AvailableReplicas: 2, UpdatedReplicas: 2, ReadyReplicas: 2, Replicas: 2 }
            && deployment.Status.Conditions!.Any(condition => condition.Reason == "NewReplicaSetAvailable"));
        Assert.Equal(deployment.Metadata.Generation, deployment.Status!.ObservedGeneration);
        Assert.Equal("1", deployment.Metadata.Annotations!["deployment.kubernetes.io/revision"]);
        Assert.Equal(("True", "MinimumReplicasAvailable"), deployment.Status.Conditions!.Where(c => c.Type == "Available").Select(c => (c.Status, c.Reason!)).Single());
        var set = Assert.Single(await cluster.List<ReplicaSet>(ns));
        Assert.Matches("^web-[bcdfghjklmnpqrstvwxz2456789]+$", set.Name);
        Assert.All(pods, pod => Assert.StartsWith(set.Name + "-", pod.Name));
        Assert.All(pods, pod => Assert.Equal(set.Name, "web-" + pod.Metadata.Labels!["pod-template-hash"]));
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e.Reason == "ScalingReplicaSet" && e.Message == $"Scaled up replica set {set.Name} from 0 to 2"));
        Assert.Single(await cluster.List<ReplicaSet>(ns));

        await api.MergePatch<Deployment>(ns, "web", new { spec = new { replicas = 0 } }, default);
        await cluster.Until(() => cluster.List<Pod>(ns), now => now.Count == 0);
        await api.MergePatch<Deployment>(ns, "web", new { spec = new { replicas = 2 } }, default);
        pods = await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        Assert.Equal(["node1", "node2"], pods.Select(pod => pod.Spec!.NodeName).Order());
        Assert.Equal(set.Name, Assert.Single(await cluster.List<ReplicaSet>(ns)).Name);
    }

    [Fact]
    public async Task A_new_template_is_rolled_out_and_going_back_takes_the_old_set()
    {
        var ns = await cluster.Namespace();
        await api.Create(Deployment(ns, 3), default);
        await cluster.UntilPods(ns, pods => AllReady(pods, 3));
        var first = Assert.Single(await cluster.List<ReplicaSet>(ns)).Name;

        async Task Roll(string image)
        {
            var deployment = await api.Get<Deployment>(ns, "web", default);
            await api.MergePatch<Deployment>(ns, "web", new { spec = new { template = Template(image) } }, default);
            await cluster.UntilPods(ns, pods => AllReady(pods, 3) && pods.All(pod => pod.Spec!.Containers[0].Image == image));
        }
        await Roll("nginx:2");
        var sets = await cluster.Until(() => cluster.List<ReplicaSet>(ns), sets => sets.Count == 2 && sets.Single(set => set.Name == first).Spec!.Replicas == 0);
        await Roll("nginx");
        await cluster.Until(() => api.Get<Deployment>(ns, "web", default), deployment => deployment.Metadata.Annotations!["deployment.kubernetes.io/revision"] == "3"
            && deployment.Status!.Conditions!.Any(condition => condition.Reason == "NewReplicaSetAvailable"));
        Assert.Equal(2, (await cluster.List<ReplicaSet>(ns)).Count);
    }

    [Fact]
    public async Task A_template_that_never_gets_ready_leaves_the_old_pods()
    {
        var ns = await cluster.Namespace();
        await api.Create(Deployment(ns, 4), default);
        await cluster.UntilPods(ns, pods => AllReady(pods, 4));
        await api.MergePatch<Deployment>(ns, "web", new { spec = new { template = Template(ImitatedNodes.BrokenImage) } }, default);
        await cluster.UntilPods(ns, pods => pods.Count(pod => pod.Spec!.Containers[0].Image == ImitatedNodes.BrokenImage) == 2 && pods.Count(PodState.IsReady) == 3);
        await Task.Delay(500);
        Assert.Equal(3, (await cluster.Pods(ns)).Count(PodState.IsReady));
    }

    [Fact]
    public async Task Recreate_never_runs_old_and_new_pods_together()
    {
        var ns = await cluster.Namespace();
        var deployment = Deployment(ns, 2);
        await api.Create(deployment with { Spec = deployment.Spec! with { Strategy = new DeploymentStrategy { Type = "Recreate" } } }, default);
        await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        await api.MergePatch<Deployment>(ns, "web", new { spec = new { template = Template("nginx:2") } }, default);
        await cluster.Until(() => cluster.List<Pod>(ns), pods =>
        {
            Assert.True(pods.Select(pod => pod.Spec!.Containers[0].Image).Distinct().Count() <= 1);
            return pods.Count == 2 && pods.All(pod => PodState.IsReady(pod) && pod.Spec!.Containers[0].Image == "nginx:2");
        });
    }

    [Theory]
    [InlineData("Background")]
    [InlineData("Foreground")]
    public async Task A_deleted_deployment_takes_its_sets_and_pods_with_it(string policy)
    {
        var ns = await cluster.Namespace();
        await api.Create(Deployment(ns, 2), default);
        await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        await api.Delete<Deployment>(ns, "web", default, new DeleteOptions { PropagationPolicy = policy });
        await cluster.UntilGone<Deployment>(ns, "web");
        if (policy == "Foreground") Assert.Empty(await cluster.List<ReplicaSet>(ns));
        await cluster.Until(() => cluster.List<ReplicaSet>(ns), sets => sets.Count == 0);
        await cluster.Until(() => cluster.List<Pod>(ns), pods => pods.Count == 0);
    }

    [Fact]
    public async Task An_orphaned_replica_controllers_pods_stay_and_another_adopts_them()
    {
        var ns = await cluster.Namespace();
        await api.Create(ReplicationController(ns, 2), default);
        var pods = await cluster.UntilPods(ns, pods => AllReady(pods, 2));
        await api.Delete<ReplicationController>(ns, "web", default, new DeleteOptions { PropagationPolicy = "Orphan" });
        await cluster.UntilGone<ReplicationController>(ns, "web");
        await cluster.UntilPods(ns, pods => pods.Count == 2 && pods.All(pod => Ownership.ControllerOf(pod) is null));
        await api.Create(ReplicationController(ns, 2, "second"), default);
        var adopted = await cluster.UntilPods(ns, pods => pods.Count == 2 && pods.All(pod => Ownership.ControllerOf(pod)?.Name == "second"));
        Assert.Equal(pods.Select(pod => pod.Name).Order(), adopted.Select(pod => pod.Name).Order());
    }

    [Fact]
    public async Task Pods_that_nobody_can_run_say_why_and_run_once_somebody_can()
    {
        var ns = await cluster.Namespace();
        var pod = new Pod { Metadata = new ObjectMeta { Name = "picky", Namespace = ns }, Spec = Template().Spec! with { NodeSelector = Labels("disk-of=" + ns) } };
        await api.Create(pod, default);
        pod = await cluster.Until(() => api.Get<Pod>(ns, "picky", default), pod => PodState.Condition(pod, "PodScheduled") is not null);
        var condition = PodState.Condition(pod, "PodScheduled")!;
        Assert.Equal(("False", "Unschedulable", "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."), (condition.Status, condition.Reason, condition.Message));
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e.Reason == "FailedScheduling" && e.InvolvedObject.Name == "picky"));
        await api.MergePatch<Node>("", "node2", new { metadata = new { labels = new Dictionary<string, string> { ["disk-of"] = ns } } }, default);
        Assert.Equal("node2", (await cluster.Until(() => api.Get<Pod>(ns, "picky", default), PodState.IsReady)).Spec!.NodeName);
    }
}
