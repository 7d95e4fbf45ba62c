using EndToEndTests.Fixture;
using Xunit.Abstractions;

namespace EndToEndTests.LoadBalancers;

/// <summary>Which node answers for an address, and what clients notice when that changes.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class TakeOverTests(FaultCluster cluster, ITestOutputHelper output) : FaultTest(cluster)
{
    [Fact]
    public Task When_the_node_that_answers_dies_another_one_does() => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        await service.Make("type: LoadBalancer", replicas: 0);
        var address = await service.ExternalIp();
        var holder = await service.Holder(address);
        var other = Cluster.Nodes.First(node => node != holder);
        await service.Make("type: LoadBalancer", replicas: 2, node: other); // what dies is the way to the pods, and none of them
        await here.PodsReady("run=my-nginx", 2);
        await service.AnswersOutside(address);
        await using (var calls = await TimedCalls.Start(Cluster, LoadBalancer.Outside, $"http://{address}"))
        {
            await calls.Succeed(10);
            await Cluster.Kill(holder);
            await Eventually.Get($"{other} answers for {address}", () => Cluster.Ssh(other, "ip", "-o", "address", "show", "to", $"{address}/32"), shown => shown.Contains(address, StringComparison.Ordinal));
            await calls.Succeed(30);
            output.WriteLine($"{holder} died: {await calls.Summary()}");
        }
        await using (var calls = await TimedCalls.Start(Cluster, LoadBalancer.Outside, $"http://{address}"))
        {
            await Cluster.Boot(holder);
            await service.HeldBy(address, holder);
            await calls.Succeed(30);
            output.WriteLine($"{holder} came back: {await calls.Summary()}");
        }
        await Eventually.Get($"{holder} is Ready", () => here.Field($"node {holder}", """.status.conditions[?(@.type=="Ready")].status"""), status => status == "True");
    });

    [Fact]
    public Task An_agent_that_is_killed_and_started_anew_moves_no_address_and_fails_no_call() => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        var (address, holder) = await service.Answering();
        await using var calls = await TimedCalls.Start(Cluster, LoadBalancer.Outside, $"http://{address}");
        await calls.Succeed(10);
        foreach (var node in Cluster.Nodes)
        {
            await Cluster.CrashAgent(node);
            await calls.Succeed(60);
            Assert.Equal([holder], await service.Holders(address));
        }
        output.WriteLine(await calls.Summary());
        Assert.Equal(0, await calls.Failed());
    });

    [Fact]
    public Task The_addresses_of_a_node_whose_agent_is_stuck_move_to_another_and_come_back() => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        var (address, holder) = await service.Answering();
        await using var calls = await TimedCalls.Start(Cluster, LoadBalancer.Outside, $"http://{address}");
        await calls.Succeed(10);
        await Signal(holder, "STOP");
        try
        {
            await Cluster.HoldLease(holder);
            await service.HeldBy(address, Cluster.Nodes.First(node => node != holder));
        }
        finally { await Signal(holder, "CONT"); }
        await calls.Succeed(30);
        await service.HeldBy(address, holder);
        await calls.Succeed(30);
        output.WriteLine($"the agent of {holder} was stopped, and went on: {await calls.Summary()}");

        Task<string> Signal(string node, string signal) => Cluster.Ssh(node, "sh", "-c", $"kill -{signal} $(pgrep -o -x nodeagent)");
    });

    [Fact]
    public Task With_a_local_policy_the_node_of_the_pod_answers_and_the_pod_sees_the_client() => InNamespace(async here =>
    {
        var service = new LoadBalancer(Cluster, here);
        foreach (var node in Cluster.Nodes.Concat(Cluster.Nodes).Take(3))
        {
            await service.Make("type: LoadBalancer, externalTrafficPolicy: Local", replicas: 1, node);
            var address = await service.ExternalIp();
            await Eventually.Get($"a pod runs on {node}", () => here.PodsReady("run=my-nginx", 1), pods => pods is [{ } only] && only.Node == node);
            await service.HeldBy(address, node);
            await service.AnswersOutside(address);
            var pod = (await here.PodsReady("run=my-nginx", 1))[0];
            await Eventually.Get("nginx tells who called", () => Cluster.ContainerLog(pod, "my-nginx"), log => log.Contains(" 192.168.56.1 - - [", StringComparison.Ordinal));
        }
        await here.Run("kubectl scale deployment my-nginx --replicas=0");
        await service.HeldBy(await service.ExternalIp());
    });
}
