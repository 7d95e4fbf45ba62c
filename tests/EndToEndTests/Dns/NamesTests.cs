using EndToEndTests.Fixture;

namespace EndToEndTests.Dns;

/// <summary>Names of Services and pods, asked from pods and nodes.</summary>
public sealed class NamesTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Server = "10.96.0.10";

    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_guides_lookups_print_what_it_shows(string kubectl) => InNamespace(async here =>
    {
        Assert.Matches(@"(?m)^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nkube-dns +ClusterIP +10\.96\.0\.10 +<none> +53/UDP,53/TCP +", await here.Run("kubectl get services kube-dns --namespace=kube-system"));
        await here.Pipe(DnsManifests.Names, "kubectl apply -f -");
        await here.PodsReady("app=client", 1);
        await here.PodsReady("app=web", 1);
        var address = await here.Field("svc web", ".spec.clusterIP");
        Assert.Equal($"Server:    {Server}\nAddress 1: {Server}\n\nName:      web\nAddress 1: {address}\n", await here.Run("kubectl exec client -- nslookup web"));
        foreach (var name in (string[])[$"web.{here.Namespace}", $"web.{here.Namespace}.svc", $"web.{here.Namespace}.svc.cluster.local"])
            Assert.Contains($"Name:      {name}\nAddress 1: {address}\n", await here.Run($"kubectl exec client -- nslookup {name}"));
        Assert.Contains("<title>Welcome to nginx!</title>", await here.Run("kubectl exec client -- curl -s http://web"));
        Assert.Contains("can't resolve 'nothing'", (await here.Kubectl.TryRun("kubectl exec client -- nslookup nothing")).Error);
        Assert.Equal($"search {here.Namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver {Server}\noptions ndots:5\n", await here.Run("kubectl exec client -- cat /etc/resolv.conf"));
    }, kubectl);

    [Fact]
    public Task Every_kind_of_name_is_answered_on_every_node() => InNamespace(async here =>
    {
        await here.Pipe(DnsManifests.Names, "kubectl apply -f -");
        var web = (await here.PodsReady("app=web", 1))[0];
        var unready = await Eventually.Get("the unready pod has an address", () => here.Field("pod unready", ".status.podIP"), ip => ip.Length > 0);
        var (zone, address) = ($"{here.Namespace}.svc.cluster.local", await here.Field("svc web", ".spec.clusterIP"));
        foreach (var node in Cluster.Nodes)
        {
            // While an agent was away the other nodes answered, and those connections are tracked.
            await Cluster.Ssh(node, "sh", "-c", $"conntrack -D -d {Server} 2>/dev/null || true");
            await Answers(node, address, $"web.{zone}");
            await Answers(node, address, "+tcp", $"web.{zone}");
            await Answers(node, $"web.{zone}.", "-x", address);
            await Answers(node, $"0 100 80 web.{zone}.", "SRV", $"_http._tcp.web.{zone}");
            await Answers(node, $"0 100 514 web.{zone}.", "SRV", $"_syslog._udp.web.{zone}");
            await Answers(node, web.Address, $"sub.{zone}");
            await Answers(node, web.Address, $"web-0.sub.{zone}");
            await Answers(node, $"web-0.sub.{zone}.", "-x", web.Address);
            await Answers(node, $"0 100 80 web-0.sub.{zone}.", "SRV", $"_http._tcp.sub.{zone}");
            await Answers(node, unready, $"unready.{zone}");
            await Answers(node, "", $"hidden.{zone}");
            await Answers(node, "kubernetes.default.svc.cluster.local.\n10.96.0.1", $"alias.{zone}");
            await Answers(node, web.Address, $"{web.Address.Replace('.', '-')}.{here.Namespace}.pod.cluster.local");
            await Answers(node, "\"1.1.0\"", "TXT", "dns-version.cluster.local");
            Assert.DoesNotContain(Server, await Cluster.Ssh(node, "conntrack", "-L"));
        }
    });

    [Fact]
    public Task A_name_of_nobody_is_said_not_to_be_answerable_at_once() => InNamespace(async here =>
    {
        await here.Run("kubectl get nodes");
        Assert.Contains("status: SERVFAIL", await Dig(Cluster.Nodes[0], "+time=8", "nobody.example")); // the lab's nodes have no name server behind them
    });

    [Fact]
    public Task Names_are_answered_while_agents_and_the_control_plane_are_away() => InNamespace(async here =>
    {
        await here.Pipe(DnsManifests.Names, "kubectl apply -f -");
        await here.PodsReady("app=web", 1);
        var (node, name, address) = (Cluster.Nodes[0], $"web.{here.Namespace}.svc.cluster.local", await here.Field("svc web", ".spec.clusterIP"));
        await Answers(node, address, name);
        await Eventually.Get("kube-dns has every node as endpoint", () => here.Run("kubectl get endpoints kube-dns -n kube-system -o jsonpath='{.subsets[*].addresses[*].nodeName}'"), nodes => Cluster.Nodes.All(nodes.Contains));
        await Cluster.CrashAgent(node, meanwhile: () => Answers(node, address, name)); // by another node's agent, if it is not back yet
        await Answers(node, address, name);
        await Task.Delay(TimeSpan.FromSeconds(3)); // the agent writes down what it knows every two seconds
        await Cluster.Kill("control");
        try
        {
            await Answers(node, address, name);
            await Cluster.CrashAgent(node);
            await Answers(node, address, name);
            await Answers(node, "", $"nothing.{here.Namespace}.svc.cluster.local");
        }
        finally { await Cluster.Boot("control"); }
        await Eventually.Get("the control plane answers", () => here.Run("kubectl get --raw /readyz"), text => text == "ok");
        await here.Run("kubectl delete svc web");
        await Answers(node, "", name);
    });

    private Task<string> Dig(string node, params string[] arguments) => Cluster.Ssh(node, "dig", ["+tries=1", $"@{Server}", .. arguments]);

    private Task Answers(string node, string answer, params string[] arguments) => Eventually.Get($"{node} answers {string.Join(' ', arguments)} with {answer}",
        async () => (await Cluster.Ssh(node, "dig", ["+short", "+tries=1", "+time=2", $"@{Server}", .. arguments])).Trim(), got => got == answer);
}
