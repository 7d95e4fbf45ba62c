using ControlPlane.Controllers.DaemonSets;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

/// <summary>Which pods a DaemonSet makes and deletes; nodes are a, b, c …</summary>
public class DaemonPlanTests
{
    private static DaemonSet Set(RollingUpdateDaemonSet? rolling = null, PodSpec? spec = null) => new()
    {
        Metadata = new ObjectMeta { Name = "d", Namespace = "default", Uid = "set", Generation = 1 },
        Spec = new DaemonSetSpec
        {
            Selector = new LabelSelector { MatchLabels = Labels("app=d") },
            Template = new PodTemplateSpec { Metadata = new ObjectMeta { Labels = Labels("app=d") }, Spec = spec ?? new PodSpec() },
            UpdateStrategy = new DaemonSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = rolling ?? new RollingUpdateDaemonSet { MaxUnavailable = 1, MaxSurge = 0 } },
        },
    };

    private static Pod On(string node, string hash = "new", bool ready = true, string phase = "Running", bool deleting = false, int age = 60) =>
        Pod($"{node}-{hash}-{age}", node, ready, phase, deleting: deleting, created: Now.AddMinutes(-age), labels: ["app=d", "controller-revision-hash=" + hash], owner: "set");

    private static Node[] Nodes(params string[] names) => names.Select(name => Node(name)).ToArray();

    private static DaemonPlan Plan(DaemonSet set, Node[] nodes, params Pod[] pods) => DaemonPlan.Compute(set, DaemonNode.All(set, nodes, pods), "new", _ => DateTime.MinValue, Now);

    private static (string Create, string Delete) Step(DaemonSet set, Node[] nodes, params Pod[] pods)
    {
        var step = DaemonRollout.Next(set, DaemonNode.All(set, nodes, pods), "new", Now);
        return (string.Join(' ', step.CreateOn), string.Join(' ', step.Delete.Select(pod => pod.Spec!.NodeName)));
    }

    [Fact]
    public void Every_node_gets_one_pod_and_only_one()
    {
        var plan = Plan(Set(), Nodes("a", "b"), On("b", age: 9), On("b", age: 5));
        Assert.Equal(["a"], plan.CreateOn);
        Assert.Equal(["b-new-5"], plan.Delete.Select(pod => pod.Name));
    }

    [Fact]
    public void A_pod_that_is_going_holds_its_place()
    {
        Assert.True(Plan(Set(), Nodes("a"), On("a", deleting: true)).IsEmpty);
        Assert.Equal(("", ""), Step(Set(), Nodes("a", "b"), On("a", deleting: true), On("b", "old")));
    }

    [Fact]
    public void Nodes_that_do_not_match_get_none_and_lose_theirs()
    {
        var set = Set(spec: new PodSpec { NodeSelector = Labels("disk=ssd") });
        Node[] nodes = [Node("a", labels: ["disk=ssd"]), Node("b")];
        var plan = Plan(set, nodes, On("b"));
        Assert.Equal(["a"], plan.CreateOn);
        Assert.Equal(["b"], plan.Delete.Select(pod => pod.Spec!.NodeName));
    }

    [Theory]
    [InlineData("some", "NoSchedule", false, false)]
    [InlineData("some", "NoExecute", false, true)]
    [InlineData("node.kubernetes.io/unschedulable", "NoSchedule", true, false)]
    [InlineData("node.kubernetes.io/not-ready", "NoExecute", true, false)]
    public void A_taint_keeps_pods_away_and_only_NoExecute_drives_them_off(string key, string effect, bool creates, bool deletes)
    {
        var node = Node("a", taints: [new Taint { Key = key, Effect = effect }]);
        Assert.Equal(creates, Plan(Set(), [node]).CreateOn.Count == 1);
        Assert.Equal(deletes, Plan(Set(), [node], On("a")).Delete.Count == 1);
    }

    [Fact]
    public void A_pod_names_its_node_and_tolerates_trouble()
    {
        var pod = DaemonPod.New(Set(spec: new PodSpec { HostNetwork = true }), "a", "new");
        Assert.Equal("a", DaemonPod.NodeOf(pod));
        Assert.Equal("new", pod.Metadata.Labels!["controller-revision-hash"]);
        Assert.Contains(pod.Spec!.Tolerations!, toleration => toleration is { Key: "node.kubernetes.io/unreachable", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: null });
        Assert.Contains(pod.Spec.Tolerations!, toleration => toleration.Key == "node.kubernetes.io/network-unavailable");
    }

    [Fact]
    public void Pods_that_ended_are_replaced_but_failing_ones_not_at_once()
    {
        var (set, nodes) = (Set(), Nodes("a", "b"));
        Assert.Equal(["a", "b"], Plan(set, nodes, On("a", phase: "Failed"), On("b", phase: "Succeeded")).Ended.Select(pod => pod.Spec!.NodeName));
        var later = DaemonPlan.Compute(set, DaemonNode.All(set, nodes, [On("a", phase: "Failed"), On("b")]), "new", _ => Now.AddSeconds(3), Now);
        Assert.True(later.IsEmpty);
        Assert.Equal(Now.AddSeconds(3), later.LookAgain);
    }

    [Fact]
    public void Without_surge_no_more_pods_go_than_may_be_unavailable()
    {
        var nodes = Nodes("a", "b", "c", "d");
        var two = Set(new RollingUpdateDaemonSet { MaxUnavailable = 2, MaxSurge = 0 });
        Assert.Equal(("", "a b"), Step(two, nodes, On("a", "old"), On("b", "old"), On("c", "old"), On("d", "old")));
        Assert.Equal(("", "c"), Step(two, nodes, On("a"), On("b", ready: false), On("c", "old"), On("d", "old")));
        Assert.Equal(("", ""), Step(two, nodes, On("b", ready: false), On("c", "old"), On("d", "old"))); // a has none at all
        Assert.Equal(("", "d"), Step(two, nodes, On("a", ready: false), On("b", ready: false), On("c", "old"), On("d", "old", ready: false))); // nothing is lost with d
        var half = Set(new RollingUpdateDaemonSet { MaxUnavailable = "30%", MaxSurge = 0 });
        Assert.Equal(("", "a b"), Step(half, nodes, On("a", "old"), On("b", "old"), On("c", "old"), On("d", "old")));
    }

    [Fact]
    public void With_surge_new_pods_come_first()
    {
        var (nodes, set) = (Nodes("a", "b", "c"), Set(new RollingUpdateDaemonSet { MaxUnavailable = 0, MaxSurge = 1 }));
        Assert.Equal(("a", ""), Step(set, nodes, On("a", "old"), On("b", "old"), On("c", "old")));
        Assert.Equal(("", ""), Step(set, nodes, On("a", "old"), On("a", ready: false, age: 1), On("b", "old"), On("c", "old")));
        Assert.Equal(("b", "a"), Step(set, nodes, On("a", "old"), On("a", age: 1), On("b", "old"), On("c", "old")));
        Assert.True(Plan(set, nodes, On("a", "old"), On("a", ready: false, age: 1), On("b", "old"), On("c", "old")).IsEmpty);
    }

    [Fact]
    public void OnDelete_waits_for_somebody_to_delete()
    {
        var set = Set();
        set = set with { Spec = set.Spec! with { UpdateStrategy = new DaemonSetUpdateStrategy { Type = "OnDelete" } } };
        Assert.Equal(("", ""), Step(set, Nodes("a"), On("a", "old")));
    }

    [Fact]
    public void The_status_counts_nodes()
    {
        var (set, nodes) = (Set(), new[] { Node("a"), Node("b"), Node("c"), Node("d", taints: [new Taint { Key = "x", Effect = "NoSchedule" }]) });
        var status = DaemonStatus.Of(set, DaemonNode.All(set, nodes, [On("a"), On("b", "old", ready: false), On("d")]), "new", Now);
        Assert.Equal((3, 2, 1, 1, 1, 1, 2), (status.DesiredNumberScheduled, status.CurrentNumberScheduled, status.NumberMisscheduled, status.NumberReady,
            status.UpdatedNumberScheduled, status.NumberAvailable, status.NumberUnavailable));
    }

    [Fact]
    public void A_former_template_that_comes_back_gets_the_highest_number()
    {
        var (set, other) = (Set(), Set(spec: new PodSpec { HostPID = true }));
        var first = new DaemonHistory(null, []).Make(set) with { Revision = 1 };
        var second = DaemonHistory.Of(other, [first]).Make(other);
        Assert.Equal(2, second.Revision);
        Assert.NotEqual(first.Name, second.Name);
        var back = DaemonHistory.Of(set, [first, second]);
        Assert.Equal((first.Name, 3), (back.Current!.Name, back.NextNumber));
        Assert.Equal("replace", first.Data!.Value.GetProperty("spec").GetProperty("template").GetProperty("$patch").GetString());
    }
}
