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
        var rules = await Rules(node);
        var rule = rules.Split('\n').First(line => line.StartsWith($"-A {chain} ", StringComparison.Ordinal) && line.Contains("-j NA-", StringComparison.Ordinal));
        await Cluster.Ssh(node, "sh", "-c", $"iptables -w -t nat -D {rule[3..]}");
        await Eventually.Get($"the rules of {node} are back", () => Rules(node), now => now == rules);
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
        var rules = await Rules(node);
        var rule = rules.Split('\n').First(line => line.StartsWith("-A NA-", StringComparison.Ordinal) && line.Contains(clusterIp, StringComparison.Ordinal));
        await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-F", rule.Split(' ')[1]);
        await Eventually.Get($"the rules of {node} are back", () => Rules(node), now => now == rules);
        await here.Answers(node, $"http://{clusterIp}");
    });

    private async Task<string> Routes(string node) => Sorted(await Cluster.Ssh(node, "ip", "route"), _ => true);

    /// <summary>Our rules of the nat table; the order within a chain is kept by the sort, which is stable.</summary>
    private async Task<string> Rules(string node) =>
        Sorted(await Cluster.Ssh(node, "iptables-save", "-t", "nat"), line => line.Contains("NA-", StringComparison.Ordinal) && line.StartsWith("-A", StringComparison.Ordinal));

    private static string Sorted(string lines, Func<string, bool> which) =>
        string.Join('\n', lines.Split('\n').Where(which).Select(line => line.TrimEnd()).OrderBy(line => string.Join(' ', line.Split(' ').Take(2)), StringComparer.Ordinal));
}
