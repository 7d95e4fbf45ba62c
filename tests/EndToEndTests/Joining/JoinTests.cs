using EndToEndTests.Fixture;
using Lab;
using Linux;

namespace EndToEndTests.Joining;

/// <summary>Tokens, joining and leaving, as a user types them. The machine "outside" is one that is no node yet.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class JoinTests(FaultCluster cluster) : FaultTest(cluster)
{
    private const string Stranger = "outside", Traces = "ls /etc/nodeagent /run/nodeagent /var/lib/nodeagent 2>/dev/null || true";

    private static readonly string Server = $"https://{AddressPlan.Control}:6443";

    private Task<string> Shell(string machine, string line) => Cluster.Ssh(machine, "sh", "-c", line);

    private async Task<string> JoinCommand(string more = "") => (await Shell("control", $"controlplane token create --print-join-command --ttl 10m --description e2e {more}")).Trim();

    private async Task<string> Refused(string line)
    {
        var before = await Shell(Stranger, Traces);
        var error = (await Assert.ThrowsAsync<CommandException>(() => Shell(Stranger, line))).Message;
        Assert.Equal(before, await Shell(Stranger, Traces));
        return error;
    }

    [Fact]
    public Task The_printed_line_makes_a_machine_a_node_and_reset_makes_it_none() => InNamespace(async here =>
    {
        var line = await JoinCommand();
        Assert.Matches($@"^nodeagent join {Server} --token [a-z0-9]{{6}}\.[a-z0-9]{{16}} --discovery-token-ca-cert-hash sha256:[0-9a-f]{{64}}$", line);
        Assert.Contains($"This machine is node \"visitor\" of the cluster at {AddressPlan.Control}:6443 now", await Shell(Stranger, $"{line} --node-name visitor"), StringComparison.Ordinal);
        try
        {
            Assert.Equal("600 root\n", await Shell(Stranger, "stat -c '%a %U' /etc/nodeagent/kubeconfig"));
            Assert.Contains("nothing was changed", await Shell(Stranger, $"{line} --node-name visitor"), StringComparison.Ordinal);
            Assert.Contains("has joined already, as node \"visitor\" of this cluster", await Refused($"{line} --node-name another"), StringComparison.Ordinal);
            Assert.Contains("Approved,Issued", await here.Run("kubectl get csr | grep kube-apiserver-client-kubelet"), StringComparison.Ordinal);
            Assert.Contains("system:bootstrap:", await here.Run("kubectl get csr"), StringComparison.Ordinal);
        }
        finally { Assert.Contains("'kubectl delete node visitor'", await Shell(Stranger, "nodeagent reset"), StringComparison.Ordinal); }
        Assert.Equal("", await Shell(Stranger, "ls -A /etc/nodeagent"));
    });

    [Fact]
    public Task What_is_not_right_is_said_and_leaves_nothing_behind() => InNamespace(async here =>
    {
        var line = await JoinCommand();
        var token = line.Split(' ')[4];
        Assert.Contains("the token was not sent", await Refused(line[..^64] + new string('0', 64)), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"the control plane does not answer at {AddressPlan.Control}:1", await Refused(line.Replace(":6443", ":1")), StringComparison.Ordinal);
        Assert.Contains("the cluster has a node \"node1\", which is alive at " + AddressPlan.Node(1), await Refused($"{line} --node-name node1"), StringComparison.Ordinal);
        Assert.Contains("the cluster does not know the token", await Refused(line.Replace(token, "abcdef.0123456789abcdef")), StringComparison.Ordinal);
        Assert.Contains(token[..6], await Shell("control", "controlplane token list"), StringComparison.Ordinal);
        Assert.DoesNotContain(token[7..], await Shell("control", "controlplane token list"), StringComparison.Ordinal);
        await Shell("control", $"controlplane token delete {token[..6]}");
        Assert.Contains("the cluster does not know the token", await Refused(line), StringComparison.Ordinal);
        var shortLived = (await Shell("control", "controlplane token create --print-join-command --ttl 1s")).Trim();
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Contains("the cluster does not know the token", await Refused(shortLived), StringComparison.Ordinal);
        Assert.Equal("", await here.Run("kubectl get node outside --ignore-not-found"));
    });

    [Fact]
    public Task A_node_that_was_reset_and_deleted_joins_anew_with_the_token_on_standard_input() => InNamespace(async here =>
    {
        var node = Cluster.Nodes[^1];
        var before = await here.Field($"node {node}", ".metadata.uid");
        await Shell(node, "rm /etc/nodeagent/kubeconfig && pkill -x nodeagent"); // inside the machine: its own processes only
        await Eventually.Get("the machine is reset", async () =>
        {
            try { return await Shell(node, "nodeagent reset"); }
            catch (CommandException e) { return e.Message; } // the agent is still ending
        }, said => said.Contains("no node any more", StringComparison.Ordinal));
        Assert.Equal("", await Cluster.PodTraces(node));
        await here.Run($"kubectl delete node {node}");
        Assert.Equal("", await here.Run($"kubectl get node {node} --ignore-not-found"));

        var line = (await JoinCommand()).Split(' ');
        await Shell(node, $"echo {line[4]} | nodeagent join {line[2]} --token-file - {line[5]} {line[6]}");
        await Eventually.Get($"{node} is Ready", () => here.Run($$"""kubectl get node {{node}} --ignore-not-found -o jsonpath='{.metadata.uid} {.status.conditions[?(@.type=="Ready")].status}'"""),
            got => got.EndsWith("True", StringComparison.Ordinal) && !got.StartsWith(before, StringComparison.Ordinal));
        await Eventually.Get("its serving certificate is issued", () => here.Run("kubectl get csr"), text => text.Split('\n').Any(row => row.Contains("kubelet-serving", StringComparison.Ordinal) && row.Contains($"system:node:{node} ", StringComparison.Ordinal) && row.Contains("Approved,Issued", StringComparison.Ordinal)));
    });

    [Theory, MemberData(nameof(BothKubectls))]
    public Task People_approve_and_deny_by_kubectl(string kubectl) => InNamespace(async here =>
    {
        await here.Run("openssl req -new -newkey rsa:2048 -nodes -keyout $HOME/key -subj /O=devs/CN=jane -out $HOME/csr 2>/dev/null");
        foreach (var name in new[] { here.Namespace + "-jane", here.Namespace + "-eve" })
            await here.Run($$$"""
                printf '{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"{{{name}}}"},"spec":{"request":"%s","signerName":"kubernetes.io/kube-apiserver-client","expirationSeconds":3600,"usages":["client auth"]}}' $(base64 -w0 < $HOME/csr) | kubectl create -f -
                """);
        Assert.Matches(@"-jane +\S+ +kubernetes.io/kube-apiserver-client +kubernetes-admin +60m +Pending", await here.Run($"kubectl get csr {here.Namespace}-jane"));
        await here.Run($"kubectl certificate approve {here.Namespace}-jane");
        await here.Run($"kubectl certificate deny {here.Namespace}-eve");
        await Eventually.Get("the certificate is issued", () => here.Run($"kubectl get csr {here.Namespace}-jane"), row => row.Contains("Approved,Issued", StringComparison.Ordinal));
        Assert.Contains("Denied", await here.Run($"kubectl get csr {here.Namespace}-eve"), StringComparison.Ordinal);
        await here.Run($"kubectl get csr {here.Namespace}-jane -o jsonpath='{{.status.certificate}}' | base64 -d > $HOME/crt");
        // Not by 'kubectl config set-credentials': Debian's 1.20.2 panics there now and then.
        await here.Run("kubectl config view --raw --minify | sed -E \"s#client-certificate-data: .*#client-certificate: $HOME/crt#; s#client-key-data: .*#client-key: $HOME/key#\" > $HOME/jane.conf");
        Assert.Contains("User \"jane\" cannot list resource \"pods\"", (await here.Kubectl.TryRun("kubectl --kubeconfig $HOME/jane.conf get pods")).Error, StringComparison.Ordinal);
        await here.Run($"kubectl delete csr {here.Namespace}-jane {here.Namespace}-eve");
    }, kubectl);
}
