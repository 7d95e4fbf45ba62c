using ControlPlane.Admission;
using ControlPlane.Controllers;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class PodCidrsTests
{
    [Fact]
    public void Nodes_get_the_lowest_free_part_and_keep_it()
    {
        var cidrs = new PodCidrs("10.244.0.0/16", 24);
        Assert.Equal("10.244.0.0/24", cidrs.Allocate("a"));
        Assert.Equal("10.244.1.0/24", cidrs.Allocate("b"));
        Assert.Equal("10.244.0.0/24", cidrs.Allocate("a"));
        cidrs.Release("a");
        Assert.Equal("10.244.0.0/24", cidrs.Allocate("c"));
    }

    [Fact]
    public void What_nodes_have_already_is_not_given_again()
    {
        var cidrs = new PodCidrs("10.244.0.0/16", 24);
        cidrs.Occupy("a", "10.244.0.0/24");
        cidrs.Occupy("b", "10.244.2.0/24");
        cidrs.Occupy("stranger", "192.168.0.0/24");
        cidrs.Occupy("broken", "nonsense");
        Assert.Equal("10.244.1.0/24", cidrs.Allocate("c"));
        Assert.Equal("10.244.3.0/24", cidrs.Allocate("d"));
    }

    [Fact]
    public void A_part_that_two_nodes_claim_is_free_only_after_both_are_gone()
    {
        var cidrs = new PodCidrs("10.244.0.0/16", 24);
        cidrs.Occupy("a", "10.244.0.0/24");
        cidrs.Occupy("b", "10.244.0.0/24");
        cidrs.Release("a");
        Assert.Equal("10.244.1.0/24", cidrs.Allocate("c"));
        cidrs.Release("b");
        Assert.Equal("10.244.0.0/24", cidrs.Allocate("d"));
    }

    [Fact]
    public void A_full_network_gives_nothing()
    {
        var cidrs = new PodCidrs("10.0.0.0/30", 30);
        Assert.Equal("10.0.0.0/30", cidrs.Allocate("a"));
        Assert.Null(cidrs.Allocate("b"));
    }

    [Theory]
    [InlineData("10.244.0.0/16", 8)]
    [InlineData("10.244.0.0/16", 32)]
    [InlineData("fd00::/48", 64)]
    [InlineData("nonsense", 24)]
    public void Sizes_that_make_no_sense_are_refused(string cluster, int mask) => Assert.Throws<FormatException>(() => new PodCidrs(cluster, mask));
}

public class NodeHealthTests
{
    [Fact]
    public void A_silent_node_is_unknown_in_all_that_it_used_to_report()
    {
        var node = Node("n");
        node = node with { Status = node.Status! with { Conditions = [.. node.Status.Conditions!, new NodeCondition { Type = "DiskPressure", Status = "False" }, new NodeCondition { Type = "Custom", Status = "True" }] } };
        var conditions = NodeHealth.Silent(node, Now);
        Assert.Equal(
            [("Custom", "True", null), ("Ready", "Unknown", "NodeStatusUnknown"), ("MemoryPressure", "Unknown", "NodeStatusNeverUpdated"), ("DiskPressure", "Unknown", "NodeStatusUnknown"), ("PIDPressure", "Unknown", "NodeStatusNeverUpdated")],
            conditions.Select(c => (c.Type, c.Status, c.Reason)));
        var marked = node with { Status = node.Status with { Conditions = conditions } };
        Assert.Same(conditions, NodeHealth.Silent(marked, Now.AddMinutes(1)));
    }

    [Fact]
    public void A_node_that_never_reported_says_so()
    {
        var conditions = NodeHealth.Silent(new Node { Metadata = new ObjectMeta { Name = "n" } }, Now);
        Assert.Equal(["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"], conditions.Select(condition => condition.Type));
        Assert.All(conditions, condition => Assert.Equal(("Unknown", "NodeStatusNeverUpdated", "Kubelet never posted node status."), (condition.Status, condition.Reason, condition.Message)));
    }

    [Theory]
    [InlineData("True", false, "")]
    [InlineData("False", false, "not-ready:NoSchedule not-ready:NoExecute")]
    [InlineData("Unknown", false, "unreachable:NoSchedule unreachable:NoExecute")]
    [InlineData("True", true, "unschedulable:NoSchedule")]
    [InlineData("False", true, "unschedulable:NoSchedule not-ready:NoSchedule not-ready:NoExecute")]
    public void Taints_follow_the_nodes_state(string ready, bool unschedulable, string expected)
    {
        var taints = NodeHealth.Taints(Node("n", ready, unschedulable: unschedulable), Now);
        Assert.Equal(expected, string.Join(' ', taints.Select(taint => $"{taint.Key.Replace("node.kubernetes.io/", "")}:{taint.Effect}")));
    }

    [Fact]
    public void Taints_of_others_stay_and_ours_keep_their_time()
    {
        var dedicated = new Taint { Key = "dedicated", Value = "db", Effect = "NoSchedule" };
        var first = NodeHealth.Taints(Node("n", "False", taints: [dedicated]), Now);
        Assert.Contains(dedicated, first);
        Assert.Same(first, NodeHealth.Taints(Node("n", "False") with { Spec = new NodeSpec { Taints = first } }, Now.AddMinutes(5)));
        Assert.Equal([dedicated], NodeHealth.Taints(Node("n") with { Spec = new NodeSpec { Taints = first } }, Now.AddMinutes(5)));
        var unreachable = NodeHealth.Taints(Node("n", "Unknown") with { Spec = new NodeSpec { Taints = first } }, Now.AddMinutes(5));
        Assert.Equal(3, unreachable.Count);
        Assert.DoesNotContain(unreachable, taint => taint.Key.EndsWith("not-ready"));
    }

    [Theory]
    [InlineData("MemoryPressure", "memory-pressure")]
    [InlineData("DiskPressure", "disk-pressure")]
    [InlineData("PIDPressure", "pid-pressure")]
    [InlineData("NetworkUnavailable", "network-unavailable")]
    public void A_node_under_pressure_takes_no_new_pods(string condition, string taint)
    {
        var node = Node("n");
        node = node with { Status = node.Status! with { Conditions = [.. node.Status.Conditions!, new NodeCondition { Type = condition, Status = "True" }] } };
        var wanted = Assert.Single(NodeHealth.Taints(node, Now));
        Assert.Equal(("node.kubernetes.io/" + taint, "NoSchedule"), (wanted.Key, wanted.Effect));
        Assert.Empty(NodeHealth.Taints(Node("n") with { Spec = new NodeSpec { Taints = [wanted] } }, Now));
    }

    [Fact]
    public void A_node_that_may_not_evict_now_only_keeps_new_pods_away() =>
        Assert.Equal("NoSchedule", Assert.Single(NodeHealth.Taints(Node("n", "Unknown"), Now, evict: false)).Effect);
}

public class TaintEvictionTests
{
    private static Taint NoExecute(string key) => new() { Key = key, Effect = "NoExecute", TimeAdded = Now };

    private static Pod Tolerating(params Toleration[] tolerations) => Pod("p") with { Spec = new PodSpec { Tolerations = tolerations } };

    /// <summary>When it goes, if the taints are of now.</summary>
    private static TimeSpan? In(Pod pod, params Taint[] taints) => TaintEviction.In(pod, Node("n", taints: taints), new DefaultTolerations(300, 200), _ => TimeSpan.Zero);

    [Fact]
    public void Without_a_taint_that_evicts_a_pod_stays() => Assert.Null(In(Pod("p"), new Taint { Key = "a", Effect = "NoSchedule" }));

    [Fact]
    public void A_taint_that_is_not_tolerated_evicts_at_once() => Assert.Equal(TimeSpan.Zero, In(Pod("p"), NoExecute("maintenance")));

    [Fact]
    public void A_lost_node_keeps_its_pods_for_the_default_time_or_the_pods_own()
    {
        Assert.Equal(TimeSpan.FromSeconds(300), In(Pod("p"), NoExecute("node.kubernetes.io/not-ready")));
        Assert.Equal(TimeSpan.FromSeconds(200), In(Pod("p"), NoExecute("node.kubernetes.io/unreachable")));
        Assert.Equal(TimeSpan.FromSeconds(10), In(Tolerating(new Toleration { Key = "node.kubernetes.io/unreachable", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 10 }), NoExecute("node.kubernetes.io/unreachable")));
        Assert.Null(In(Tolerating(new Toleration { Operator = "Exists" }), NoExecute("node.kubernetes.io/unreachable")));
        Assert.True(In(Tolerating(new Toleration { Operator = "Exists", TolerationSeconds = long.MaxValue }), NoExecute("node.kubernetes.io/unreachable")) > TimeSpan.FromDays(10000));
        Assert.Equal(TimeSpan.Zero, In(Tolerating(new Toleration { Operator = "Exists", TolerationSeconds = -5 }), NoExecute("node.kubernetes.io/unreachable")));
    }

    [Fact]
    public void The_earliest_of_several_reasons_counts()
    {
        var pod = Tolerating(new Toleration { Key = "a", Operator = "Exists", TolerationSeconds = 60 }, new Toleration { Key = "a", Operator = "Exists", TolerationSeconds = 20 }, new Toleration { Key = "b", Operator = "Exists" });
        Assert.Equal(TimeSpan.FromSeconds(20), In(pod, NoExecute("a"), NoExecute("b")));
    }
}

public class TaintTimesTests
{
    private readonly JumpingClock clock = new(Now);
    private static readonly Taint Added = new() { Key = "a", Effect = "NoExecute", TimeAdded = Now }, ByHand = new() { Key = "b", Effect = "NoExecute" };

    private static Pod Of(string name, DateTime? bound = null)
    {
        var pod = Pod(name);
        return pod with { Metadata = pod.Metadata with { Uid = name }, Status = pod.Status! with { Conditions = [new PodCondition { Type = "PodScheduled", Status = "True", LastTransitionTime = bound ?? Now.AddHours(-1) }] } };
    }

    private TaintTimes Observed(TaintTimes? times, params Pod[] pods)
    {
        times ??= new TaintTimes(clock);
        times.Observe(Node("n", taints: [Added, ByHand]), pods);
        return times;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_jumps_neither_hurries_nor_delays(int hours)
    {
        var times = Observed(null, Of("p"));
        clock.Advance(TimeSpan.FromSeconds(20));
        clock.Jump(TimeSpan.FromHours(hours));
        clock.Advance(TimeSpan.FromSeconds(10));
        Observed(times, Of("p"), Of("late", bound: clock.GetUtcNow().UtcDateTime));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(35), times.Of(Of("p"), Added));
        Assert.Equal(TimeSpan.FromSeconds(35), times.Of(Of("p"), ByHand));
        Assert.Equal(TimeSpan.FromSeconds(5), times.Of(Of("late"), Added));
    }

    [Fact]
    public void Another_control_plane_goes_on_from_the_objects_times()
    {
        clock.Advance(TimeSpan.FromSeconds(100));
        var times = Observed(null, Of("p"), Of("later", bound: Now.AddSeconds(60)));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(105), times.Of(Of("p"), Added));
        Assert.Equal(TimeSpan.FromSeconds(5), times.Of(Of("p"), ByHand)); // it does not say since when
        Assert.Equal(TimeSpan.FromSeconds(45), times.Of(Of("later", bound: Now.AddSeconds(60)), Added));
    }
}

public class DefaultTolerationsTests
{
    private static readonly DefaultTolerations Defaults = new(7, 8);

    [Fact]
    public void A_pod_that_says_nothing_tolerates_a_lost_node_for_a_while()
    {
        var tolerations = Defaults.AddTo(Pod("p")).Spec!.Tolerations!;
        Assert.Equal([("node.kubernetes.io/not-ready", "Exists", "NoExecute", 7L), ("node.kubernetes.io/unreachable", "Exists", "NoExecute", 8L)],
            tolerations.Select(toleration => (toleration.Key!, toleration.Operator!, toleration.Effect!, toleration.TolerationSeconds!.Value)));
    }

    [Fact]
    public void What_a_pod_says_itself_stays()
    {
        var all = Pod("p") with { Spec = new PodSpec { Tolerations = [new Toleration { Operator = "Exists" }] } };
        Assert.Same(all, Defaults.AddTo(all));
        var own = new Toleration { Key = "node.kubernetes.io/unreachable", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 1 };
        var other = new Toleration { Key = "node.kubernetes.io/not-ready", Operator = "Exists", Effect = "NoSchedule" };
        var tolerations = Defaults.AddTo(Pod("p") with { Spec = new PodSpec { Tolerations = [own, other] } }).Spec!.Tolerations!;
        Assert.Equal([own, other, new Toleration { Key = "node.kubernetes.io/not-ready", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 7 }], tolerations);
    }

    [Fact]
    public void A_pod_that_is_updated_keeps_what_it_got_when_it_was_made()
    {
        var before = new DefaultTolerations(300, 300).AddTo(Pod("p"));
        Assert.Equal(before.Spec!.Tolerations, Defaults.AddTo(Pod("p"), before).Spec!.Tolerations);
    }
}

public class ZoneDisruptionTests
{
    private readonly ZoneDisruption zones = new();

    private static Node[] Zone(string name, int ready, int lost) =>
        [.. Enumerable.Range(0, ready).Select(i => In(name, $"{name}-r{i}", "True")), .. Enumerable.Range(0, lost).Select(i => In(name, $"{name}-l{i}", "Unknown"))];

    private static Node In(string zone, string name, string ready) => Node(name, ready, labels: ["topology.kubernetes.io/zone=" + zone]);

    /// <summary>How many of the lost nodes may drive their pods away within so many seconds.</summary>
    private int Evicted(IEnumerable<Node> nodes, int seconds)
    {
        zones.Observe(nodes);
        var lost = new Queue<Node>(nodes.Where(node => NodeHealth.Ready(node) != "True"));
        for (var second = 0; second <= seconds; second++)
            while (lost.Count > 0 && zones.MayEvict(lost.Peek(), TimeSpan.FromSeconds(second))) lost.Dequeue();
        return nodes.Count(node => NodeHealth.Ready(node) != "True") - lost.Count;
    }

    [Fact]
    public void One_node_in_ten_seconds() => Assert.Equal(4, Evicted(Zone("a", 10, 8), 30));

    [Fact]
    public void None_where_most_of_a_small_zone_is_lost() => Assert.Equal(0, Evicted([.. Zone("a", 4, 6), .. Zone("b", 1, 0)], 600));

    [Fact]
    public void Slowly_where_most_of_a_large_zone_is_lost() => Assert.Equal(4, Evicted(Zone("a", 20, 40), 300));

    [Fact]
    public void A_zone_that_is_lost_completely_is_driven_away_from_while_another_lives() => Assert.Equal(2, Evicted([.. Zone("a", 0, 2), .. Zone("b", 3, 0)], 10));

    [Fact]
    public void Nothing_goes_while_every_zone_is_lost()
    {
        Assert.Equal(0, Evicted([.. Zone("a", 0, 2), .. Zone("b", 0, 3)], 600));
        Assert.True(zones.IsStopped);
        zones.Observe([.. Zone("a", 1, 1), .. Zone("b", 0, 3)]);
        Assert.False(zones.IsStopped);
    }
}

public class PodGarbageTests
{
    [Fact]
    public void The_oldest_that_ended_go_beyond_the_number_that_is_kept()
    {
        var evicted = Pod("evicted", phase: "Failed", created: Now);
        evicted = evicted with { Status = evicted.Status! with { Reason = "Evicted" } };
        Pod[] pods = [Pod("old", phase: "Succeeded", created: Now.AddDays(-2)), Pod("new", phase: "Failed", created: Now), Pod("runs"), Pod("middle", phase: "Failed", created: Now.AddDays(-1)), evicted];
        Assert.Empty(PodGarbage.Ended(pods, 4));
        Assert.Equal(["evicted", "old"], PodGarbage.Ended(pods, 2).Select(pod => pod.Name));
        Assert.Empty(PodGarbage.Ended(pods, 0));
    }

    [Fact]
    public void What_ends_without_a_node_or_on_one_that_is_out_of_service_is_removed()
    {
        Assert.True(PodGarbage.IsUnscheduledTerminating(Pod("p", node: null, deleting: true)));
        Assert.False(PodGarbage.IsUnscheduledTerminating(Pod("p", deleting: true)));
        var taint = new Taint { Key = "node.kubernetes.io/out-of-service", Value = "nodeshutdown", Effect = "NoExecute" };
        Assert.True(PodGarbage.IsOnNodeOutOfService(Pod("p", deleting: true), Node("node1", "Unknown", taints: [taint])));
        Assert.False(PodGarbage.IsOnNodeOutOfService(Pod("p", deleting: true), Node("node1", "True", taints: [taint])));
        Assert.False(PodGarbage.IsOnNodeOutOfService(Pod("p", deleting: true), Node("node1", "Unknown")));
        Assert.False(PodGarbage.IsOnNodeOutOfService(Pod("p"), Node("node1", "Unknown", taints: [taint])));
    }
}
