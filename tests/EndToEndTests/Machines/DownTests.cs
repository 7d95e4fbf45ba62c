using EndToEndTests.Fixture;
using Lab;
using Linux;

namespace EndToEndTests.Machines;

/// <summary>The host after a cluster, which runs beside the shared one.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
[Collection(SharedCluster.Name)]
public sealed class DownTests(TestCluster shared)
{
    [Fact]
    public async Task Down_leaves_nothing_even_after_a_kill_of_anything_and_twice()
    {
        const string name = "nothing-left";
        var network = await HostState.RootNetwork();
        var cluster = await Cluster.Up(new ClusterOptions { Name = name, Nodes = 1, Programs = new Programs($"{Repository.Root}/out") });
        try
        {
            using var kubectl = new Kubectl(shared.KubectlBinary("installed"), cluster.KubeconfigPath);
            await kubectl.Run("kubectl create -f ./nginxrc.yaml");
            await Eventually.Get("two pods run", () => kubectl.Run("kubectl get rc my-nginx -o jsonpath='{.status.readyReplicas}'"), ready => ready == "2");
            // A cluster beside it does not disturb the shared one, which has a pod network of the same addresses.
            Assert.Equal(2, (await kubectl.Run("kubectl get pods -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

            var node = cluster.Node(1);
            var (pids, namespaces) = HostState.Processes(cluster.Machines.SelectMany(machine => cluster.Cgroups.Processes(machine.Name)));
            Assert.NotEmpty(pids);
            Assert.NotEmpty(HostState.Traces(name));
            Assert.NotEqual(0, node.KillProcess("nodeagent"));
            Assert.NotEqual(0, node.KillProcess("conmon"));
            Assert.NotEqual(0, cluster.Control.KillProcess("controlplane"));

            await cluster.Down();
            await cluster.Down();
            Assert.Empty(HostState.ProcessesIn(namespaces));
            Assert.DoesNotContain(pids, pid => Directory.Exists($"/proc/{pid}"));
        }
        finally { await cluster.Down(); }
        Assert.Empty(HostState.Traces(name));
        Assert.Equal(network, await HostState.RootNetwork());
    }
}
