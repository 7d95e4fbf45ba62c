using EndToEndTests.Fixture;

namespace EndToEndTests.Durability;

[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class BackupTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Canary = "canary-3c9be20f";

    [Fact]
    public Task A_restored_cluster_is_as_it_was_and_its_pods_run() => InNamespace(async here =>
    {
        var directory = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
        try
        {
            await here.Run("kubectl apply -f ./run-my-nginx.yaml -f ./nginx-svc.yaml");
            await here.Run($"kubectl create secret generic login --from-literal=password={Canary}");
            var before = await here.PodsReady("run=my-nginx", 2);
            await Cluster.Script("backup", $"{directory}/backup");
            Assert.Equal("", await Cluster.Ssh("control", "sh", "-c", $"grep -rl {Canary} /var/lib/nodeagent-controlplane || true"));

            await here.Run("kubectl delete deployment my-nginx; kubectl delete secret login; kubectl create configmap later");
            await Eventually.Get("the pods are gone", () => here.Run("kubectl get pods -o name"), names => names.Trim().Length == 0);
            await Cluster.Script("restore", $"{directory}/backup");

            Assert.Equal("", await here.Run("kubectl get configmap later --ignore-not-found"));
            Assert.Equal(Canary, await here.Run("kubectl get secret login -o jsonpath='{.data.password}' | base64 -d"));
            var clusterIp = await here.Field("svc my-nginx", ".spec.clusterIP");
            foreach (var node in Cluster.Nodes) await here.Answers(node, $"http://{clusterIp}");
            var after = await here.PodsReady("run=my-nginx", 2);
            Assert.Equal(before.Select(pod => (pod.Name, pod.Uid)), after.Select(pod => (pod.Name, pod.Uid)));
            await here.EndpointsAre("my-nginx", after.Select(pod => pod.Address));
            foreach (var pod in after) await here.Answers(Cluster.Nodes[0], $"http://{pod.Address}");

            await here.Run("kubectl scale deployment my-nginx --replicas=3");
            await here.PodsReady("run=my-nginx", 3);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    });
}
