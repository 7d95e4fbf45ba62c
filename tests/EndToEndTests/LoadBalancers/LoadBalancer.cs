using System.Text.RegularExpressions;
using EndToEndTests.Fixture;

namespace EndToEndTests.LoadBalancers;

/// <summary>The Service my-nginx of a test, as its user, the outside and the nodes see it.</summary>
internal sealed record LoadBalancer(TestCluster Cluster, NamespacedTest Here)
{
    public const string Outside = "outside";

    private static readonly string[] CallOnce = ["-sS", "--max-time", "3"];

    public Task Make(string spec, int replicas = 2, string? node = null) => Here.Pipe(
        $$$"""
        apiVersion: v1
        kind: Service
        metadata: {name: my-nginx}
        spec: {selector: {run: my-nginx}, ports: [{port: 80}], {{{spec}}}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: my-nginx}
        spec:
          replicas: {{{replicas}}}
          selector: {matchLabels: {run: my-nginx}}
          template:
            metadata: {labels: {run: my-nginx}}
            spec:
              terminationGracePeriodSeconds: 1
              {{{(node is null ? "" : $"nodeSelector: {{kubernetes.io/hostname: {node}}}")}}}
              containers: [{name: my-nginx, image: nginx, ports: [{containerPort: 80}]}]
        """, "kubectl apply -f -");

    /// <summary>Makes it with two pods and waits until it answers outside.</summary>
    /// <returns>Its address, and the node that holds it.</returns>
    public async Task<(string Address, string Holder)> Answering()
    {
        await Make("type: LoadBalancer");
        await Here.PodsReady("run=my-nginx", 2);
        var address = await ExternalIp();
        await AnswersOutside(address);
        return (address, await Holder(address));
    }

    public Task Patch(string spec) => Here.Run($"kubectl patch svc my-nginx --type=merge -p '{{\"spec\":{spec}}}'");

    /// <summary>Waits for the address in the column EXTERNAL-IP.</summary>
    public async Task<string> ExternalIp()
    {
        var shown = await Eventually.Get("kubectl get svc shows an EXTERNAL-IP", () => Here.Run("kubectl get svc my-nginx"),
            table => Regex.IsMatch(table, @"\nmy-nginx +LoadBalancer +10\.96\.\d+\.\d+ +192\.168\.56\.2\d\d +80:\d+/TCP +\d+s\n"));
        return Regex.Match(shown, @"192\.168\.56\.\d+").Value;
    }

    public Task<string> NodePort() => Here.Field("svc my-nginx", ".spec.ports[0].nodePort");

    /// <summary>Waits until the welcome page comes.</summary>
    public Task AnswersOutside(string address) => Here.Answers(Outside, $"http://{address}");

    /// <summary>Waits until a call from outside ends with this code of curl: 7 is refused, 28 is no answer at all.</summary>
    public Task FailsOutside(string address, int code) => Eventually.Get($"curl http://{address} outside ends with {code}",
        () => Cluster.Ssh(Outside, "sh", "-c", $"curl {string.Join(' ', CallOnce)} -o /dev/null http://{address}; echo code $?"), output => output.EndsWith($"code {code}\n", StringComparison.Ordinal));

    /// <summary>The nodes that have the address on a link.</summary>
    public async Task<IReadOnlyList<string>> Holders(string address)
    {
        var holders = new List<string>();
        foreach (var node in Cluster.Nodes)
            if ((await Cluster.Ssh(node, "ip", "-o", "address", "show", "to", $"{address}/32")).Contains(address, StringComparison.Ordinal)) holders.Add(node);
        return holders;
    }

    /// <summary>Waits until one node has the address, and no other.</summary>
    public async Task<string> Holder(string address) =>
        (await Eventually.Get($"one node holds {address}", () => Holders(address), holders => holders.Count == 1))[0];

    public Task HeldBy(string address, params string[] nodes) =>
        Eventually.Get($"[{string.Join(' ', nodes)}] hold {address}", async () => string.Join(' ', await Holders(address)), holders => holders == string.Join(' ', nodes));

    /// <summary>Waits until no node has anything any more, in its kernel, that says this.</summary>
    public async Task NothingSays(params string[] words)
    {
        foreach (var node in Cluster.Nodes)
            await Eventually.Get($"nothing on {node} says {string.Join(" or ", words)}", async () => string.Join('\n', (await InKernel(node)).Where(line => words.Any(word => Regex.IsMatch(line, $@"(?<![\w.]){Regex.Escape(word)}(?![\w.])")))),
                lines => lines.Length == 0);
    }

    /// <summary>Waits until every node's kernel has something that says this; without it the absence of it would prove nothing.</summary>
    public async Task EverywhereSays(params string[] words)
    {
        foreach (var node in Cluster.Nodes)
            foreach (var word in words)
                await Eventually.Get($"something on {node} says {word}", async () => string.Join('\n', await InKernel(node)), lines => Regex.IsMatch(lines, $@"(?<![\w.]){Regex.Escape(word)}(?![\w.])"));
    }

    /// <summary>Rules of either kind, addresses and routes, one a line.</summary>
    private async Task<string[]> InKernel(string node) =>
        (await Cluster.Ssh(node, "sh", "-c", "iptables-save; nft -a list ruleset 2>/dev/null; ip -o address; ip route show table all")).Split('\n');
}
