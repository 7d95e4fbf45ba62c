using EndToEndTests.Fixture;

namespace EndToEndTests.Guide;

/// <summary>The guide of 2015, in English and Chinese: ReplicationControllers, the Service nginxsvc, a Secret written as JSON.</summary>
public sealed class Kubernetes1_0Tests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_guide_of_1_0_works_as_printed(string kubectl) => InDefault(kubectl, "1.0", async here =>
    {
        var walk = new GuideWalk(Cluster, here, "app=nginx", "rc my-nginx", "nginxsvc");
        await here.Run("kubectl create -f ./nginxrc.yaml");
        var pods = await here.PodsReady("app=nginx", 2);
        await here.Run("kubectl get pods -l app=nginx -o wide");
        var addresses = await here.Run("kubectl get pods -l app=nginx -o json | grep podIP");
        foreach (var pod in pods) Assert.Contains($"\"podIP\": \"{pod.Address}\"", addresses, StringComparison.Ordinal);

        await here.Run("kubectl create -f ./nginxsvc.yaml");
        Assert.Contains("nginxsvc", await here.Run("kubectl get svc"), StringComparison.Ordinal);
        await here.EndpointsAre("nginxsvc", pods.Select(pod => pod.Address));
        Assert.Contains($"{pods[0].Address}:80", await here.Run("kubectl describe svc nginxsvc"), StringComparison.Ordinal);
        Assert.Contains($"{pods[0].Address}:80", await here.Run("kubectl get ep"), StringComparison.Ordinal);
        foreach (var node in Cluster.Nodes) await here.Answers(node, $"http://{await here.Field("svc nginxsvc", ".spec.clusterIP")}:80");

        await walk.EnvironmentVariables(pods);

        await walk.NameServerIsAService();
        Assert.Equal("pod/curlpod created\n", await here.Run("kubectl create -f ./curlpod-v1.0.yaml"));
        await Eventually.Get("curlpod runs", () => here.Run("kubectl get pods curlpod"), table => table.Contains("1/1     Running", StringComparison.Ordinal));
        await walk.AssertResolved(await here.Run("kubectl exec curlpod -- nslookup nginxsvc"));

        var files = $"KEY={here.Kubectl.Home}/nginx.key CERT={here.Kubectl.Home}/nginx.crt SECRET={here.Kubectl.Home}/secret.json";
        await here.Run($"make keys secret {files}");
        Assert.Equal("secret/nginxsecret created\n", await here.Run($"kubectl create -f {here.Kubectl.Home}/secret.json"));
        Assert.Matches(@"nginxsecret +Opaque +2 ", await here.Run("kubectl get secrets"));
        await here.Run("kubectl delete rc,svc -l app=nginx; kubectl create -f ./nginx-app.yaml");
        await walk.AnswersOverTls();
        await here.Run("kubectl create -f ./curlrc.yaml");
        var client = (await here.PodsReady("app=curlpod", 1))[0];
        await walk.CalledByName(client.Name, "nginx.crt");
        await walk.AnswersAtNodePorts();
    });
}
