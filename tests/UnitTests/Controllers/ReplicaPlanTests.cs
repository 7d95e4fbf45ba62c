using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class ReplicaPlanTests
{
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(3, 0, 3, 0)]
    [InlineData(3, 3, 0, 0)]
    [InlineData(1, 3, 0, 2)]
    [InlineData(0, 2, 0, 2)]
    [InlineData(9999, 0, ReplicaPlan.Burst, 0)]
    public void The_difference_is_made_or_deleted(int wanted, int present, int create, int delete)
    {
        var plan = ReplicaPlan.Compute(wanted, Enumerable.Range(0, present).Select(i => Pod($"p{i}")));
        Assert.Equal((create, delete), (plan.Create, plan.Delete.Count));
    }

    [Fact]
    public void Pods_that_ended_or_are_being_deleted_do_not_count()
    {
        var plan = ReplicaPlan.Compute(2, [Pod("a"), Pod("b", deleting: true), Pod("c", phase: "Failed"), Pod("d", phase: "Succeeded")]);
        Assert.Equal(1, plan.Create);
        Assert.Empty(plan.Delete);
    }

    [Fact]
    public void Surplus_pods_go_in_order_of_their_worth()
    {
        Pod With(Pod pod, string cost) => pod with { Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = cost } } };
        Pod Restarted(Pod pod, int count) => pod with { Status = pod.Status! with { ContainerStatuses = [new ContainerStatus { Name = "main", RestartCount = count }] } };
        Pod[] worthyFirst =
        [
            With(Pod("dear", node: "n9"), "100"),
            Pod("old", node: "n1", created: Now.AddDays(-2)),
            Pod("newer", node: "n2", created: Now.AddDays(-1)),
            Restarted(Pod("restarted", node: "n3", created: Now.AddDays(-3)), 4),
            Pod("ready-lately", node: "n4", readySince: Now),
            Pod("crowded1", node: "n5", created: Now.AddDays(-5)), Pod("crowded2", node: "n5", created: Now.AddDays(-4)),
            With(Pod("cheap", node: "n6"), "-5"),
            Pod("not-ready", node: "n7", ready: false),
            Pod("pending", node: "n8", ready: false, phase: "Pending"),
            Pod("not-scheduled", node: null, ready: false, phase: "Pending"),
        ];
        var order = ReplicaPlan.LeastValuableFirst(worthyFirst.OrderBy(pod => pod.Name).ToList()).Select(pod => pod.Name);
        Assert.Equal(worthyFirst.Reverse().Select(pod => pod.Name), order);
    }
}

public class RelatedPodsTests
{
    [Fact]
    public void Where_there_are_many_pods_of_the_same_work_one_goes_first()
    {
        Pod[] own = [Pod("a", node: "n1", created: Now.AddDays(-2)), Pod("b", node: "n2", created: Now.AddDays(-1))];
        Assert.Equal("b", ReplicaPlan.LeastValuableFirst(own).First().Name);
        Assert.Equal("a", ReplicaPlan.LeastValuableFirst(own, [Pod("other", node: "n1"), Pod("ending", node: "n2", deleting: true)]).First().Name);
    }
}

public class ReplicaOwnerTests
{
    private static ReplicaOwner Owner(bool deleting = false) => new(
        new ObjectMeta { Name = "web", Namespace = "default", Uid = "me", Generation = 3, DeletionTimestamp = deleting ? Now : null },
        2, Selector.Parse("app=nginx"), Template("nginx", "app=nginx", "extra=x"), 10);

    [Fact]
    public void Pods_are_claimed_by_owner_and_labels()
    {
        var claim = Owner().Claim(
        [
            Pod("mine", owner: "me"), Pod("mine-no-longer-matching", owner: "me", labels: ["app=other"]), Pod("nobodys"), Pod("nobodys-other", labels: ["app=other"]),
            Pod("anothers", owner: "you"), Pod("nobodys-ended", phase: "Failed"), Pod("nobodys-ending", deleting: true), Pod("mine-ending-relabelled", owner: "me", deleting: true, labels: ["a=b"]),
        ]);
        Assert.Equal(["mine", "mine-ending-relabelled"], claim.Owned.Select(pod => pod.Name));
        Assert.Equal(["nobodys"], claim.Adopt.Select(pod => pod.Name));
        Assert.Equal(["mine-no-longer-matching"], claim.Release.Select(pod => pod.Name));
    }

    [Fact]
    public void An_owner_that_is_being_deleted_adopts_nothing() => Assert.Empty(Owner(deleting: true).Claim([Pod("nobodys")]).Adopt);

    [Fact]
    public void A_new_pod_has_the_templates_labels_and_an_owner_and_leaves_its_name_to_the_server()
    {
        var pod = Owner().NewPod(Owner("me"));
        Assert.Equal(("web-", null, "default"), (pod.Metadata.GenerateName, pod.Metadata.Name, pod.Metadata.Namespace));
        Assert.Equal("x", pod.Metadata.Labels!["extra"]);
        Assert.Equal("me", Ownership.ControllerOf(pod)!.Uid);
    }

    private static OwnerReference Owner(string uid) => TestObjects.Owner(uid);

    [Fact]
    public void Counts_tell_present_labelled_ready_available_and_ending_pods()
    {
        var counts = ReplicaCounts.Of(Owner(),
        [
            Pod("full", labels: ["app=nginx", "extra=x"]), Pod("ready-lately", readySince: Now.AddSeconds(-3)), Pod("not-ready", ready: false),
            Pod("ending", deleting: true), Pod("failed", phase: "Failed"),
        ], Now);
        Assert.Equal(new ReplicaCounts(Replicas: 3, FullyLabeled: 1, Ready: 2, Available: 1, Terminating: 1, ObservedGeneration: 3), counts);
    }

    [Fact]
    public void The_next_change_is_when_the_next_ready_pod_becomes_available()
    {
        Pod[] pods = [Pod("a"), Pod("b", readySince: Now.AddSeconds(-3)), Pod("c", readySince: Now.AddSeconds(-1)), Pod("d", ready: false)];
        Assert.Equal(Now.AddSeconds(7), ReplicaCounts.NextChange(Owner(), pods, Now));
        Assert.Null(ReplicaCounts.NextChange(Owner(), pods, Now.AddMinutes(1)));
    }
}
