using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.ControlledCluster;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

/// <summary>What Deployments and ReplicaSets do when something is in their way, against the real API server.</summary>
public class DeploymentControllerTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private Task<Deployment> Until(string ns, Func<Deployment, bool> holds) => cluster.Until(() => api.Get<Deployment>(ns, "web", default), holds);

    private static DeploymentCondition? Progressing(Deployment deployment) => deployment.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Progressing");

    private static bool IsDone(Deployment deployment) => Progressing(deployment)?.Reason == "NewReplicaSetAvailable" && DeploymentProgress.IsComplete(deployment, deployment.Status!);

    [Fact]
    public async Task A_set_of_another_that_has_the_name_is_left_alone_and_another_name_is_taken()
    {
        var ns = await cluster.Namespace();
        var deployment = Deployment(ns, 1);
        // The name that the controller would choose: found by letting it choose once.
        await api.Create(deployment, default);
        await Until(ns, IsDone);
        var name = Assert.Single(await cluster.List<ReplicaSet>(ns)).Name;
        await api.Delete<Deployment>(ns, "web", default, new DeleteOptions { PropagationPolicy = "Foreground" });
        await cluster.UntilGone<Deployment>(ns, "web");
        await api.Create(new ReplicaSet { Metadata = new ObjectMeta { Name = name, Namespace = ns }, Spec = new ReplicaSetSpec { Replicas = 0, Selector = new LabelSelector { MatchLabels = Labels("app=other") }, Template = Template("x", "app=other") } }, default);

        await api.Create(deployment, default);
        var done = await Until(ns, IsDone);
        Assert.Equal(1, done.Status!.CollisionCount);
        var sets = await cluster.List<ReplicaSet>(ns);
        Assert.Equal(2, sets.Count);
        Assert.Null(Ownership.ControllerOf(sets.Single(set => set.Name == name)));
    }

    [Fact]
    public async Task A_template_whose_pods_are_refused_is_told_in_set_and_deployment_and_ends_when_it_is_mended()
    {
        var ns = await cluster.Namespace();
        var deployment = Deployment(ns, 2);
        // A workload's template may name what no pod may have together; only the pod itself is refused.
        var spec = deployment.Spec!.Template.Spec! with { NodeName = "node1", SchedulingGates = [new PodSchedulingGate { Name = "example.com/x" }] };
        await api.Create(deployment with { Spec = deployment.Spec with { Template = deployment.Spec.Template with { Spec = spec } } }, default);
        var failed = await Until(ns, seen => seen.Status?.Conditions?.Any(condition => condition.Type == "ReplicaFailure") == true);
        var failure = failed.Status!.Conditions!.Single(condition => condition.Type == "ReplicaFailure");
        Assert.Equal(("True", "FailedCreate"), (failure.Status, failure.Reason));
        Assert.Contains("cannot be set until all schedulingGates have been cleared", failure.Message);
        var before = Assert.Single(await cluster.List<ReplicaSet>(ns));
        await Task.Delay(1000); // trying again writes nothing that would bring it back at once
        Assert.Equal(before.Metadata.ResourceVersion, Assert.Single(await cluster.List<ReplicaSet>(ns)).Metadata.ResourceVersion);
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e is { Reason: "FailedCreate", Type: "Warning" } && e.Message!.StartsWith("Error creating: ")));

        await api.MergePatch<Deployment>(ns, "web", new { spec = new { template = new { spec = new { schedulingGates = Array.Empty<object>() } } } }, default);
        await Until(ns, mended => IsDone(mended) && mended.Status!.Conditions!.All(condition => condition.Type != "ReplicaFailure"));
    }

    [Fact]
    public async Task A_paused_deployment_takes_a_new_size_and_no_new_template()
    {
        var ns = await cluster.Namespace();
        await api.Create(Deployment(ns, 2), default);
        await Until(ns, IsDone);
        await api.MergePatch<Deployment>(ns, "web", new { spec = new { paused = true, replicas = 3, template = Template("nginx:2") } }, default);
        await cluster.UntilPods(ns, pods => pods.Count == 3 && pods.All(PodState.IsReady));
        Assert.Equal("DeploymentPaused", Progressing(await Until(ns, seen => seen.Status?.ObservedGeneration == seen.Metadata.Generation))!.Reason);
        Assert.All(await cluster.Pods(ns), pod => Assert.Equal("nginx", pod.Spec!.Containers[0].Image));
        await api.MergePatch<Deployment>(ns, "web", new { spec = new { paused = false } }, default);
        await Until(ns, IsDone);
        Assert.All(await cluster.Pods(ns), pod => Assert.Equal("nginx:2", pod.Spec!.Containers[0].Image));
    }

    [Fact]
    public async Task A_rollout_that_does_not_move_is_told_after_its_deadline_and_recovers()
    {
        var ns = await cluster.Namespace();
        var deployment = Deployment(ns, 1, ImitatedNodes.BrokenImage);
        await api.Create(deployment with { Spec = deployment.Spec! with { ProgressDeadlineSeconds = 2, MinReadySeconds = 1 } }, default);
        var stuck = await Until(ns, seen => Progressing(seen) is { Status: "False" });
        Assert.Equal("ProgressDeadlineExceeded", Progressing(stuck)!.Reason);
        Assert.Matches("^ReplicaSet \"web-[a-z0-9]+\" has timed out progressing\\.$", Progressing(stuck)!.Message);
        await api.MergePatch<Deployment>(ns, "web", new { spec = new { template = Template("nginx") } }, default);
        await Until(ns, IsDone);
    }

    [Fact]
    public async Task Only_so_many_old_sets_are_kept()
    {
        var ns = await cluster.Namespace();
        var deployment = Deployment(ns, 1);
        await api.Create(deployment with { Spec = deployment.Spec! with { RevisionHistoryLimit = 1 } }, default);
        await Until(ns, IsDone);
        foreach (var image in new[] { "nginx:2", "nginx:3", "nginx:4" })
        {
            await api.MergePatch<Deployment>(ns, "web", new { spec = new { template = Template(image) } }, default);
            await Until(ns, seen => seen.Status?.ObservedGeneration == seen.Metadata.Generation && IsDone(seen));
        }
        var sets = await cluster.Until(() => cluster.List<ReplicaSet>(ns), sets => sets.Count == 2);
        Assert.Equal(["3", "4"], sets.Select(set => set.Metadata.Annotations![DeploymentSets.Revision]).Order());
    }
}
