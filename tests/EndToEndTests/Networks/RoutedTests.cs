using EndToEndTests.Fixture;

namespace EndToEndTests.Networks;

/// <summary>Pods and Services over a router: what the guide does on one segment, and what only a tunnel can break.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class RoutedTests(RoutedCluster cluster) : IClassFixture<RoutedCluster>
{
    /// <summary>A pod of each kind on every node: a web server, and one that can call.</summary>
    private const string Manifest = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: web, image: nginx, ports: [{containerPort: 80}]}
              - {name: caller, image: "radial/busyboxplus:curl", command: [sleep, "3600"]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 31080}]}
        """;

    [Fact]
    public async Task Every_pod_node_and_outsider_reaches_every_pod_and_the_Service()
    {
        var pods = await Pods();
        foreach (var from in pods)
        {
            foreach (var to in pods) await PodAnswers(from, $"http://{to.Address}");
            await PodAnswers(from, "http://web");
            await PodAnswers(from, "http://192.168.57.13:31080"); // another node's own address
            foreach (var to in pods) await MachineAnswers(from.Node, $"http://{to.Address}");
            await MachineAnswers(from.Node, $"http://{await Field("svc web", ".spec.clusterIP")}");
        }
        foreach (var node in new[] { "192.168.56.11", "192.168.57.13" }) await MachineAnswers("outside", $"http://{node}:31080");
        // Beside each other without a tunnel, over the router with one, and the tunnel's entries name the node.
        var state = await cluster.Ssh("node1", "nodeagent", "state");
        Assert.Matches(@"route 10\.244\.\d+\.0/24 via 192\.168\.56\.12 dev eth0 +← +Node node2", state);
        Assert.Matches(@"tunnel entry \S+ dst 192\.168\.57\.13 dev na-vxlan +← +Node node3", state);
    }

    [Fact]
    public async Task What_does_not_fit_into_the_tunnel_is_told_to_the_sender_and_connections_from_a_node_lose_no_packet()
    {
        var pods = await Pods();
        var far = pods.Single(pod => pod.Node == "node3");
        // The node's eth0 has 1500: its packets to a pod behind the tunnel are told 1450, through the Service too; nothing is sent twice for a bad checksum.
        var before = await Counter("node1", "Tcp:", "RetransSegs");
        for (var i = 0; i < 20; i++) await cluster.Ssh("node1", "curl", "-sSf", "--max-time", "10", "-o", "/dev/null", $"http://{await Field("svc web", ".spec.clusterIP")}");
        Assert.Equal(before, await Counter("node1", "Tcp:", "RetransSegs"));
        Assert.Equal("0", await Counter("node3", "Udp:", "InCsumErrors"));
        await cluster.Ssh("outside", "sh", "-c", "head -c 900000 /dev/zero > /tmp/large");
        Assert.Equal("405", await cluster.Ssh("outside", "curl", "-sS", "--max-time", "30", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Expect:", "--data-binary", "@/tmp/large", "http://192.168.56.11:31080"));
        var near = pods.Single(pod => pod.Node == "node1");
        Assert.Contains("mtu 1450", await Exec(near, "ip link show eth0"));
        Assert.Contains(" 0% packet loss", await Exec(near, $"ping -c 2 -s {1450 - 28} {far.Address}"));
        Assert.Contains(" 0% packet loss", await Exec(near, $"ping -c 2 -s 4000 {far.Address}")); // in fragments
    }

    [Fact]
    public async Task A_node_that_changes_its_address_is_found_at_the_new_one_and_one_that_is_deleted_has_no_entries()
    {
        var pods = await Pods();
        var far = pods.Single(pod => pod.Node == "node3");
        await MoveNode3(from: "192.168.57.13", to: "192.168.57.33");
        await Eventually.Get("node1's tunnel leads to the new address", () => cluster.Ssh("node1", "bridge", "fdb", "show", "dev", "na-vxlan"), text => text.Contains("192.168.57.33") && !text.Contains("192.168.57.13"));
        await MachineAnswers("node1", $"http://{far.Address}");
        await MoveNode3(from: "192.168.57.33", to: "192.168.57.13");
        await MachineAnswers("node1", $"http://{far.Address}");

        await cluster.Machine("node3").Kill();
        await Eventually.Get("node3 is NotReady", () => Field("node node3", """.status.conditions[?(@.type=="Ready")].status"""), status => status == "Unknown");
        Assert.Contains("192.168.57.13", await cluster.Ssh("node1", "bridge", "fdb", "show", "dev", "na-vxlan")); // it may come back, and its pods may run
        await cluster.Kubectl("kubectl delete node node3");
        await Eventually.Get("nobody needs a tunnel any more", () => cluster.Ssh("node1", "ip", "-br", "link"), links => !links.Contains("na-vxlan"));
        Assert.DoesNotContain("na-vxlan", await cluster.Ssh("node1", "ip", "route"));
        await Eventually.Get("pods have the whole MTU again", () => Exec(pods.Single(pod => pod.Node == "node1"), "ip link show eth0"), text => text.Contains("mtu 1500"));
        await cluster.Machine("node3").Boot();
        await Pods();
        await MachineAnswers("node1", $"http://{(await Pods()).Single(pod => pod.Node == "node3").Address}");
    }

    private async Task MoveNode3(string from, string to)
    {
        await cluster.Ssh("node3", "sh", "-c", $"ip addr del {from}/24 dev eth0; ip addr add {to}/24 dev eth0; ip route replace default via 192.168.57.1");
        await Eventually.Get($"node3 goes by {to}", () => Field("node node3", """.status.addresses[?(@.type=="InternalIP")].address"""), address => address == to);
    }

    private Task<string> Field(string of, string path) => cluster.Kubectl($"kubectl get {of} -o jsonpath='{{{path}}}'");

    /// <summary>One on each node, Ready.</summary>
    private async Task<IReadOnlyList<(string Name, string Address, string Node)>> Pods()
    {
        await cluster.Kubectl("kubectl apply -f -", Manifest);
        var lines = await Eventually.Get("three pods are Ready", () => cluster.Kubectl("""
            kubectl get pods -l app=web -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{$p := .}}{{range .status.conditions}}{{if and (eq .type "Ready") (eq .status "True")}}{{$p.metadata.name}} {{$p.status.podIP}} {{$p.spec.nodeName}}{{"\n"}}{{end}}{{end}}{{end}}{{end}}'
            """), text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 3);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(word => (word[0], word[1], word[2]))];
    }

    private Task<string> Exec((string Name, string Address, string Node) pod, string command) => cluster.Kubectl($"kubectl exec {pod.Name} -c caller -- {command}");

    private Task PodAnswers((string Name, string Address, string Node) from, string url) =>
        Answer($"{url} answers the pod on {from.Node}", () => Exec(from, $"curl -sS --max-time 5 {url}"));

    private Task MachineAnswers(string machine, string url) => Answer($"{url} answers {machine}", () => cluster.Ssh(machine, "curl", "-sS", "--max-time", "5", url));

    private async Task Answer(string what, Func<Task<string>> call)
    {
        try { await Eventually.Get(what, call, page => page.Contains(NamespacedTest.WelcomeTitle, StringComparison.Ordinal)); }
        catch (Xunit.Sdk.XunitException error) { throw new Xunit.Sdk.XunitException($"{error.Message}\n{await cluster.Dump()}"); }
    }

    /// <summary>Of /proc/net/snmp.</summary>
    private async Task<string> Counter(string machine, string group, string name)
    {
        var lines = (await cluster.Ssh(machine, "cat", "/proc/net/snmp")).Split('\n').Where(line => line.StartsWith(group, StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        return lines[1][Array.IndexOf(lines[0], name)];
    }
}
