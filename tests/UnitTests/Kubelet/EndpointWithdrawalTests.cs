using KubeApi;
using KubeApi.Objects;
using NodeAgent.Kubelet;
using Endpoint = KubeApi.Objects.Endpoint;

namespace UnitTests.Kubelet;

public class EndpointWithdrawalTests
{
    private static readonly DateTime Now = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly EndpointWithdrawal withdrawal = new("node1", Longest, Task.CompletedTask);

    private static Pod Deleted(long grace = 30, bool noted = false) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = "web", Namespace = "default", Uid = "uid-web", DeletionTimestamp = Now, DeletionGracePeriodSeconds = grace,
            Annotations = noted ? new Dictionary<string, string> { [ProgrammedRevisions.WithdrawnAnnotation] = "7" } : null,
        },
    };

    private static EndpointSlice Slice(string name = "web-1", bool ready = true, bool serving = true, string node = "node1", string managedBy = "endpointslice-controller.k8s.io") => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Labels = new Dictionary<string, string> { ["endpointslice.kubernetes.io/managed-by"] = managedBy } },
        Endpoints = [new Endpoint { Addresses = ["10.244.1.2"], NodeName = node, TargetRef = new ObjectReference { Uid = "uid-web" }, Conditions = new EndpointConditions { Ready = ready, Serving = serving } }],
    };

    private Withdrawal State(Pod pod, double waited = 0) => withdrawal.Of(pod, Now, null, Now.AddSeconds(waited)).State;

    [Fact]
    public async Task A_pod_that_stays_in_a_slice_is_at_no_moment_out_of_it()
    {
        withdrawal.Changed(null, Slice());
        var over = false;
        var looking = Task.Run(() =>
        {
            while (!Volatile.Read(ref over))
                if (State(Deleted()) == Withdrawal.Done) return false;
            return true;
        });
        for (var i = 0; i < 50_000; i++) withdrawal.Changed(Slice(), Slice());
        Volatile.Write(ref over, true);
        Assert.True(await looking);
    }

    [Fact]
    public void A_pod_behind_a_service_waits_until_it_is_noted_to_be_out_and_a_moment_longer()
    {
        withdrawal.Changed(null, Slice());
        Assert.Equal((Withdrawal.Pending, Now + Longest), withdrawal.Of(Deleted(), null, null, Now));
        var (state, settled) = withdrawal.Of(Deleted(noted: true), Now, null, Now);
        Assert.Equal(Withdrawal.Settling, state);
        Assert.InRange(settled!.Value, Now.AddMilliseconds(100), Now.AddSeconds(1)); // for connections that were on their way
        Assert.Equal((Withdrawal.Settling, settled), withdrawal.Of(Deleted(noted: true), Now, Now, settled.Value.AddTicks(-1)));
        Assert.Equal((Withdrawal.Done, null), withdrawal.Of(Deleted(noted: true), Now, Now, settled.Value));
        Assert.Equal(Withdrawal.Done, withdrawal.Of(Deleted(grace: 0, noted: true), Now, null, Now).State);
    }

    [Fact]
    public void A_pod_that_is_marked_as_ending_already_waits_as_well()
    {
        withdrawal.Changed(null, Slice());
        withdrawal.Changed(Slice(), Slice(ready: false));
        Assert.Equal(Withdrawal.Pending, State(Deleted()));
    }

    [Fact]
    public void A_pod_to_which_no_rule_leads_does_not_wait()
    {
        Assert.Equal(Withdrawal.Done, State(Deleted()));
        withdrawal.Changed(null, Slice(ready: false, serving: false));
        withdrawal.Changed(null, Slice("web-2", node: "node2"));
        withdrawal.Changed(null, Slice("web-3", managedBy: "me"));
        Assert.Equal(Withdrawal.Done, State(Deleted()));
    }

    [Fact]
    public void It_waits_while_any_slice_has_it()
    {
        withdrawal.Changed(null, Slice("web-1"));
        withdrawal.Changed(null, Slice("web-2"));
        withdrawal.Changed(Slice("web-1"), null);
        Assert.Equal(Withdrawal.Pending, State(Deleted()));
        withdrawal.Changed(Slice("web-2"), null);
        Assert.Equal(Withdrawal.Done, State(Deleted()));
    }

    [Fact]
    public void The_wait_is_bounded_also_by_half_the_grace_period_and_none_without_one()
    {
        withdrawal.Changed(null, Slice());
        Assert.Equal((Withdrawal.Pending, Withdrawal.Overdue), (State(Deleted(), 1.9), State(Deleted(), 2)));
        Assert.Equal((Withdrawal.Pending, Withdrawal.Overdue), (State(Deleted(grace: 1), 0.4), State(Deleted(grace: 1), 0.5)));
        Assert.Equal(Withdrawal.Done, State(Deleted(grace: 0)));
        var never = new EndpointWithdrawal("node1", TimeSpan.Zero, Task.CompletedTask);
        never.Changed(null, Slice());
        Assert.Equal(Withdrawal.Done, never.Of(Deleted(), null, null, Now).State);
    }

    [Fact]
    public void An_agent_that_does_not_know_the_slices_yet_waits_for_them_no_longer_than_for_nodes()
    {
        var listed = new TaskCompletionSource();
        var started = new EndpointWithdrawal("node1", Longest, listed.Task);
        var (state, wake) = started.Of(Deleted(), null, null, Now);
        Assert.Equal(Withdrawal.Pending, state);
        Assert.InRange(wake!.Value, Now, Now.AddSeconds(1));
        Assert.Equal(Withdrawal.Overdue, started.Of(Deleted(), Now, null, Now + Longest).State);
        listed.SetResult();
        Assert.Equal(Withdrawal.Done, started.Of(Deleted(), Now, null, Now).State);
    }
}
