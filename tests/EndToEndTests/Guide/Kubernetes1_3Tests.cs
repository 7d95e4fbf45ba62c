using EndToEndTests.Fixture;

namespace EndToEndTests.Guide;

/// <summary>The guide of 2016: a Deployment beside remnants of the ReplicationController, and a prompt in a pod.</summary>
public sealed class Kubernetes1_3Tests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_guide_of_1_3_works_as_printed(string kubectl) => InDefault(kubectl, "1.3", async here =>
    {
        var walk = new GuideWalk(Cluster, here, "run=my-nginx", "deployment my-nginx", "my-nginx");
        await here.Run("kubectl create -f ./run-my-nginx.yaml");
        var pods = await here.PodsReady("run=my-nginx", 2);
        await here.Run("kubectl get pods -l run=my-nginx -o wide");
        var addresses = await here.Run("kubectl get pods -l run=my-nginx -o yaml | grep podIP");
        foreach (var pod in pods) Assert.Contains($"podIP: {pod.Address}\n", addresses, StringComparison.Ordinal);
        Assert.Equal("service/my-nginx exposed\n", await here.Run("kubectl expose deployment/my-nginx"));
        await here.EndpointsAre("my-nginx", pods.Select(pod => pod.Address));
        await here.Run("kubectl get svc my-nginx; kubectl describe svc my-nginx; kubectl get ep my-nginx");

        await walk.EnvironmentVariables(pods);
        await walk.NameServerIsAService();
        await walk.ResolvedAtAPrompt();

        var files = $"KEY={here.Kubectl.Home}/nginx.key CERT={here.Kubectl.Home}/nginx.crt SECRET={here.Kubectl.Home}/secret.json";
        await here.Run($"make keys secret {files}");
        await here.Run($"kubectl create -f {here.Kubectl.Home}/secret.json");
        Assert.Matches(@"nginxsecret +Opaque +2 ", await here.Run("kubectl get secrets"));
        // Over what create and expose made, apply would keep the Service's one port without a name beside its own two, which
        // no Kubernetes allows. The guide shows it on objects that an earlier apply made, as it does on none.
        await here.Run("kubectl delete deployment,svc my-nginx; kubectl apply -f ./nginx-secure-app.yaml");
        await Eventually.Get("the old pods are gone", () => here.Run("kubectl get pods -l run=my-nginx -o name"), names => names.Count(letter => letter == '\n') == 1);
        await walk.AnswersOverTls();
        await here.Run("kubectl create -f ./curlpod.yaml");
        await Eventually.Get("curlpod runs", () => here.Run("kubectl get pods"), table => table.Contains("curlpod", StringComparison.Ordinal));
        await walk.CalledByName("curlpod", "nginx.crt");
        await walk.AnswersAtNodePorts();
        await walk.AnswersAtALoadBalancer();

        // The other of the two lines that the guide prints here, left over from the ReplicationController.
        await here.Run("kubectl delete deployment,svc my-nginx");
        await here.Run("make secret NAME=nginxsvc " + files);
        await here.Run("kubectl delete rc,svc -l app=nginx; kubectl create -f ./nginx-app.yaml");
        await (walk with { Selector = "app=nginx", Service = "nginxsvc" }).AnswersOverTls();
    });
}
