using EndToEndTests.Fixture;

namespace EndToEndTests.Images;

/// <summary>Images as users meet them: a registry of one's own with a password, and names that lead nowhere.</summary>
public sealed class PrivateRegistryTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Registry = "127.0.0.1:5000", Password = "s3cret-canary";

    /// <summary>bcrypt of the password, as htpasswd -B writes it.</summary>
    private const string Hash = "$2y$05$8CtHQ4NICo3ISmAqNtgfb.BdSDQqFmgeh2anTibgJv8KDcjgzbzZW";

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_secret_made_by_kubectl_opens_a_registry(string kubectl) => InNamespace(async here =>
    {
        var node = Cluster.Nodes[0];
        var server = await Serve(node);
        try
        {
            await here.Run($"kubectl create secret docker-registry regcred --docker-server={Registry} --docker-username=alice --docker-password={Password}");
            await Apply(here, "closed", node, "");
            await Waiting(here, "closed", "ErrImagePull", "ImagePullBackOff");
            Assert.Contains("pull access denied", await here.Run("kubectl describe pod closed"));
            await Apply(here, "open", node, "imagePullSecrets: [{name: regcred}]");
            await here.PodsReady("run=open", 1);
            var described = await here.Run("kubectl describe pod open");
            Assert.Contains($"Pulling image \"{Registry}/team/box:1\"", described);
            Assert.Matches($"Successfully pulled image \"{Registry}/team/box:1\" in .* including waiting\\)\\. Image size: [0-9]+ bytes\\.", described);
            Assert.Equal("", await Cluster.Ssh(node, "sh", "-c", $"ls /run/nodeagent/registry-auth; grep -rl {Password} /var/lib/nodeagent /var/log/pods || true"));
            await Eventually.Get("the node's status has the image", () => here.Field($"node {node}", ".status.images[*].names"), names => names.Contains($"{Registry}/team/box:1", StringComparison.Ordinal));
        }
        finally { await Cluster.Ssh(node, "sh", "-c", $"kill {server}; rm -rf /tmp/registry"); }
    }, kubectl);

    [Fact]
    public Task Names_that_lead_to_no_image_say_so_in_the_pods_status() => InNamespace(async here =>
    {
        foreach (var (name, image, policy) in new[] { ("upper", "Nginx:UP", "Always"), ("never", "docker.io/library/nothere:1", "Never"), ("absent", "127.0.0.1:5999/nothere:1", "IfNotPresent") })
            await here.Pipe($$"""
                apiVersion: v1
                kind: Pod
                metadata: {name: {{name}}}
                spec: {containers: [{name: c, image: "{{image}}", imagePullPolicy: {{policy}}}]}
                """, "kubectl apply -f -");
        await Waiting(here, "upper", "InvalidImageName");
        await Waiting(here, "never", "ErrImageNeverPull");
        await Waiting(here, "absent", "ErrImagePull", "ImagePullBackOff");
        Assert.Contains("invalid reference format", await here.Field("pod upper", ".status.containerStatuses[0].state.waiting.message"));
        Assert.Contains("is not present with pull policy of Never", await here.Run("kubectl describe pod never"));
        Assert.Contains("connection refused", await here.Run("kubectl describe pod absent"));
    }, "installed");

    private static Task<string> Waiting(NamespacedTest here, string pod, params string[] reasons) => Eventually.Get($"{pod}: {string.Join(" or ", reasons)}",
        () => here.Field($"pod {pod}", ".status.containerStatuses[0].state.waiting.reason"), reasons.Contains);

    private static Task<string> Apply(NamespacedTest here, string name, string node, string secrets) => here.Pipe($$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{{name}}}, labels: {run: {{{name}}}}}
        spec:
          nodeName: {{{node}}}
          {{{secrets}}}
          terminationGracePeriodSeconds: 1
          containers: [{name: c, image: "{{{Registry}}}/team/box:1", command: [sleep, "1000"]}]
        """, "kubectl apply -f -");

    /// <returns>Its process on the node.</returns>
    private async Task<string> Serve(string node)
    {
        var program = $"{Repository.Root}/out/docker-registry/docker-registry";
        if (!File.Exists(program)) throw new InvalidOperationException($"there is no {program}; run: sudo scripts/docker-registry");
        await Cluster.Ssh(node, "sh", "-c", string.Join('\n', "mkdir -p /tmp/registry && cd /tmp/registry", $"echo 'alice:{Hash}' >htpasswd",
            $$$"""printf '%s\n' 'version: 0.1' 'storage: {filesystem: {rootdirectory: /tmp/registry/data}}' 'http: {addr: "{{{Registry}}}"}' 'auth: {htpasswd: {realm: test, path: /tmp/registry/htpasswd}}' >config.yml"""));
        var process = await Cluster.Ssh(node, "sh", "-c", $"{program} serve /tmp/registry/config.yml >/tmp/registry/log 2>&1 & echo $!");
        await Eventually.Get("the registry answers", () => Cluster.Ssh(node, "sh", "-c", $"curl -s -o /dev/null -w '%{{http_code}}' http://{Registry}/v2/ || true"), code => code == "401");
        // Another image than the one that every node has: what is preloaded is for everybody.
        await Cluster.Ssh(node, "sh", "-c", "cd /tmp/registry && skopeo copy --quiet oci:/var/lib/nodeagent-images/oci:docker.io/library/busybox:latest oci:oci:box"
            + $" && umoci config --image oci:box --config.label test={Guid.NewGuid():N}");
        await Cluster.Ssh(node, "skopeo", "copy", "--quiet", "--dest-creds", $"alice:{Password}", "--dest-tls-verify=false",
            "oci:/tmp/registry/oci:box", $"docker://{Registry}/team/box:1");
        return process.Trim();
    }
}
