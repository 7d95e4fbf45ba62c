using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>What is deleted from the kernel by hand comes back.</summary>
public sealed class DriftTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Fact]
    public Task A_deleted_route_to_another_node_comes_back() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        var node = Cluster.Nodes[0];
        var away = pods.First(pod => pod.Node != node);
        await here.Answers(node, $"http://{away.Address}");
        var routes = await Routes(node);
        var network = await here.Field($"node {away.Node}", ".spec.podCIDR");
        await Cluster.Ssh(node, "ip", "route", "del", network);
        await Eventually.Get($"the routes of {node} are back", () => Routes(node), now => now == routes);
        await here.Answers(node, $"http://{away.Address}");
    });

    [Theory, InlineData("PREROUTING"), InlineData("OUTPUT")]
    public Task A_deleted_rule_that_leads_to_services_comes_back(string chain) => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        var node = Cluster.Nodes[0];
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await here.Answers(node, $"http://{clusterIp}");
        var rule = (await Rules(node)).First(line => line.StartsWith($"-A {chain} ", StringComparison.Ordinal) && line.Contains("-j NA-", StringComparison.Ordinal));
        await Cluster.Ssh(node, "sh", "-c", $"iptables -w -t nat -D {rule[3..]}");
        await Back(node, [rule]);
        await here.Answers(node, $"http://{clusterIp}");
    });

    [Fact]
    public Task A_flushed_chain_of_a_service_is_filled_again() => InNamespace(async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        var node = Cluster.Nodes[0];
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await here.Answers(node, $"http://{clusterIp}");
        var ours = (await Rules(node)).Where(line => line.StartsWith("-A NA-", StringComparison.Ordinal) && line.Contains($" {clusterIp}/32 ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(ours);
        foreach (var chain in ours.Select(line => line.Split(' ')[1]).Distinct()) await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-F", chain);
        await Back(node, ours);
        await here.Answers(node, $"http://{clusterIp}");
    });

    private async Task<string> Routes(string node) =>
        string.Join('\n', (await Cluster.Ssh(node, "ip", "route")).Split('\n').Select(line => line.TrimEnd()).Order(StringComparer.Ordinal));

    private async Task<IReadOnlyList<string>> Rules(string node) => (await Cluster.Ssh(node, "iptables-save", "-t", "nat")).Split('\n');

    /// <summary>Other rules may have changed meanwhile: those of another test's Services go in their own time.</summary>
    private Task Back(string node, IReadOnlyList<string> rules) =>
        Eventually.Get($"{node} has again the rules\n{string.Join('\n', rules)}\n", () => Rules(node), now => rules.All(now.Contains));
}
