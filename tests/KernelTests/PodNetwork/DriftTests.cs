using System.Net;
using Linux;
using NodeAgent.KernelState;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

/// <summary>What others alter in a node's network is seen, named and mended; what the agent itself does is not taken for it.</summary>
public class DriftTests
{
    [Fact]
    public async Task Every_kind_of_alteration_is_mended_and_named_with_its_object()
    {
        await using var network = new TestNetwork();
        var (node, other) = (network.AddMachine(), network.AddMachine());
        var repaired = new List<KernelChange>();
        await using var agent = await NodeNetwork.Start(node.Config with { Repaired = (changes, _) => { lock (repaired) repaired.AddRange(changes); return TimeSpan.Zero; } }, default);
        await agent.SetPeers([other.AsPeer]);
        new PinnedNamespaces(node.Config.NetworkNamespacePath("a")).Create();
        var address = (await agent.Add(node.Request("a"))).Address;
        var link = Marks.PodLink("a");

        await Altered("add route 10.244.2.0/24 via 192.168.56.12 dev eth1 src 192.168.56.11  ←  Node node2", "route", "del", "10.244.2.0/24");
        await Altered("change route 10.244.2.0/24 via 192.168.56.12 dev eth1 src 192.168.56.11  ←  Node node2", "route", "replace", "10.244.2.0/24", "via", "192.168.56.99", "proto", "80");
        await Altered("change route 10.244.2.0/24 via 192.168.56.12 dev eth1 src 192.168.56.11  ←  Node node2", "route", "replace", "10.244.2.0/24", "via", "192.168.56.99");
        await Altered("add route 10.96.0.0/16 dev na0 src 192.168.56.11  ←  Node node1", "route", "del", "10.96.0.0/16");
        await Altered("add address 10.244.1.1/24 dev na0  ←  Node node1", "address", "del", "10.244.1.1/24", "dev", "na0");
        await Altered($"add neighbour {address} at {Marks.Text(Marks.Mac(address))}  ←  Pod default/pod-a", "neigh", "del", $"{address}", "dev", "na0");
        await Altered($"change link {link} mtu 1500  ←  Pod default/pod-a", "link", "set", link, "mtu", "1400");
        await Altered($"change link {link} up  ←  Pod default/pod-a", "link", "set", link, "down");
        await Altered($"change link {link} hairpin on  ←  Pod default/pod-a", "link", "set", link, "type", "bridge_slave", "hairpin", "off");
        await Altered("change bridge na0 0a:58:0a:f4:01:01 mtu 1500 up  ←  Node node1", "link", "set", "na0", "down");
        await Altered("add link na0-carrier mtu 1500  ←  Node node1", "link", "del", "na0-carrier");
        await Altered($"add link {link} with {address}  ←  Pod default/pod-a", "link", "del", link);

        async Task Altered(string expected, params string[] command)
        {
            node.Execute("ip", command);
            await Eventually.Holds(() => { lock (repaired) return repaired.Any(change => change.ToString() == expected); }, () => $"{string.Join(' ', command)}: not told: {expected}\ntold:\n{string.Join('\n', repaired)}");
            lock (repaired) repaired.Clear();
        }
    }

    [Theory]
    [InlineData("net/ipv4/ip_forward", "0", "1")]
    [InlineData("net/ipv4/conf/all/rp_filter", "1", "0")]
    [InlineData("net/ipv4/conf/all/send_redirects", "1", "0")]
    [InlineData("net/ipv4/conf/na0/send_redirects", "1", "0")]
    public async Task A_setting_that_others_change_is_set_back(string name, string wrong, string right)
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        var repaired = new List<KernelChange>();
        await using var agent = await NodeNetwork.Start(node.Config with { Repaired = (changes, _) => { lock (repaired) repaired.AddRange(changes); return TimeSpan.Zero; } }, default);
        node.Namespace.Run(() => Sysctl.Write(name, wrong));
        await Eventually.Holds(() => { lock (repaired) return repaired.Count > 0; }, () => $"{name} = {node.Namespace.Run(() => Sysctl.Read(name))}");
        Assert.Equal($"change sysctl {name} = {right}  ←  Node node1", Assert.Single(repaired).ToString());
        Assert.Equal(right, node.Namespace.Run(() => Sysctl.Read(name)));
    }

    [Fact]
    public async Task Pods_that_come_and_go_wake_no_comparison_and_are_no_drift()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        var repaired = new List<KernelChange>();
        await using var agent = await NodeNetwork.Start(node.Config with { Repaired = (changes, _) => { lock (repaired) repaired.AddRange(changes); return TimeSpan.Zero; } }, default);
        await Task.Delay(1500); // the carrier of the bridge comes up to a second later
        var before = agent.Comparisons;
        for (var i = 0; i < 40; i++)
        {
            new PinnedNamespaces(node.Config.NetworkNamespacePath($"{i}")).Create();
            await agent.Add(node.Request($"{i}"));
            if (i % 2 == 0) await agent.Delete($"{i}");
            await Task.Delay(10);
        }
        await Task.Delay(1500);
        Assert.Empty(repaired);
        Assert.InRange(agent.Comparisons - before, 0, 4);
        node.Socket.Execute(new NetlinkRequest().DeleteNeighbor(Links.Find(node.Socket, Marks.Bridge)!.Index, (await agent.Add(node.Request("39"))).Address));
        await Eventually.Holds(() => { lock (repaired) return repaired.Count == 1; }, () => "the loop is awake no more");
    }
}
