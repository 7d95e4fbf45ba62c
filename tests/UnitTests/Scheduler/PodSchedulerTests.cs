using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using UnitTests.Controllers;
using Xunit;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Scheduler;

/// <summary>The scheduler against the real API server.</summary>
public class PodSchedulerTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private static Pod Wanting(string ns, string name, PodSpec spec) => new() { Metadata = new ObjectMeta { Name = name, Namespace = ns, Labels = Labels("app=" + name) }, Spec = spec };

    private static PodSpec Spec => Template().Spec!;

    private Task<Pod> UntilScheduled(string ns, string name) => cluster.Until(() => api.Get<Pod>(ns, name, default), pod => pod.Spec?.NodeName is { Length: > 0 });

    private Task<Pod> UntilUnschedulable(string ns, string name, string reason = "Unschedulable") =>
        cluster.Until(() => api.Get<Pod>(ns, name, default), pod => PodState.Condition(pod, "PodScheduled") is { Status: "False" } condition && condition.Reason == reason);

    [Fact]
    public async Task A_gated_pod_waits_until_its_gates_are_gone()
    {
        var ns = await cluster.Namespace();
        await api.Create(Wanting(ns, "gated", Spec with { SchedulingGates = [new PodSchedulingGate { Name = "example.com/wait" }] }), default);
        await UntilUnschedulable(ns, "gated", "SchedulingGated");
        var refused = await Assert.ThrowsAsync<ApiException>(() => api.Post<Pod>(ns, "gated", "binding", new Binding { Kind = "Binding", ApiVersion = "v1", Metadata = new ObjectMeta { Name = "gated", Namespace = ns }, Target = new ObjectReference { Kind = "Node", Name = "node1" } }, default));
        Assert.Contains("pod gated has non-empty .spec.schedulingGates", refused.Message);
        await Task.Delay(300);
        Assert.Null((await api.Get<Pod>(ns, "gated", default)).Spec!.NodeName);
        await api.MergePatch<Pod>(ns, "gated", new { spec = new { schedulingGates = Array.Empty<object>() } }, default);
        Assert.Equal("True", PodState.Condition(await UntilScheduled(ns, "gated"), "PodScheduled")!.Status);
    }

    [Fact]
    public async Task A_pod_of_another_scheduler_is_left_alone()
    {
        var ns = await cluster.Namespace();
        await api.Create(Wanting(ns, "theirs", Spec with { SchedulerName = "mine" }), default);
        await api.Create(Wanting(ns, "ours", Spec), default);
        await UntilScheduled(ns, "ours");
        await Task.Delay(300);
        var pod = await api.Get<Pod>(ns, "theirs", default);
        Assert.Null(pod.Spec!.NodeName);
        Assert.Null(PodState.Condition(pod, "PodScheduled"));
    }

    [Fact]
    public async Task A_pod_that_waits_for_a_neighbour_follows_it()
    {
        var ns = await cluster.Namespace();
        var near = new PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [new PodAffinityTerm { TopologyKey = "kubernetes.io/hostname", LabelSelector = new LabelSelector { MatchLabels = Labels("app=db") } }] };
        await api.Create(Wanting(ns, "web", Spec with { Affinity = new Affinity { PodAffinity = near } }), default);
        var waiting = await UntilUnschedulable(ns, "web");
        Assert.Equal("0/2 nodes are available: 2 node(s) didn't match pod affinity rules.", PodState.Condition(waiting, "PodScheduled")!.Message);
        await api.Create(Wanting(ns, "db", Spec with { NodeName = "node2" }), default);
        Assert.Equal("node2", (await UntilScheduled(ns, "web")).Spec!.NodeName);
    }

    [Fact]
    public async Task A_pod_that_waits_for_a_port_gets_it_when_the_other_ends()
    {
        var ns = await cluster.Namespace();
        var spec = Spec with { NodeSelector = Labels("kubernetes.io/hostname=node1"), Containers = [Spec.Containers[0] with { Ports = [new ContainerPort { Port = 80, HostPort = 20080 }] }] };
        await api.Create(Wanting(ns, "first", spec), default);
        await UntilScheduled(ns, "first");
        await api.Create(Wanting(ns, "second", spec), default);
        var waiting = await UntilUnschedulable(ns, "second");
        Assert.Equal("0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) didn't match Pod's node affinity/selector.", PodState.Condition(waiting, "PodScheduled")!.Message);
        await api.Delete<Pod>(ns, "first", default);
        Assert.Equal("node1", (await UntilScheduled(ns, "second")).Spec!.NodeName);
    }

    [Fact]
    public async Task Two_schedulers_give_every_pod_one_node()
    {
        var ns = await cluster.Namespace();
        using var stop = new CancellationTokenSource();
        var refusals = new List<string>();
        var informers = new SharedInformers(api, _ => { });
        var events = new EventRecorder(api, _ => { });
        var second = new ControlPlane.Scheduler.PodScheduler(api, informers, events, refusals.Add);
        second.Watch();
        var watching = informers.Run(stop.Token);
        await informers.Synced;
        var running = second.Run(stop.Token);
        await api.Create(ControlledCluster.ReplicationController(ns, 60), default);
        await cluster.UntilPods(ns, pods => pods.Count == 60 && pods.All(PodState.IsReady));
        await stop.CancelAsync();
        await Task.WhenAll(watching, running);
        Assert.Empty(refusals);
        var assigned = (await cluster.Until(() => cluster.List<Event>(ns), seen => seen.Count(e => e.Reason == "Scheduled") > 0)).Where(e => e.Reason == "Scheduled");
        Assert.All(assigned.GroupBy(e => e.InvolvedObject.Name), group => Assert.Single(group));
    }
}
