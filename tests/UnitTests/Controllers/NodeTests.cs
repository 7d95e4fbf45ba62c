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
        Assert.Equal([("Custom", "True", null), ("Ready", "Unknown", "NodeStatusUnknown"), ("DiskPressure", "Unknown", "NodeStatusUnknown")], conditions.Select(c => (c.Type, c.Status, c.Reason)));
        var marked = node with { Status = node.Status with { Conditions = conditions } };
        Assert.Same(conditions, NodeHealth.Silent(marked, Now.AddMinutes(1)));
    }

    [Fact]
    public void A_node_that_never_reported_says_so()
    {
        var ready = Assert.Single(NodeHealth.Silent(new Node { Metadata = new ObjectMeta { Name = "n" } }, Now));
        Assert.Equal(("Ready", "Unknown", "NodeStatusNeverUpdated"), (ready.Type, ready.Status, ready.Reason));
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

    [Fact]
    public void Silence_counts_from_the_last_change_of_the_lease_by_our_own_clock()
    {
        var heartbeats = new NodeHeartbeats();
        TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
        Assert.Equal(At(0), heartbeats.Silence("n", Now.AddYears(-1), At(100)));
        Assert.Equal(At(30), heartbeats.Silence("n", Now.AddYears(-1), At(130)));
        Assert.Equal(At(0), heartbeats.Silence("n", Now.AddYears(-1).AddSeconds(1), At(131)));
        Assert.Equal(At(0), heartbeats.Silence("other", null, At(131)));
        heartbeats.Forget("n");
        Assert.Equal(At(0), heartbeats.Silence("n", Now.AddYears(-1).AddSeconds(1), At(200)));
    }
}

public class TaintEvictionTests
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(300);

    private static Taint NoExecute(string key) => new() { Key = key, Effect = "NoExecute", TimeAdded = Now };

    private static Pod Tolerating(params Toleration[] tolerations) => Pod("p") with { Spec = new PodSpec { Tolerations = tolerations } };

    private static DateTime? At(Pod pod, params Taint[] taints) => TaintEviction.At(pod, Node("n", taints: taints), Default);

    [Fact]
    public void Without_a_taint_that_evicts_a_pod_stays() => Assert.Null(At(Pod("p"), new Taint { Key = "a", Effect = "NoSchedule" }));

    [Fact]
    public void A_taint_that_is_not_tolerated_evicts_at_once() => Assert.True(At(Pod("p"), NoExecute("maintenance")) <= Now);

    [Fact]
    public void A_lost_node_keeps_its_pods_for_the_default_time_or_the_pods_own()
    {
        Assert.Equal(Now.AddSeconds(300), At(Pod("p"), NoExecute("node.kubernetes.io/unreachable")));
        Assert.Equal(Now.AddSeconds(10), At(Tolerating(new Toleration { Key = "node.kubernetes.io/unreachable", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 10 }), NoExecute("node.kubernetes.io/unreachable")));
        Assert.Null(At(Tolerating(new Toleration { Operator = "Exists" }), NoExecute("node.kubernetes.io/unreachable")));
        Assert.Equal(DateTime.MaxValue, At(Tolerating(new Toleration { Operator = "Exists", TolerationSeconds = long.MaxValue }), NoExecute("node.kubernetes.io/unreachable")));
        Assert.Equal(Now, At(Tolerating(new Toleration { Operator = "Exists", TolerationSeconds = -5 }), NoExecute("node.kubernetes.io/unreachable")));
    }

    [Fact]
    public void The_earliest_of_several_reasons_counts()
    {
        var pod = Tolerating(new Toleration { Key = "a", Operator = "Exists", TolerationSeconds = 60 }, new Toleration { Key = "a", Operator = "Exists", TolerationSeconds = 20 }, new Toleration { Key = "b", Operator = "Exists" });
        Assert.Equal(Now.AddSeconds(20), At(pod, NoExecute("a"), NoExecute("b")));
    }
}
