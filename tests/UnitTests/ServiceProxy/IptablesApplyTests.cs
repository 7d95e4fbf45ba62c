using KubeApi.Objects;
using Linux;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>What goes to iptables-restore when a table changes step by step, against an iptables that refuses what the kernel refuses.</summary>
public class IptablesApplyTests
{
    private readonly RecordingIptables iptables = new();
    private readonly ServiceTable table = new(Node1);

    private async Task<IptablesBackEnd> Start(IptablesBackend backend = IptablesBackend.Legacy)
    {
        table.Take();
        var started = new IptablesBackEnd(iptables.Run, backend);
        await started.Compare(table, write: true, default);
        return started;
    }

    private async Task<string> Apply(IptablesBackEnd backEnd)
    {
        var before = iptables.Restores.Count;
        await backEnd.Apply(table, table.Take(), default);
        return string.Concat(iptables.Restores.Skip(before));
    }

    /// <summary>What was written bit by bit is what would be written at once.</summary>
    private async Task Settled(IptablesBackEnd backEnd)
    {
        for (var i = 0; i < 3 && backEnd.HasLeftovers; i++) await Apply(backEnd);
        Assert.False(backEnd.HasLeftovers);
        Assert.Empty(await backEnd.Compare(table, write: false, default));
    }

    private static string[] Declared(string text) => [.. text.Split('\n').Where(line => line.StartsWith(':')).Select(line => line.Split(' ')[0][1..])];

    private static Service Whole(int i) => Service($"s{i}", $"10.96.{i / 250}.{i % 250 + 1}", Port(80) with { NodePort = i < 2000 ? 30000 + i : null }) with { } is var service
        ? service with { Spec = service.Spec! with { Type = i < 2000 ? "NodePort" : "ClusterIP" } } : service;

    [Theory]
    [InlineData(IptablesBackend.Legacy)]
    [InlineData(IptablesBackend.Nft)]
    public async Task Among_ten_thousand_services_one_changed_endpoint_writes_one_chain(IptablesBackend backend)
    {
        for (var i = 0; i < 10_000; i++)
        {
            table.Put(Whole(i));
            table.Put(Slice($"s{i}", 80, Ready("10.244.1.2")));
        }
        var backEnd = await Start(backend);
        table.Put(Slice("s77", 80, Ready("10.244.1.2"), Ready("10.244.2.9")));
        var text = await Apply(backEnd);
        Assert.Equal([ChainName.Of("NA-SVC-", "default/s77:80/tcp")], Declared(text));
        Assert.Equal(5, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        table.Put(Service("new", "10.97.0.5", Port(80)));
        table.Put(Slice("new", 80, Ready("10.244.1.2")));
        Assert.Equal(["NA-R-05", ChainName.Of("NA-SVC-", "default/new:80/tcp"), "NA-B-05"], Declared(await Apply(backEnd)));
        Assert.Equal("", await Apply(backEnd));
        await Settled(backEnd);
    }

    [Fact]
    public async Task Whatever_happens_the_rules_end_as_if_written_at_once()
    {
        var random = new Random(7);
        var backEnd = await Start();
        string[] types = ["ClusterIP", "NodePort", "LoadBalancer"], policies = ["Cluster", "Local"], affinities = ["None", "ClientIP"];
        for (var step = 0; step < 400; step++)
        {
            var i = random.Next(12);
            var type = types[random.Next(3)];
            var service = Service($"s{i}", $"10.96.0.{i + 1}", Port(80, "http") with { NodePort = type == "ClusterIP" ? null : 30000 + 50 * i }, Port(53, "dns", "UDP"));
            service = service with
            {
                Spec = service.Spec! with
                {
                    Type = type, ExternalIPs = random.Next(3) == 0 ? [$"198.51.100.{i + 1}"] : null, ExternalTrafficPolicy = policies[random.Next(2)],
                    InternalTrafficPolicy = policies[random.Next(2)], SessionAffinity = affinities[random.Next(2)],
                    LoadBalancerSourceRanges = random.Next(2) == 0 ? ["192.0.2.0/24"] : null, HealthCheckNodePort = type == "LoadBalancer" ? 31000 + i : null,
                },
                Status = type == "LoadBalancer" ? new() { LoadBalancer = new() { Ingress = [new() { Ip = $"192.0.2.{i + 1}" }] } } : null,
            };
            if (random.Next(4) == 0) table.Remove(service);
            else table.Put(service);
            table.Put(Slice($"s{i}", [SlicePort(8080, "http"), SlicePort(53, "dns", "UDP")],
                [.. Enumerable.Range(2, random.Next(4)).Select(pod => Ready($"10.244.{random.Next(1, 3)}.{pod}") with { NodeName = random.Next(2) == 0 ? "node1" : "node2" })]));
            if (random.Next(20) == 0)
                table.SetNode(Node1 with { PodCidr = random.Next(2) == 0 ? Node1.PodCidr : null, NodePortAddresses = random.Next(2) == 0 ? [] : [System.Net.IPNetwork.Parse("192.168.56.0/24")] });
            if (random.Next(3) > 0) await Apply(backEnd);
            if (step % 50 == 49)
            {
                await Apply(backEnd);
                await Settled(backEnd);
            }
        }
    }

    [Fact]
    public async Task A_service_is_refused_before_it_loses_its_rules_and_until_it_has_them_again()
    {
        table.Put(Service("s", "10.96.0.17", Port(80)));
        table.Put(Slice("s", 80, Ready("10.244.1.2")));
        var backEnd = await Start();
        string[] Order(string text) => [.. text.Split('\n').Where(line => line.StartsWith('*') || line.Contains("no endpoints")).Select(line => line.Split(' ')[0])];
        table.Put(Slice("s", 80));
        Assert.Equal(["*filter", "-A", "*nat"], Order(await Apply(backEnd)));
        table.Put(Slice("s", 80, Ready("10.244.1.2")));
        Assert.Equal(["*nat", "*filter"], Order(await Apply(backEnd)));
        await Settled(backEnd);
    }

    [Fact]
    public async Task After_an_error_a_change_is_made_up_for_by_a_comparison()
    {
        table.Put(Service("s", "10.96.0.17", Port(80)));
        var backEnd = await Start();
        table.Put(Slice("s", 80, Ready("10.244.1.2")));
        iptables.Fails = true;
        await Assert.ThrowsAsync<CommandException>(() => Apply(backEnd));
        iptables.Fails = false;
        await Apply(backEnd);
        Assert.Contains("10.244.1.2:80", iptables.All);
        await Settled(backEnd);
    }

    [Fact]
    public async Task Localhost_is_routed_only_behind_the_guard_and_only_where_node_ports_are_served_on_it()
    {
        var backEnd = await Start();
        Assert.True(iptables.Localnet);
        await backEnd.Compare(table, write: true, default);
        var without = new RecordingIptables();
        await new IptablesBackEnd(without.Run, IptablesBackend.Legacy).Compare(new ServiceTable(Node1 with { LocalhostNodePorts = false }), write: true, default);
        Assert.False(without.Localnet);
        Assert.DoesNotContain("! -i lo", without.All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_localhost_is_served_no_longer_it_is_not_routed_any_more(bool restarted)
    {
        var backEnd = await Start();
        table.SetNode(Node1 with { LocalhostNodePorts = false });
        if (restarted) await Start();
        else await Apply(backEnd);
        Assert.False(iptables.Localnet);
        Assert.DoesNotContain("! -i lo", iptables.All);
    }

    [Fact]
    public async Task Drift_names_the_rule_and_whose_it_is()
    {
        table.Put(Service("s", "10.96.0.17", Port(80)));
        table.Put(Slice("s", 80, Ready("10.244.1.2")));
        var backEnd = await Start();
        iptables.DeleteRule("--to-destination 10.244.1.2:80");
        var drift = Assert.Single(await backEnd.Compare(table, write: true, default));
        Assert.Equal(("add", "EndpointSlice default/s-abc12 (resourceVersion 200)"), (drift.Action, drift.Origin));
        Assert.EndsWith("-j DNAT --to-destination 10.244.1.2:80", drift.What);
        Assert.Empty(await backEnd.Compare(table, write: false, default));
    }
}
