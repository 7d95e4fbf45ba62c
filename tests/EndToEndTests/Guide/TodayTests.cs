using EndToEndTests.Fixture;

namespace EndToEndTests.Guide;

/// <summary>The guide of 2020, which ends after the Service, and today's, which goes on: a TLS Secret, nginx's configuration in a ConfigMap.</summary>
public sealed class TodayTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_guide_of_2020_works_as_printed_but_for_its_mistakes(string kubectl) => InDefault(kubectl, ".", async here =>
    {
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        Assert.Matches("NOMINATED NODE +READINESS GATES", await here.Run("kubectl get pods -l run=my-nginx -o wide"));
        await here.Run("kubectl get pods -l run=my-nginx -o yaml | grep podIP");
        var mistaken = await here.Kubectl.TryRun("sed 's/apiVersion/appiVersion/; s/kind: Service/kind: Servvice/' nginx-svc.yaml | kubectl apply -f -");
        Assert.Equal(1, mistaken.ExitCode);
        Assert.Contains("apiVersion not set", mistaken.Error, StringComparison.Ordinal);
        await here.Run("kubectl expose deployment/my-nginx");
        Assert.Matches(@"my-nginx +ClusterIP +10\.96\.\d+\.\d+ +<none> +80/TCP", await here.Run("kubectl get svc my-nginx"));
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
    });

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Todays_guide_works_as_printed(string kubectl) => InDefault(kubectl, ".", async here =>
    {
        var walk = new GuideWalk(Cluster, here, "run=my-nginx", "deployment my-nginx", "my-nginx");
        await here.Run("kubectl apply -f ./run-my-nginx.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.Run("kubectl get pods -l run=my-nginx -o custom-columns=POD_IP:.status.podIPs");
        await here.Run("kubectl expose deployment/my-nginx");
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        await here.Run("kubectl get endpointslices -l kubernetes.io/service-name=my-nginx");
        await walk.EnvironmentVariables(pods);
        await walk.NameServerIsAService();
        await walk.ResolvedAtAPrompt();

        var (key, certificate) = ($"{here.Kubectl.Home}/nginx.key", $"{here.Kubectl.Home}/nginx.crt");
        await here.Run($"make keys KEY={key} CERT={certificate}");
        await here.Run($"kubectl create secret tls nginxsecret --key {key} --cert {certificate}");
        Assert.Matches(@"nginxsecret +kubernetes.io/tls +2 ", await here.Run("kubectl get secrets"));
        await here.Run("kubectl create configmap nginxconfigmap --from-file=default.conf");
        Assert.Matches(@"nginxconfigmap +1 ", await here.Run("kubectl get configmaps"));
        Assert.Contains("ssl_certificate /etc/nginx/ssl/tls.crt;", await here.Run("kubectl describe configmap nginxconfigmap"), StringComparison.Ordinal);
        await here.Run("kubectl delete deployments,svc my-nginx; kubectl create -f ./nginx-secure-app.yaml");
        await walk.AnswersOverTls();
        await walk.AnswersAtNodePorts();
        await here.Run("kubectl apply -f ./curlpod.yaml");
        var client = (await here.PodsReady("app=curlpod", 1))[0];
        Assert.Contains(client.Name, await here.Run("kubectl get pods -l app=curlpod"), StringComparison.Ordinal);
        await walk.CalledByName(client.Name, "tls.crt");

        await walk.AnswersAtALoadBalancer();

        // Old kubectls take the flag as the guide prints it, newer ones want to know which of two they shall do.
        await ReloadsItself(here, walk, client.Name, kubectl == "1.20.2" ? "--dry-run" : "--dry-run=client");
    });

    /// <summary>A changed ConfigMap and a changed Secret show in the running pods, and nginx takes them without a restart.</summary>
    private static async Task ReloadsItself(NamespacedTest here, GuideWalk walk, string client, string dryRun)
    {
        await here.Run($"kubectl create configmap nginxconfigmap --from-file=default.conf -o yaml {dryRun} | sed 's/index.html/index2.html/g' | kubectl apply -f -");
        await Eventually.Get("nginx was reloaded", () => here.Run($"kubectl exec {client} -- curl -s http://my-nginx:8080"), page => page.Contains("<title>Nginx reloaded!</title>", StringComparison.Ordinal));

        var (key, certificate) = ($"{here.Kubectl.Home}/second.key", $"{here.Kubectl.Home}/second.crt");
        await here.Run($"make keys KEY={key} CERT={certificate}");
        await here.Run($"kubectl create secret tls nginxsecret --key {key} --cert {certificate} -o yaml {dryRun} | kubectl apply -f -");
        var wanted = (await here.Run($"openssl x509 -in {certificate} -noout -fingerprint -sha256")).Trim();
        await Eventually.Get("nginx serves the new certificate", () => here.Run(
            $"kubectl exec {client} -- sh -c 'curl -s --cacert /etc/nginx/ssl/tls.crt https://my-nginx' && kubectl exec {client} -- cat /etc/nginx/ssl/tls.crt | openssl x509 -noout -fingerprint -sha256"),
            output => output.Contains("Nginx reloaded!", StringComparison.Ordinal) && output.Contains(wanted, StringComparison.Ordinal));
        Assert.Equal("0", await here.Field($"pods -l {walk.Selector}", ".items[0].status.containerStatuses[0].restartCount"));
    }
}
