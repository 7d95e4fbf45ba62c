using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>What a node's pods notice of their agent's troubles: nothing.</summary>
public sealed class AgentTests(FaultCluster cluster) : FaultTest(cluster)
{
    [Fact]
    public Task A_killed_agent_comes_back_and_adopts_the_running_pods() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        var victim = pods[0];
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await here.Answers(victim.Node, $"http://{clusterIp}");
        var processes = await NginxMasters(victim.Node);
        var statuses = await here.Field($"pod {victim.Name}", ".status.containerStatuses");

        await using (var calls = await ConstantCalls.Start(Cluster, victim.Node, $"http://{clusterIp}"))
        {
            await calls.Succeed(5);
            await Cluster.CrashAgent(victim.Node, meanwhile: () => calls.Succeed(5));
            await calls.Succeed(20);
            Assert.All(await calls.Codes(), code => Assert.Equal("200", code));
        }

        // The agent at work again: it runs a new pod on its node.
        await here.Run("kubectl scale deployment my-nginx --replicas=4");
        var more = await here.PodsReady("run=my-nginx", 4);
        Assert.Equal(2, more.Count(pod => pod.Node == victim.Node));
        Assert.Subset((await NginxMasters(victim.Node)).ToHashSet(), processes.ToHashSet());
        Assert.Equal(statuses, await here.Field($"pod {victim.Name}", ".status.containerStatuses"));
    });

    [Fact]
    public Task A_damaged_state_file_is_set_aside_reported_and_rebuilt() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        var victim = pods[0];
        var state = $"/run/nodeagent/pods/{victim.Uid}/pod.json";
        await Cluster.Ssh(victim.Node, "test", "-s", state);
        await Cluster.Ssh(victim.Node, "sh", "-c", $"head -c 100 {state} >/run/half && cat /run/half >{state} && rm /run/half");
        await Cluster.CrashAgent(victim.Node);

        await Eventually.Get("the state file is rebuilt", () => Cluster.Ssh(victim.Node, "sh", "-c", $"wc -c <{state} 2>/dev/null || echo 0"), size => int.Parse(size) > 100);
        await Cluster.Ssh(victim.Node, "test", "-s", state + ".damaged");
        Assert.Contains("damaged", await Cluster.Ssh(victim.Node, "cat", "/var/log/nodeagent.log"), StringComparison.Ordinal);
        foreach (var pod in await here.PodsReady("run=my-nginx", 2)) await here.Answers(Cluster.Nodes[0], $"http://{pod.Address}");
        Assert.DoesNotContain(await here.PodsReady("run=my-nginx", 2), pod => pod.Address == "");
    });

    /// <summary>The process ids, in the node, of all running nginx masters.</summary>
    private async Task<string[]> NginxMasters(string node) =>
        (await Cluster.Ssh(node, "pgrep", "-f", "^nginx: master")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
