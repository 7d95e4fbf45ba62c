using EndToEndTests.Fixture;

namespace EndToEndTests.Guide;

/// <summary>The guide of 2019: apps/v1, and a Secret printed as YAML whose certificate ended in 2018.</summary>
public sealed class Kubernetes1_14Tests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_guide_of_1_14_works_as_printed(string kubectl) => InDefault(kubectl, "1.14", async here =>
    {
        var walk = new GuideWalk(Cluster, here, "run=my-nginx", "deployment my-nginx", "my-nginx");
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.Run("kubectl get pods -l run=my-nginx -o wide; kubectl get pods -l run=my-nginx -o yaml | grep podIP");
        Assert.Equal("service/my-nginx exposed\n", await here.Run("kubectl expose deployment/my-nginx"));
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        Assert.Matches(@"my-nginx +ClusterIP +10\.96\.\d+\.\d+ +<none> +80/TCP", await here.Run("kubectl get svc my-nginx"));
        await here.Run("kubectl describe svc my-nginx; kubectl get ep my-nginx");

        await walk.EnvironmentVariables(pods);
        await walk.NameServerIsAService();
        await walk.ResolvedAtAPrompt();

        var (key, certificate) = ($"{here.Kubectl.Home}/nginx.key", $"{here.Kubectl.Home}/nginx.crt");
        await here.Run($"make keys KEY={key} CERT={certificate}");
        Assert.Equal("secret/nginxsecret created\n", await here.Run($"kubectl create secret tls nginxsecret --key {key} --cert {certificate}"));
        Assert.Matches(@"nginxsecret +kubernetes.io/tls +2 ", await here.Run("kubectl get secrets"));
        await here.Run("kubectl delete secret nginxsecret");

        // "The manual steps": the two files in base64, each on a single line of a manifest of the printed form.
        await here.Pipe(Manifest(await here.Run($"base64 -w0 {certificate}"), await here.Run($"base64 -w0 {key}")), "kubectl apply -f -");
        Assert.Matches(@"nginxsecret +Opaque +2 ", await here.Run("kubectl get secrets"));
        await here.Run("kubectl delete deployments,svc my-nginx; kubectl create -f ./nginx-secure-app.yaml");
        await walk.AnswersOverTls();
        await here.Run("kubectl apply -f ./curlpod.yaml");
        var client = (await here.PodsReady("app=curlpod", 1))[0];
        Assert.Contains(client.Name, await here.Run("kubectl get pods -l app=curlpod"), StringComparison.Ordinal);
        await walk.CalledByName(client.Name, "nginx.crt");
        await walk.AnswersAtNodePorts();
        await walk.AnswersAtALoadBalancer();
    });

    [Fact]
    public Task The_printed_secret_is_mounted_and_a_client_that_verifies_refuses_its_certificate() => InDefault("installed", "1.14", async here =>
    {
        var walk = new GuideWalk(Cluster, here, "run=my-nginx", "deployment my-nginx", "my-nginx");
        Assert.Equal("secret/nginxsecret created\n", await here.Run("kubectl apply -f nginxsecrets.yaml"));
        await here.Run("kubectl create -f ./nginx-secure-app.yaml; kubectl apply -f ./curlpod.yaml");
        await walk.AnswersOverTls();
        var client = (await here.PodsReady("app=curlpod", 1))[0];
        Assert.Equal("nginx.crt\nnginx.key\n", await here.Run($"kubectl exec {client.Name} -- ls /etc/nginx/ssl"));
        await Eventually.Get("the Service answers", () => here.Run($"kubectl exec {client.Name} -- curl -sk https://my-nginx"), page => page.Contains(NamespacedTest.WelcomeTitle, StringComparison.Ordinal));
        var refused = await here.Kubectl.TryRun($"kubectl exec {client.Name} -- curl -sS https://my-nginx --cacert /etc/nginx/ssl/nginx.crt");
        Assert.Equal(60, refused.ExitCode); // curl(1): the peer's certificate cannot be authenticated
        Assert.Contains("command terminated with exit code 60", refused.Error, StringComparison.Ordinal);
    });

    private static string Manifest(string certificate, string key) => $"""
        apiVersion: "v1"
        kind: "Secret"
        metadata:
          name: "nginxsecret"
          namespace: "default"
        data:
          nginx.crt: "{certificate}"
          nginx.key: "{key}"
        """;
}
