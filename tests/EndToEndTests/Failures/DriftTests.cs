using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>What is deleted from the kernel by hand comes back.</summary>
public sealed class DriftTests(FaultCluster cluster) : FaultTest(cluster)
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
        var node = Cluster.Nodes[0];
        var (clusterIp, _) = await Served(here, node);
        var rule = (await Rules(node)).First(line => line.StartsWith($"-A {chain} ", StringComparison.Ordinal) && line.Contains("-j NA-", StringComparison.Ordinal));
        await Cluster.Ssh(node, "sh", "-c", $"iptables -w -t nat -D {rule[3..]}");
        await Back(node, [rule]);
        await here.Answers(node, $"http://{clusterIp}");
    });

    [Fact]
    public Task A_flushed_chain_of_a_service_is_filled_again() => InNamespace(async here =>
    {
        var node = Cluster.Nodes[0];
        var (clusterIp, _) = await Served(here, node);
        var ours = (await Rules(node)).Where(line => line.StartsWith("-A NA-", StringComparison.Ordinal) && line.Contains($" {clusterIp}/32 ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(ours);
        foreach (var chain in ours.Select(line => line.Split(' ')[1]).Distinct()) await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-F", chain);
        await Back(node, ours);
        await here.Answers(node, $"http://{clusterIp}");
    });

    [Fact]
    public Task A_flush_of_the_firewall_is_undone_and_an_event_of_the_node_names_what_was_lost() => InNamespace(async here =>
    {
        var node = Cluster.Nodes[0];
        var (clusterIp, _) = await Served(here, node);
        await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-N", "FOREIGN");

        await Cluster.Ssh(node, "iptables", "-w", "-F");
        await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-F");
        await here.Answers(node, $"http://{clusterIp}");
        var events = $"kubectl get events -n default --field-selector involvedObject.kind=Node,involvedObject.name={node},reason=KernelStateRepaired -o jsonpath='{{.items[*].message}}'";
        await Eventually.Get("an event tells of the flush", () => here.Run(events), text => text.Contains("entries were altered by iptables[", StringComparison.Ordinal));

        // One chain alone is named by the object that it came from.
        var chain = (await Rules(node)).First(line => line.Contains($"{here.Namespace}/my-nginx", StringComparison.Ordinal) && line.Contains("-j NA-SVC-", StringComparison.Ordinal)).Split(' ')[^1];
        await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-F", chain);
        await Eventually.Get("an event names the Service's endpoints", () => here.Run(events), text => text.Contains($"-A {chain} ", StringComparison.Ordinal) && text.Contains($"(EndpointSlice {here.Namespace}/my-nginx-", StringComparison.Ordinal));
        Assert.Contains("KernelStateRepaired", await here.Run($"kubectl describe node {node}"), StringComparison.Ordinal);
        Assert.Contains(":FOREIGN ", string.Join('\n', await Rules(node)), StringComparison.Ordinal);
        await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-X", "FOREIGN");
    });

    [Fact]
    public Task A_plan_tells_what_a_stopped_agent_would_mend_and_touches_nothing() => InNamespace(async here =>
    {
        var node = Cluster.Nodes[0];
        var (clusterIp, pods) = await Served(here, node);
        var away = pods.First(pod => pod.Node != node);
        await Eventually.Get("there is nothing to change", () => Plan(node), plan => plan.StartsWith("exit 0\n", StringComparison.Ordinal));
        var state = await Cluster.Ssh(node, "nodeagent", "state");
        Assert.Contains($"Service {here.Namespace}/my-nginx (generation ", state, StringComparison.Ordinal);
        Assert.Matches($"route .* ←  Node {away.Node} \\(resourceVersion [0-9]+\\)", state);

        await Cluster.Ssh(node, "pkill", "-STOP", "-x", "nodeagent");
        try
        {
            await Cluster.HoldLease(node);
            var network = await here.Field($"node {away.Node}", ".spec.podCIDR");
            await Cluster.Ssh(node, "iptables", "-w", "-t", "nat", "-F");
            await Cluster.Ssh(node, "ip", "route", "del", network);
            await Cluster.Ssh(node, "sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_forward");
            var plan = await Plan(node);
            Assert.StartsWith("exit 2\n", plan);
            Assert.Matches($"add route {network} via .*  ←  Node {away.Node} \\(resourceVersion", plan);
            Assert.Contains("change sysctl net/ipv4/ip_forward = 1  ←  Node ", plan, StringComparison.Ordinal);
            Assert.Matches($"add -A NA-B-.* -j NA-SVC-.*  ←  Service {here.Namespace}/my-nginx \\(generation ", plan);
            Assert.Matches($"add -A NA-SVC-.* -j DNAT .*  ←  EndpointSlice {here.Namespace}/my-nginx-", plan);
            Assert.Matches("Plan: [0-9]+ to add, 1 to change, 0 to delete\\.", plan);
            Assert.Equal(plan, await Plan(node));
        }
        finally { await Cluster.Ssh(node, "pkill", "-CONT", "-x", "nodeagent"); }
        await here.Answers(node, $"http://{clusterIp}");
        await Eventually.Get("all of it is mended", () => Plan(node), plan => plan.StartsWith("exit 0\n", StringComparison.Ordinal));
    });

    /// <summary>The guide's Service with two pods, which answers on that node.</summary>
    private static async Task<(string ClusterIp, IReadOnlyList<TestPod> Pods)> Served(NamespacedTest here, string node)
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
        await here.Answers(node, $"http://{clusterIp}");
        return (clusterIp, pods);
    }

    /// <summary>With the exit code before it.</summary>
    private Task<string> Plan(string node) => Cluster.Ssh(node, "sh", "-c", "text=$(nodeagent plan 2>&1); echo exit $?; echo \"$text\"");

    private async Task<string> Routes(string node) =>
        string.Join('\n', (await Cluster.Ssh(node, "ip", "route")).Split('\n').Select(line => line.TrimEnd()).Order(StringComparer.Ordinal));

    private async Task<IReadOnlyList<string>> Rules(string node) => (await Cluster.Ssh(node, "iptables-save", "-t", "nat")).Split('\n');

    /// <summary>Other rules may have changed meanwhile: those of another test's Services go in their own time.</summary>
    private Task Back(string node, IReadOnlyList<string> rules) =>
        Eventually.Get($"{node} has again the rules\n{string.Join('\n', rules)}\n", () => Rules(node), now => rules.All(now.Contains));
}
