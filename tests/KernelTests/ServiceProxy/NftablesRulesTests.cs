using System.Net;
using KubeApi.Objects;
using Linux;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>The nftables mode's table in the kernel, also as nft(8) sees it.</summary>
public class NftablesRulesTests
{
    private static readonly NodeFacts Node = Facts with { NodeAddress = IPAddress.Parse("192.168.56.11"), NonMasqueradeCidrs = [IPNetwork.Parse("192.168.56.12/32"), IPNetwork.Parse("172.20.0.0/15")] };

    private static ServiceTable Table(NodeFacts facts, params string[] endpoints)
    {
        var services = FrontendRulesTests.EveryKind().ToList();
        return ServiceTable.Of(services, services.Select(service => Slice(service.Name, service.Spec!.Ports![0].Protocol!, 80, endpoints)), facts);
    }

    private static async Task Unite(NftablesBackEnd backEnd, ServiceTable table)
    {
        await backEnd.Compare(table, write: true, default);
        while (backEnd.HasLeftovers) await backEnd.Apply(table, TableChanges.None, default);
    }

    private static async Task<string> Drift(ServiceNetwork network, ServiceTable table)
    {
        using var other = (NftablesBackEnd)network.BackEnd();
        return string.Join('\n', await other.Compare(table, write: false, default));
    }

    [Fact]
    public async Task The_kernel_and_nft_print_everything_as_it_was_written_and_take_it_back()
    {
        await using var network = await Create(RuleMode.Nftables);
        using var backEnd = (NftablesBackEnd)network.BackEnd();
        await network.Iptables("", null, "-A", "FORWARD", "-j", "ACCEPT");
        string[][] pods = [[PodAddress(0), PodAddress(1), RemotePod], [], [RemotePod], [.. Enumerable.Range(2, 11).Select(i => $"10.244.1.{i}")]];
        foreach (var endpoints in pods)
            foreach (var facts in (NodeFacts[])[Node, Node with { NodePortAddresses = [IPNetwork.Parse("192.168.56.0/24"), IPNetwork.Parse("0.0.0.0/0")] }])
            {
                var table = Table(facts, endpoints);
                await Unite(backEnd, table);
                Assert.Equal("", await Drift(network, table));
                Assert.DoesNotContain(await backEnd.State(table, default), line => line.ApiObject == "no object");
                Assert.DoesNotContain(await backEnd.State(null, default), line => line.ApiObject == "no object");

                var printed = await Printed(network);
                var known = (await backEnd.State(table, default)).Select(line => line.KernelObject).Where(line => line.StartsWith("rule ip na ")).Select(line => line.Split(' ', 5)[4]).ToHashSet();
                Assert.Equal([], known.Except(Lines(printed)));
                // Out, and back in by the program.
                await network.Node.Run("nft", ["-f", "-"], $"delete table ip na\n{printed}");
                Assert.Equal("", await Drift(network, table));
                Assert.Equal(printed, await Printed(network));
            }
        await backEnd.Cleanup(default);
        Assert.DoesNotContain("na", (await network.Node.Run("nft", ["list", "tables"])).Split([' ', '\n']));
        Assert.DoesNotContain("NA-", await network.Ours());
    }

    private static IEnumerable<string> Lines(string printed) => printed.Split('\n').Select(line => line.Trim());

    /// <summary>Each told by what it altered, and mended without touching what is right.</summary>
    [Theory]
    [InlineData("delete element ip na fe-1 { 10.96.0.17 . tcp . 80 }", "add element ip na fe-1 { 10.96.0.17 . tcp . 80 comment \"default/s:80\" }  ←  Service default/s (resourceVersion 1)")]
    [InlineData("delete element ip na fe-endpoints { 10.96.0.17 . tcp . 80 . 0 }", "add element ip na fe-endpoints { 10.96.0.17 . tcp . 80 . 0 : 10.244.1.2 . 80 }  ←  EndpointSlice default/s-abc12 (resourceVersion 2)")]
    [InlineData("add element ip na vips { 192.0.2.77 }", "delete element ip na vips { 192.0.2.77 }  ←  no object")]
    [InlineData("add rule ip na services drop", "delete rule ip na services handle * (immediate)  ←  no object")]
    [InlineData("add chain ip na mine", "delete chain ip na mine  ←  no object")]
    [InlineData("add set ip na mine { type ipv4_addr; elements = { 1.2.3.4 } }", "delete element ip na mine { 1.2.3.4 }  ←  no object\ndelete set ip na mine  ←  no object")]
    [InlineData("flush chain ip na masquerade-local", "add rule ip na masquerade-local fib saddr type local masquerade fully-random  ←  Node node1")]
    [InlineData("insert rule ip na masquerade-local accept", "delete rule ip na masquerade-local handle * (immediate)  ←  no object")]
    [InlineData("add chain ip na forward { policy drop; }", "change chain ip na forward  ←  Node node1")]
    public async Task What_others_change_is_named_and_put_back(string vandalism, string told)
    {
        await using var network = await Create(RuleMode.Nftables);
        using var backEnd = (NftablesBackEnd)network.BackEnd();
        var table = ServiceTable.Of([Service("s", Vip)], [Slice("s", 80, PodAddress(0))], Facts);
        await Unite(backEnd, table);
        var before = await Printed(network);
        await network.Node.Run("nft", ["-f", "-"], vandalism);
        Assert.NotEqual(before, await Printed(network));

        var drift = string.Join('\n', await backEnd.Compare(table, write: true, default));
        Assert.Equal(told, System.Text.RegularExpressions.Regex.Replace(drift, "handle [0-9]+", "handle *"));
        Assert.Equal(Sorted(before), Sorted(await Printed(network)));
        Assert.Empty(await backEnd.Compare(table, write: true, default));
    }

    [Theory]
    [InlineData("delete table ip na")]
    [InlineData("flush ruleset")]
    [InlineData("delete table ip na; add table ip na; add set ip na vips { type inet_service; }")]
    public async Task A_table_that_is_gone_or_another_comes_back_whole(string vandalism)
    {
        await using var network = await Create(RuleMode.Nftables);
        using var server = TestServer.Tcp(network.Pods[0], 80);
        using var backEnd = (NftablesBackEnd)network.BackEnd();
        var table = ServiceTable.Of([Service("s", Vip)], [Slice("s", 80, PodAddress(0))], Facts);
        await Unite(backEnd, table);
        await network.Node.Run("nft", ["-f", "-"], vandalism);
        Assert.Contains(await backEnd.Compare(table, write: true, default), drift => drift.What.Contains("10.244.1.2"));
        Assert.Equal("", await Drift(network, table));
        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], Vip, 80));
    }

    [Fact]
    public async Task A_restarted_agent_finds_its_table_and_writes_nothing()
    {
        await using var network = await Create(RuleMode.Nftables);
        string[] pods = [PodAddress(2), PodAddress(0), PodAddress(1)];
        var sticky = Service("t", OtherVip);
        sticky = sticky with { Spec = sticky.Spec! with { SessionAffinity = "ClientIP" } };
        var table = ServiceTable.Of([Service("s", Vip), sticky], [Slice("s", 80, pods), Slice("t", 80, pods)], Facts);
        using (var first = (NftablesBackEnd)network.BackEnd())
        {
            await Unite(first, table);
            // The order of its endpoints is now another than that of a start from nothing.
            foreach (var name in (string[])["s", "t"]) table.Put(Slice(name, 80, pods[..2]));
            await first.Apply(table, table.Take(), default);
            foreach (var name in (string[])["s", "t"]) table.Put(Slice(name, 80, pods));
            await first.Apply(table, table.Take(), default);
            while (first.HasLeftovers) await first.Apply(table, TableChanges.None, default);
        }
        using var socket = new NftablesSocket(network.Node.Namespace);
        var generation = socket.Generation();
        using var second = (NftablesBackEnd)network.BackEnd();
        Assert.Empty(await second.Compare(table, write: true, default));
        Assert.False(second.HasLeftovers);
        Assert.Equal(generation, socket.Generation());
    }

    /// <summary>Killed after the first of the two transactions: what the second was to remove is still there, and in nobody's way.</summary>
    [Fact]
    public async Task An_agent_killed_between_two_transactions_leaves_what_its_successor_carries_on()
    {
        await using var network = await Create(RuleMode.Nftables);
        using var server = TestServer.Tcp(network.Pods[0], 80);
        using var backEnd = (NftablesBackEnd)network.BackEnd();
        var table = ServiceTable.Of([Service("s", Vip), Service("t", OtherVip)], [Slice("s", 80, PodAddress(0), PodAddress(1)), Slice("t", 80, PodAddress(0))], Facts);
        await Unite(backEnd, table);
        // As the first transaction of a change from two endpoints to one leaves it.
        await network.Node.Run("nft", ["add", "element", "ip", "na", "fe-1", "{ 10.96.0.17 . tcp . 80 }"]);
        for (var i = 0; i < 20; i++) Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], Vip, 80));
        table.Put(Slice("s", 80, PodAddress(0)));
        table.Take();
        using var successor = (NftablesBackEnd)network.BackEnd();
        await Unite(successor, table);
        Assert.Equal("", await Drift(network, table));
    }

    [Fact]
    public async Task No_new_connection_is_lost_while_endpoints_come_and_go()
    {
        await using var network = await Create(RuleMode.Nftables);
        var servers = network.Pods.Select(pod => TestServer.Tcp(pod, 80)).ToList();
        using var backEnd = (NftablesBackEnd)network.BackEnd();
        var table = ServiceTable.Of([Service("s", Vip)], [Slice("s", 80, PodAddress(0))], Facts);
        await Unite(backEnd, table);
        using var stop = new CancellationTokenSource();
        var knocking = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var (failed, all) = (new List<string>(), 0);
            for (; !stop.IsCancellationRequested; all++)
                if (await TestClient.Ask(network.Node, Vip, 80) is var answer && !answer.StartsWith("pod")) failed.Add(answer);
            return (failed, all);
        })).ToList();
        var random = new Random(1);
        for (var change = 0; change < 20_000; change++)
        {
            table.Put(Slice("s", 80, [.. Enumerable.Range(0, 3).Where(pod => pod == change % 3 || random.Next(2) == 0).Select(PodAddress)]));
            await backEnd.Apply(table, table.Take(), default);
            if (change % 100 == 0) while (backEnd.HasLeftovers) await backEnd.Apply(table, TableChanges.None, default);
        }
        await stop.CancelAsync();
        var results = await Task.WhenAll(knocking);
        Assert.Equal([], results.SelectMany(result => result.failed));
        Assert.True(results.Sum(result => result.all) > 100);
        servers.ForEach(server => server.Dispose());
        while (backEnd.HasLeftovers) await backEnd.Apply(table, TableChanges.None, default);
        Assert.Equal("", await Drift(network, table));
    }

    [Fact]
    public async Task Twenty_thousand_services_come_in_one_transaction_and_one_endpoint_in_two()
    {
        await using var network = await Create(RuleMode.Nftables);
        using var backEnd = (NftablesBackEnd)network.BackEnd();
        string[] Pods(int count) => [.. Enumerable.Range(2, count).Select(i => $"10.244.2.{i}")];
        var services = Enumerable.Range(0, 20_000).Select(i => Service($"s{i}", $"10.96.{i / 200}.{i % 200}")).ToList();
        var table = ServiceTable.Of(services, services.Select(service => Slice(service.Name, 80, Pods(5))), Facts);
        using var socket = new NftablesSocket(network.Node.Namespace);
        var generation = socket.Generation();
        await backEnd.Compare(table, write: true, default);
        Assert.Equal(generation + 1, socket.Generation());
        Assert.Equal(100_000, socket.Elements("na", "fe-endpoints").Count());

        // Its class is in use from now on.
        table.Put(Slice("s1", 80, Pods(6)));
        await backEnd.Apply(table, table.Take(), default);
        generation = socket.Generation();
        table.Put(Slice("s2", 80, Pods(6)));
        await backEnd.Apply(table, table.Take(), default);
        Assert.Equal(generation + 2, socket.Generation());
        Assert.Equal("", await Drift(network, table));
    }

    private static Task<string> Printed(ServiceNetwork network) => network.Node.Run("nft", ["list", "table", "ip", "na"]);

    /// <summary>What is made anew is printed last.</summary>
    private static IEnumerable<string> Sorted(string printed) => Lines(printed).Order(StringComparer.Ordinal);
}
