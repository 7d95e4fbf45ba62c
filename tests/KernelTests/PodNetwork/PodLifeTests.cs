using System.Net;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

public class PodLifeTests
{
    [Fact]
    public async Task Adding_a_pod_again_gives_the_same_address_and_changes_nothing()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var a = await node.AddPod("a");
        var before = node.Dump();
        Assert.Equal(a, (await node.Network!.Add(node.Request("a"))).Address);
        Assert.Equal(before, node.Dump());
    }

    [Fact]
    public async Task A_pod_without_a_namespace_is_refused_and_nothing_is_left()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var before = node.Dump();
        var error = await Assert.ThrowsAsync<SystemCallException>(() => node.Network!.Add(node.Request("ghost")));
        Assert.Contains("ghost", error.Message);
        Assert.Equal(before, node.Dump());
    }

    [Fact]
    public async Task A_deleted_pods_address_is_not_given_out_at_once()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var a = await node.AddPod("a");
        await node.Network!.Delete("a");
        Assert.NotEqual(a, await node.AddPod("b"));
    }

    [Fact]
    public async Task Deleting_an_unknown_pod_or_one_twice_is_fine()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        await node.AddPod("a");
        await node.Network!.Delete("a");
        await node.Network.Delete("a");
        await node.Network.Delete("never-seen");
    }

    [Fact]
    public async Task A_pod_deleted_and_added_again_under_the_same_uid_is_connected_to_its_new_namespace()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        for (var i = 0; i < 10; i++)
        {
            var address = await node.AddPod("a");
            Assert.Equal(address, await Tcp.Connect(node.Pod("a"), node.Namespace, node.Address));
            await node.Network!.Delete("a");
            if (i % 2 == 0) node.Release("a"); // else the old namespace is still held, and its link with it
            else node.Forget("a");
        }
    }

    [Fact]
    public async Task Two_hundred_pods_added_and_deleted_leave_nothing()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await node.Start();
        var before = node.Dump();
        var uids = Enumerable.Range(0, 200).Select(i => $"many-{i}").ToList();
        var given = new HashSet<IPAddress>();
        foreach (var uid in uids) Assert.True(given.Add(await node.AddPod(uid)));
        Assert.Equal(200, node.Dump().Count(line => line.Contains("nav") && line.Contains("default/pod-many-")));
        foreach (var uid in uids) await node.Network!.Delete(uid);
        await Eventually.Holds(() => node.Dump().SequenceEqual(before), () => string.Join('\n', node.Dump().Except(before)));
        Assert.All(uids, uid => Assert.False(File.Exists(node.Config.NetworkNamespacePath(uid))));
    }

    [Fact]
    public async Task When_all_addresses_are_in_use_the_next_pod_is_refused()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await using var small = await NodeNetwork.Start(node.Config with { PodCidr = IPNetwork.Parse("10.244.1.0/30") }, CancellationToken.None);
        foreach (var uid in (string[])["a", "b"]) new PinnedNamespaces(node.Config.NetworkNamespacePath(uid)).Create();
        await small.Add(node.Request("a"));
        await Assert.ThrowsAsync<PodAddressesExhaustedException>(() => small.Add(node.Request("b")));
        await small.Delete("a");
        Assert.Equal(IPAddress.Parse("10.244.1.2"), (await small.Add(node.Request("b"))).Address);
    }
}
