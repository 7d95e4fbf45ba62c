using EndToEndTests.Fixture;

namespace EndToEndTests.Images;

/// <summary>Pods from files on a node, as an administrator sees them.</summary>
public sealed class StaticPodTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Folder = "/etc/nodeagent/manifests";

    private string Node => Cluster.Nodes[0];

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_file_is_a_pod_that_follows_it_whatever_is_done_to_its_mirror(string kubectl) => InNamespace(async here =>
    {
        var name = $"web-{Node}";
        await Write(here, "web", "nginx", "first");
        try
        {
            var pod = Assert.Single(await here.PodsReady("app=web", 1));
            Assert.Equal(name, pod.Name);
            Assert.Equal("Node", await here.Field($"pod {name}", ".metadata.ownerReferences[0].kind"));
            Assert.Equal("first", (await here.Run($"kubectl exec {name} -- printenv COLOUR")).Trim());
            Assert.Contains("start worker process", await here.Run($"kubectl logs {name}"));
            Assert.Contains("Started container c", await here.Run($"kubectl describe pod {name}"));
            Assert.Contains(NamespacedTest.WelcomeTitle, await Cluster.Ssh(Node, "curl", "-s", await here.Field($"pod {name}", ".status.podIP")));

            var (uid, container) = (await here.Field($"pod {name}", ".metadata.uid"), await Container(here, name));
            await here.Run($"kubectl delete pod {name}");
            await Eventually.Get("another mirror", () => here.Kubectl.TryRun($"kubectl get pod {name} -o jsonpath='{{.metadata.uid}}'"), result => result.ExitCode == 0 && result.Output != uid);
            await here.PodsReady("app=web", 1);
            Assert.Equal(container, await Container(here, name));

            await Cluster.CrashAgent(Node);
            await here.PodsReady("app=web", 1);
            Assert.Equal(container, await Container(here, name));

            await Write(here, "web", "nginx", "second");
            await Eventually.Get("the second pod", () => here.Kubectl.TryRun($"kubectl exec {name} -- printenv COLOUR"), result => result.Output.Trim() == "second");
            await Cluster.Ssh(Node, "rm", $"{Folder}/web.yaml");
            await Eventually.Get("no pod", () => here.Run("kubectl get pods -o name"), names => names.Trim().Length == 0);
        }
        finally { await Cluster.Ssh(Node, "rm", "-f", $"{Folder}/web.yaml"); }
    }, kubectl);

    [Fact]
    public Task A_bad_file_is_named_and_a_good_one_beside_it_runs() => InNamespace(async here =>
    {
        await Cluster.Ssh(Node, "mkdir", "-p", Folder);
        await Cluster.Ssh(Node, "sh", "-c", $"echo 'kind: [' >{Folder}/torn.yaml; printf '%s' '{Manifest(here, "secretive", "busybox", "x").Replace("env:", "envFrom: [{secretRef: {name: s}}]\n    env:")}' >{Folder}/secretive.yaml");
        try
        {
            await Write(here, "web", "nginx", "x");
            await here.PodsReady("app=web", 1);
            var events = await Eventually.Get("both files are named", () => here.Run("kubectl get events -n default --field-selector involvedObject.kind=Node"),
                text => text.Contains("torn.yaml", StringComparison.Ordinal) && text.Contains("secretive.yaml", StringComparison.Ordinal));
            Assert.Contains("static pods may not reference secrets", events);
            Assert.Contains("FailedValidation", events);
        }
        finally { await Cluster.Ssh(Node, "sh", "-c", $"rm -f {Folder}/*.yaml"); }
    }, "installed");

    [Fact]
    public Task Without_a_control_plane_an_agent_that_starts_runs_its_static_pods() => InNamespace(async here =>
    {
        await Write(here, "early", "busybox", "x", "sh, -c, \"echo up; sleep 1000\"");
        try
        {
            await here.PodsReady("app=early", 1);
            await Cluster.Kill("control");
            try
            {
                await Cluster.Ssh(Node, "rm", $"{Folder}/early.yaml");
                await Cluster.CrashAgent(Node);
                await Write(here, "late", "busybox", "x", "sh, -c, \"echo up; sleep 1000\"");
                await Eventually.Get("its container prints", () => Cluster.Ssh(Node, "sh", "-c", $"cat /var/log/pods/{here.Namespace}_late-{Node}_*/c/0.log 2>/dev/null || true"),
                    text => text.Contains("up", StringComparison.Ordinal));
            }
            finally { await Cluster.Boot("control"); }
            await here.PodsReady("app=late", 1);
            await Eventually.Get("the mirror of what went meanwhile is gone", () => here.Run("kubectl get pods -o name"), names => !names.Contains("early", StringComparison.Ordinal));
        }
        finally { await Cluster.Ssh(Node, "sh", "-c", $"rm -f {Folder}/*.yaml"); }
    }, "installed");

    private async Task Write(NamespacedTest here, string name, string image, string colour, string? command = null)
    {
        await Cluster.Ssh(Node, "mkdir", "-p", Folder);
        // Beside its place first, under a name that is left alone, as careful people do.
        await Cluster.Ssh(Node, "sh", "-c", $"printf '%s' '{Manifest(here, name, image, colour, command)}' >{Folder}/.new; mv {Folder}/.new {Folder}/{name}.yaml");
    }

    private static string Manifest(NamespacedTest here, string name, string image, string colour, string? command = null) => string.Join('\n',
        "apiVersion: v1", "kind: Pod", $"metadata: {{name: {name}, namespace: {here.Namespace}, labels: {{app: {name}}}}}",
        "spec:", "  terminationGracePeriodSeconds: 1", "  containers:", "  - name: c", $"    image: {image}", "    imagePullPolicy: IfNotPresent",
        $"    env: [{{name: COLOUR, value: {colour}}}]", command is null ? "" : $"    command: [{command}]", "");

    private static Task<string> Container(NamespacedTest here, string pod) => here.Field($"pod {pod}", ".status.containerStatuses[0].containerID");
}
