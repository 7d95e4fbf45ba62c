using System.Text.RegularExpressions;
using EndToEndTests.Fixture;

namespace EndToEndTests.Guide;

/// <summary>The steps of the guide that every state of it has, with what differs: the names of its objects.</summary>
/// <param name="Selector">Label of the nginx pods.</param>
/// <param name="Controller">As kubectl scale names it, e.g. "rc my-nginx".</param>
/// <param name="Service">Name of the Service in front of them.</param>
internal sealed record GuideWalk(TestCluster Cluster, NamespacedTest Here, string Selector, string Controller, string Service)
{
    /// <summary>Station 3: a pod older than the Service does not know it; its successor, on the other node, does.</summary>
    public async Task EnvironmentVariables(IReadOnlyList<TestPod> before)
    {
        var variables = await Here.Run($"kubectl exec {before[0].Name} -- printenv | grep SERVICE");
        Assert.Equal(["KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443", "KUBERNETES_SERVICE_PORT_HTTPS=443"], Lines(variables).Order(StringComparer.Ordinal));

        await Here.Run($"kubectl scale {Controller} --replicas=0; kubectl scale {Controller} --replicas=2;");
        var after = await Eventually.Get("two new pods are Ready", () => Here.PodsReady(Selector, 2),
            pods => !pods.Select(pod => pod.Name).Intersect(before.Select(pod => pod.Name)).Any());
        Assert.Equal(2, after.Select(pod => pod.Node).Distinct().Count());
        Assert.Contains(after[0].Node, await Here.Run($"kubectl get pods -l {Selector} -o wide"), StringComparison.Ordinal);

        var clusterIp = await Here.Field($"svc {Service}", ".spec.clusterIP");
        var prefix = Service.ToUpperInvariant().Replace('-', '_');
        variables = await Here.Run($"kubectl exec {after[0].Name} -- printenv");
        foreach (var expected in new[]
        {
            "KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443", "KUBERNETES_SERVICE_PORT_HTTPS=443",
            $"{prefix}_SERVICE_HOST={clusterIp}", $"{prefix}_SERVICE_PORT=80", $"{prefix}_PORT=tcp://{clusterIp}:80",
            $"{prefix}_PORT_80_TCP=tcp://{clusterIp}:80", $"{prefix}_PORT_80_TCP_PROTO=tcp", $"{prefix}_PORT_80_TCP_PORT=80", $"{prefix}_PORT_80_TCP_ADDR={clusterIp}",
        })
            Assert.Contains(expected, Lines(variables));
    }

    /// <summary>Station 4, first half: the name server is a Service.</summary>
    public async Task NameServerIsAService() =>
        Assert.Matches(@"kube-dns +ClusterIP +10\.96\.0\.10 +<none> +53/UDP,53/TCP", await Here.Run("kubectl get services kube-dns --namespace=kube-system"));

    /// <summary>What nslookup prints of the Service in a pod: the name server's clusterIP, and the Service's.</summary>
    public async Task AssertResolved(string output)
    {
        Assert.Matches(@"Server: +10\.96\.0\.10\s", output);
        Assert.Matches($@"Name: +{Service}\S*\s+Address 1: {Regex.Escape(await Here.Field($"svc {Service}", ".spec.clusterIP"))}\b", output);
    }

    /// <summary>Station 4 since kubectl run has a terminal: a prompt, a lookup, leaving it and attaching again.</summary>
    public async Task ResolvedAtAPrompt()
    {
        await using (var terminal = Here.Kubectl.OpenTerminal("kubectl run curl --image=radial/busyboxplus:curl -i --tty"))
        {
            await terminal.Shows("If you don't see a command prompt, try pressing enter|[$#] $");
            await terminal.Type("");
            await terminal.Type($"nslookup {Service}");
            await AssertResolved(await terminal.Shows(@"Name: +\S+\s+Address 1: \S+[^$#]*[$#] $"));
            await terminal.Type("exit");
            await terminal.Ended();
            Assert.Contains("kubectl attach curl -c curl -i -t", terminal.Screen, StringComparison.Ordinal);
        }
        await Eventually.Get("the shell was started anew", () => Here.Field("pod curl", ".status.containerStatuses[0].restartCount"), count => count == "1");
        await Eventually.Get("and runs", () => Here.Field("pod curl", ".status.containerStatuses[0].ready"), ready => ready == "true");
        await using (var again = Here.Kubectl.OpenTerminal("kubectl attach curl -c curl -i -t"))
        {
            await again.Type("");
            await again.Shows("[$#] ");
            await again.Type("echo again $((20+22))");
            await again.Shows("again 42");
        }
        await Here.Run("kubectl delete pod curl --now");
    }

    /// <summary>Station 5: nginx answers with TLS on every node; -k, since no certificate names a pod's address.</summary>
    public async Task AnswersOverTls()
    {
        var pod = (await Here.PodsReady(Selector, 1))[0];
        Assert.Contains($"podIP: {pod.Address}\n", await Here.Run("kubectl get pods -o yaml | grep -i podip"), StringComparison.Ordinal);
        foreach (var node in Cluster.Nodes)
            await Eventually.Get($"https://{pod.Address} answers on {node}", () => Cluster.Ssh(node, "curl", "-sS", "-k", "--max-time", "5", $"https://{pod.Address}"),
                page => page.Contains(NamespacedTest.WelcomeHeading, StringComparison.Ordinal));
    }

    /// <summary>Station 5: a client pod that trusts the certificate calls the Service by its name, verified.</summary>
    public Task<string> CalledByName(string clientPod, string certificate) =>
        Eventually.Get($"https://{Service} answers in {clientPod}", () => Here.Run($"kubectl exec {clientPod} -- curl https://{Service} --cacert /etc/nginx/ssl/{certificate}"),
            page => page.Contains(NamespacedTest.WelcomeTitle, StringComparison.Ordinal));

    /// <summary>Station 6: from outside the cluster, at the node port of every node's address.</summary>
    public async Task AnswersAtNodePorts()
    {
        var described = await Here.Run($"kubectl get svc {Service} -o yaml | grep nodePort -C 5");
        var nodePort = await Here.Field($"svc {Service}", ".spec.ports[?(@.port==443)].nodePort");
        Assert.Contains($"nodePort: {nodePort}\n", described, StringComparison.Ordinal);
        var yaml = await Here.Run("kubectl get nodes -o yaml | grep ExternalIP -C 1");
        Assert.Contains("\"type\": \"ExternalIP\"", await Here.Run("kubectl get nodes -o json | grep ExternalIP -A 2"), StringComparison.Ordinal);
        foreach (var node in Cluster.Nodes)
        {
            var address = await Here.Field($"node {node}", ".status.addresses[?(@.type==\"ExternalIP\")].address");
            Assert.Contains($"- address: {address}\n      type: ExternalIP", yaml, StringComparison.Ordinal);
            await AnswersOutside($"https://{address}:{nodePort}");
        }
    }

    /// <summary>Station 6: the Service becomes one with a load balancer, and answers at its address.</summary>
    public async Task AnswersAtALoadBalancer()
    {
        Assert.Contains($"service/{Service} edited", await Here.Run($"KUBE_EDITOR='sed -i s/NodePort$/LoadBalancer/' kubectl edit svc {Service}"), StringComparison.Ordinal);
        var row = await Eventually.Get("the Service has an EXTERNAL-IP", () => Here.Run($"kubectl get svc {Service}"), table => Regex.IsMatch(table, $@"{Service} +LoadBalancer +10\.96\.\d+\.\d+ +\d"));
        Assert.Matches($@"{Service} +LoadBalancer +10\.96\.\d+\.\d+ +192\.168\.56\.\d+ +8080:\d+/TCP,443:\d+/TCP", row);
        var address = await Here.Field($"svc {Service}", ".status.loadBalancer.ingress[0].ip");
        await AnswersOutside($"https://{address}");
        Assert.Matches($@"LoadBalancer Ingress: +{Regex.Escape(address)}\b", await Here.Run($"kubectl describe service {Service}"));
    }

    private Task AnswersOutside(string url) => Eventually.Get($"{url} answers outside", () => Cluster.Ssh("outside", "curl", "-sS", "-k", "--max-time", "5", url),
        page => page.Contains(NamespacedTest.WelcomeHeading, StringComparison.Ordinal));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
