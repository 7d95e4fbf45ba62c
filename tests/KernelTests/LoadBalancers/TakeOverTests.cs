using System.Diagnostics;
using System.Net;
using KernelTests.ServiceProxy;
using NodeAgent.LoadBalancers;
using Xunit.Abstractions;

namespace KernelTests.LoadBalancers;

/// <summary>Nodes on one link, and an outside client that connects to an address that one of them holds.</summary>
public sealed class TakeOverTests(ITestOutputHelper output)
{
    /// <summary>How long a take-over may take at most here; what it takes is printed.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromMilliseconds(200), QuietTime = TimeSpan.FromSeconds(3);

    private static BalancedAddress Address(int last, params string[] nodes) =>
        new(IPAddress.Parse($"192.168.56.{last}"), "default/web", 1, nodes.Length == 0 ? null : nodes.ToHashSet());

    private static int Winner(BalancedAddress address, params int[] nodes) =>
        int.Parse(Election.Winner(address.Address, nodes.Select(number => $"node{number}"))!["node".Length..]);

    /// <summary>An address that this one of three nodes holds when all are alive.</summary>
    private static BalancedAddress AddressOf(int node) => Enumerable.Range(220, 30).Select(last => Address(last)).First(address => Winner(address, 1, 2, 3) == node);

    private static int[] Others(int than) => [.. new[] { 1, 2, 3 }.Where(number => number != than)];

    private async Task<TestLink> ThreeNodes()
    {
        var link = await TestLink.Create(3, output);
        for (var number = 1; number <= 3; number++) link.Start(number);
        return link;
    }

    [Fact]
    public async Task One_node_answers_and_nothing_is_left_when_the_service_goes()
    {
        await using var link = await ThreeNodes();
        var addresses = Enumerable.Range(220, 6).Select(last => Address(last)).ToList();
        link.Update(addresses);
        foreach (var address in addresses)
        {
            var winner = Winner(address, 1, 2, 3);
            await link.UntilHeldBy(address.Address, winner);
            Assert.Equal($"node{winner} 192.168.56.1", await TestClient.Ask(link.Outside, $"{address.Address}", TestLink.Port));
            Assert.Contains($"inet {address.Address}/32 scope host eth0:na-lb", await link.Node(winner).Run("ip", ["address", "show", "eth0"]));
        }
        link.Update([addresses[0]], $"node{Winner(addresses[0], 1, 2, 3)}"); // may not hold any more
        foreach (var address in addresses.Skip(1)) await link.UntilHeldBy(address.Address);
        var next = Winner(addresses[0], Others(Winner(addresses[0], 1, 2, 3)));
        await link.UntilHeldBy(addresses[0].Address, next);
        await UntilAnsweredBy(link, addresses[0].Address, next);
        link.Update([]);
        await link.UntilHeldBy(addresses[0].Address);
    }

    [Fact]
    public async Task Another_node_takes_over_when_the_holder_dies_and_gives_back_when_it_returns()
    {
        await using var link = await ThreeNodes();
        var address = AddressOf(2);
        link.Update([address]);
        await link.UntilHeldBy(address.Address, 2);
        await UntilAnsweredBy(link, address.Address, 2); // the client knows its hardware address now
        await link.Unplug(2);
        var began = Stopwatch.StartNew();
        await UntilAnsweredBy(link, address.Address, Winner(address, 1, 3));
        output.WriteLine($"connects succeed again after {began.ElapsedMilliseconds} ms");

        await link.PlugIn(2);
        await link.UntilHeldBy(address.Address, 2);
        await UntilAnsweredBy(link, address.Address, 2);
    }

    [Fact]
    public async Task An_agent_that_is_away_for_a_moment_keeps_its_addresses_and_a_machine_that_dies_meanwhile_does_not()
    {
        await using var link = await ThreeNodes();
        var address = AddressOf(3);
        link.Update([address]);
        await link.UntilHeldBy(address.Address, 3);
        await link.Stop(3);
        await StaysAt(link, address.Address, 3);
        link.Start(3);
        await StaysAt(link, address.Address, 3);
        await link.Stop(3);
        await link.Unplug(3);
        await UntilAnsweredBy(link, address.Address, Winner(address, 1, 2));
    }

    [Fact]
    public async Task With_a_local_policy_only_nodes_with_endpoints_answer()
    {
        await using var link = await ThreeNodes();
        foreach (var number in new[] { 3, 1, 2 })
        {
            link.Update([Address(230, $"node{number}")]);
            await link.UntilHeldBy(Address(230).Address, number);
            await UntilAnsweredBy(link, Address(230).Address, number);
        }
        link.Update([Address(230, "somewhere else")]);
        await link.UntilHeldBy(Address(230).Address);
    }

    [Fact]
    public async Task A_removed_address_comes_back_and_one_of_another_network_is_not_taken()
    {
        await using var link = await TestLink.Create(1, output);
        link.Start(1);
        var foreign = new BalancedAddress(IPAddress.Parse("198.51.100.7"), "default/web", 1, null);
        link.Update([Address(240), foreign]);
        await link.UntilHeldBy(Address(240).Address, 1);
        await link.Node(1).Ip("address delete 192.168.56.240/32 dev eth0\n");
        await link.UntilHeldBy(Address(240).Address, 1);
        Assert.Empty(link.Holders(foreign.Address));

        await link.Stop(1);
        LinkAddresses.Cleanup(link.Node(1).Namespace);
        Assert.DoesNotContain("na-lb", await link.Node(1).Run("ip", ["address"]));
    }

    [Fact]
    public async Task An_address_of_another_link_is_held_on_it_by_a_node_that_is_there()
    {
        await using var link = await ThreeNodes();
        var (second, first) = (new BalancedAddress(IPAddress.Parse("10.99.0.200"), "default/second", 1, null), AddressOf(3));
        link.Update([second, first]);
        await link.UntilHeldBy(first.Address, 3);
        Assert.Empty(link.Holders(second.Address));
        await link.PlugSecond(1, 2); // while the agents run

        var winner = Winner(second, 1, 2);
        await link.UntilHeldBy(second.Address, winner);
        await UntilAnsweredBy(link, second.Address, winner);
        Assert.Contains($"inet {second.Address}/32 scope host eth1:na-lb", await link.Node(winner).Run("ip", ["address", "show", "eth1"]));

        await link.UnplugSecond(winner); // of its two cables
        await UntilAnsweredBy(link, second.Address, 3 - winner);
        Assert.Equal([3], link.Holders(first.Address));
    }

    [Fact]
    public async Task A_pod_cannot_pretend_that_a_dead_node_lives()
    {
        await using var link = await TestLink.Create(3, output);
        using var pods = new PodBehind(link.Node(1));
        await pods.Connect();
        link.Start(1);
        link.Start(2);
        var address = AddressOf(3);
        var second = Winner(address, 1, 2);
        link.Update([address]);
        using (pods.PretendToBe("node3", TestLink.AddressOf(3), TestLink.AddressOf(1), TestLink.AddressOf(2)))
        {
            await link.UntilHeldBy(address.Address, second);
            await StaysAt(link, address.Address, second);
        }
        // The same datagrams from a machine of the link are believed: they are right but for their way.
        using (new FalseHellos(link.Outside, "node3", TestLink.AddressOf(3), TestLink.AddressOf(1), TestLink.AddressOf(2))) await link.UntilHeldBy(address.Address);
    }

    private async Task UntilAnsweredBy(TestLink link, IPAddress address, int node)
    {
        var began = Stopwatch.StartNew();
        var last = "";
        while (began.Elapsed < Bound)
        {
            using var socket = TestClient.Open(link.Outside, System.Net.Sockets.ProtocolType.Tcp);
            using var patience = new CancellationTokenSource(ConnectPatience);
            try
            {
                await socket.ConnectAsync(address, TestLink.Port, patience.Token);
                last = await TestClient.Ask(socket, ConnectPatience);
                if (last.StartsWith($"node{node} ", StringComparison.Ordinal)) return;
            }
            catch (Exception e) when (e is OperationCanceledException or System.Net.Sockets.SocketException) { last = e.Message; }
        }
        Assert.Fail($"node{node} does not answer for {address}; at last: {last}");
    }

    /// <summary>For a while: an event that must not happen can only be waited for.</summary>
    private static async Task StaysAt(TestLink link, IPAddress address, int node)
    {
        for (var began = Stopwatch.StartNew(); began.Elapsed < QuietTime; await Task.Delay(20)) Assert.Equal([node], link.Holders(address));
    }
}
