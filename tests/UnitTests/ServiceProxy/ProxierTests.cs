using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>The loop, against a recording iptables.</summary>
public sealed class ProxierTests : IAsyncLifetime
{
    private static readonly Service Nginx = Service("my-nginx", "10.96.0.17", Port(80));
    private static readonly EndpointSlice OnePod = Slice("my-nginx", 80, Ready("10.244.1.2")), TwoPods = Slice("my-nginx", 80, Ready("10.244.1.2"), Ready("10.244.1.3"));

    private readonly RecordingIptables iptables = new();
    private readonly CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    private IptablesBackEnd BackEnd() => new(iptables.Run, IptablesBackend.Legacy);

    private Proxier NewProxier(TimeSpan? compareEvery) =>
        new(NullLogger.Instance, BackEnd(), new StaleFlows(new Conntrack(), NullLogger.Instance), compareEvery);

    private Proxier Start(TimeSpan? compareEvery = null)
    {
        var proxier = NewProxier(compareEvery ?? TimeSpan.FromHours(1));
        running = proxier.Run(stop.Token);
        return proxier;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private static async Task Until(Func<bool> reached, string what)
    {
        for (var i = 0; i < 1500 && !reached(); i++) await Task.Delay(10);
        Assert.True(reached(), what);
    }

    [Fact]
    public async Task Nothing_is_touched_before_the_first_update()
    {
        Start(TimeSpan.FromMilliseconds(1));
        await Task.Delay(50);
        Assert.Empty(iptables.Restores);
    }

    [Fact]
    public async Task A_changed_endpoint_is_written_and_nothing_else()
    {
        var proxier = Start();
        proxier.Replace([Nginx], [OnePod], Node1);
        await Until(() => iptables.All.Contains("10.244.1.2:80"), "the first endpoint");
        proxier.Replace([Nginx], [TwoPods], Node1);
        await Until(() => iptables.All.Contains("10.244.1.3:80"), "the second endpoint");
        Assert.Equal(2, iptables.Restores.Count);
        Assert.Single(iptables.Restores[1].Split('\n'), line => line.StartsWith(':'));
    }

    [Fact]
    public async Task Many_updates_become_few_writes()
    {
        var proxier = Start();
        for (var i = 0; i < 2000; i++) proxier.Replace([Nginx], [Slice("my-nginx", 80, Ready($"10.244.1.{i % 250 + 1}"))], Node1);
        proxier.Replace([Nginx], [TwoPods], Node1);
        await Until(() => iptables.All.Contains("10.244.1.3:80"), "the last state");
        Assert.InRange(iptables.Restores.Count, 1, 1000); // usually two; a busy machine takes its time to make the updates
    }

    [Fact]
    public async Task Leftover_chains_go_without_another_update()
    {
        var proxier = Start();
        proxier.Replace([Nginx], [OnePod], Node1);
        await Until(() => iptables.All.Contains("NA-SVC-"), "the service's chain");
        proxier.Replace([], [], Node1);
        await Until(() => !iptables.All.Contains("NA-SVC-") && !iptables.All.Contains("NA-B-"), "no chain of the service");
    }

    [Fact]
    public async Task After_an_error_all_is_compared_and_written()
    {
        iptables.Fails = true;
        var proxier = Start();
        proxier.Replace([Nginx], [OnePod], Node1);
        await Until(() => iptables.Restores.Count > 1, "a second try");
        Assert.DoesNotContain("NA-", iptables.All);
        iptables.Fails = false;
        await Until(() => iptables.All.Contains("10.244.1.2:80"), "the endpoint");
    }

    [Fact]
    public async Task A_rule_deleted_by_hand_comes_back()
    {
        var proxier = Start(TimeSpan.FromMilliseconds(50));
        proxier.Replace([Nginx], [OnePod], Node1);
        await Until(() => iptables.All.Contains("10.244.1.2:80"), "the endpoint");
        var before = iptables.All;
        iptables.DeleteRule("--to-destination 10.244.1.2:80");
        await Until(() => iptables.All == before, "the same rules again");
        iptables.DeleteRule("NodeAgent: masquerade");
        await Until(() => iptables.All == before, "the jump again");
    }

    [Fact]
    public async Task A_new_agent_adopts_the_rules_and_writes_nothing()
    {
        var first = NewProxier(null);
        using var ends = new CancellationTokenSource();
        var ran = first.Run(ends.Token);
        first.Replace([Nginx], [OnePod], Node1);
        await Until(() => iptables.All.Contains("10.244.1.2:80"), "the endpoint");
        await ends.CancelAsync();
        await ran;
        var written = iptables.Restores.Count;

        Start(TimeSpan.FromMilliseconds(20)).Replace([Nginx], [OnePod], Node1);
        await Task.Delay(300);
        Assert.Equal(written, iptables.Restores.Count);
    }

    [Fact]
    public async Task State_names_the_object_behind_each_rule()
    {
        var proxier = Start();
        proxier.Replace([Nginx], [OnePod], Node1);
        await Until(() => iptables.All.Contains("10.244.1.2:80"), "the endpoint");
        var state = await BackEnd().State(ServiceTable.Of([Nginx], [OnePod], Node1), default);
        Assert.Contains(state, line => line.KernelObject.StartsWith("-A NA-B-11 -d 10.96.0.17/32 ") && line.ApiObject == "Service default/my-nginx (resourceVersion 100)");
        Assert.DoesNotContain(state, line => line.ApiObject == "no object");
    }

    [Fact]
    public async Task State_knows_the_objects_without_an_agent_too()
    {
        var proxier = Start();
        proxier.Replace([Nginx, Service("empty", "10.96.0.18", Port(80))], [OnePod], Node1);
        await Until(() => iptables.All.Contains("10.244.1.2:80"), "the endpoint");
        var state = await BackEnd().State(null, default);
        string OriginOf(string part) => Assert.Single(state, line => line.KernelObject.Contains(part)).ApiObject;
        Assert.Equal("Service default/my-nginx", OriginOf("-d 10.96.0.17/32 -p tcp"));
        Assert.Equal("EndpointSlices of Service default/my-nginx", OriginOf("10.244.1.2:80"));
        Assert.Equal("Service default/empty", OriginOf("has no endpoints"));
        Assert.Equal("this Node", OriginOf("-A PREROUTING"));
    }
}
