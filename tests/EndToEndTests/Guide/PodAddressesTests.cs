using System.Text.RegularExpressions;
using EndToEndTests.Fixture;

namespace EndToEndTests.Guide;

/// <summary>Station 1 of the guide: pods with their own addresses.</summary>
public sealed partial class PodAddressesTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_replication_controllers_pods_are_shown_as_the_guide_prints_them(string kubectl) => InNamespace(async here =>
    {
        Assert.Equal("replicationcontroller/my-nginx created\n", await here.Run("kubectl create -f ./nginxrc.yaml"));
        var pods = await here.PodsReady("app=nginx", 2);
        await AssertWideTable(here, "app=nginx", pods);
        var json = await here.Run("kubectl get pods -l app=nginx -o json | grep podIP");
        foreach (var pod in pods) Assert.Contains($"\"podIP\": \"{pod.Address}\"", json, StringComparison.Ordinal);
        await AssertAnswersEverywhere(here, pods);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_deployments_pods_are_shown_as_the_guide_prints_them(string kubectl) => InNamespace(async here =>
    {
        Assert.Equal("deployment.apps/my-nginx created\n", await here.Run("kubectl apply -f ./run-my-nginx.yaml"));
        var pods = await here.PodsReady("run=my-nginx", 2);
        await AssertWideTable(here, "run=my-nginx", pods);
        var yaml = await here.Run("kubectl get pods -l run=my-nginx -o yaml | grep podIP");
        var columns = await here.Run("kubectl get pods -l run=my-nginx -o custom-columns=POD_IP:.status.podIPs");
        Assert.StartsWith("POD_IP\n", columns, StringComparison.Ordinal);
        foreach (var pod in pods)
        {
            Assert.Contains($"podIP: {pod.Address}\n", yaml, StringComparison.Ordinal);
            Assert.Contains($"[map[ip:{pod.Address}]]\n", columns, StringComparison.Ordinal);
        }
        await AssertAnswersEverywhere(here, pods);
        Assert.Equal("deployment.apps/my-nginx unchanged\n", await here.Run("kubectl apply -f ./run-my-nginx.yaml"));
    }, kubectl);

    [Fact]
    public Task Two_pods_on_one_node_use_the_same_port_and_the_node_none() => InNamespace(async here =>
    {
        await here.Run("kubectl create -f ./nginxrc.yaml");
        await here.Run("kubectl scale rc my-nginx --replicas=4");
        var pods = await here.PodsReady("app=nginx", 4);
        foreach (var node in Cluster.Nodes) Assert.Equal(2, pods.Count(pod => pod.Node == node));
        await AssertAnswersEverywhere(here, pods);
        foreach (var node in Cluster.Nodes)
            Assert.DoesNotMatch(":80 ", await Cluster.Ssh(node, "ss", "-Hltn"));
    });

    [Fact]
    public Task A_server_sees_the_client_pods_own_address() => InNamespace(async here =>
    {
        await here.Run("kubectl create -f ./nginxrc.yaml");
        var pods = await here.PodsReady("app=nginx", 2);
        var (_, client) = await here.CurlFromPod([.. pods.Select(pod => $"http://{pod.Address}")]);
        foreach (var pod in pods)
            Assert.Contains($"{client} - - [", await Cluster.ContainerLog(pod, "nginx"), StringComparison.Ordinal);
    });

    private static async Task AssertWideTable(NamespacedTest here, string selector, IReadOnlyList<TestPod> pods)
    {
        var table = await here.Run($"kubectl get pods -l {selector} -o wide");
        Assert.Matches("^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE", table);
        foreach (var pod in pods)
            Assert.Matches($@"{pod.Name} +1/1 +Running +0 +\d+s +{Regex.Escape(pod.Address)} +{pod.Node} ", table);
    }

    private async Task AssertAnswersEverywhere(NamespacedTest here, IReadOnlyList<TestPod> pods)
    {
        foreach (var node in Cluster.Nodes)
            foreach (var pod in pods)
                await here.Answers(node, $"http://{pod.Address}");
        var (pages, _) = await here.CurlFromPod([.. pods.Select(pod => $"http://{pod.Address}")]);
        Assert.Equal(pods.Count, Title().Count(pages));
    }

    [GeneratedRegex(NamespacedTest.WelcomeTitle)]
    private static partial Regex Title();
}
