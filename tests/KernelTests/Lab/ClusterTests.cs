using System.Net.Sockets;
using Lab;
using Linux;

namespace KernelTests.Lab;

/// <summary>Clusters as wholes: beside each other, completed, and gone without a trace.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task Two_clusters_with_the_same_addresses_do_not_meet()
    {
        await With(1, async first => await With(1, async second =>
        {
            await first.Node(1).Run("sh", "-c", "echo one >/etc/mark");
            await second.Node(1).Kill();
            await LabCluster.Answers("node1", first.Outside, AddressPlan.Node(1));
            Assert.Null(await LabCluster.Ask(second.Outside, AddressPlan.Node(1)));
            Assert.Subset(ClusterPaths.Clusters().ToHashSet(), new HashSet<string> { first.Name, second.Name });
            await second.Down();
            await LabCluster.Answers("node1", first.Outside, AddressPlan.Node(1));
        }));
    }

    [Fact]
    public Task Up_completes_what_is_missing_and_leaves_the_rest_alone() => With(1, async cluster =>
    {
        var (control, outside) = (cluster.Control.InitPid, cluster.Outside.InitPid);
        LibC.kill(cluster.Node(1).InitPid!.Value, LibC.SIGKILL);
        File.Delete(cluster.Paths.Init(Cluster.OutsideName)); // as if the command that booted it had been killed

        await Cluster.Up(new ClusterOptions { Name = cluster.Name, Nodes = 2, ProgramOf = LabCluster.Server });

        Assert.Equal(control, cluster.Control.InitPid);
        await Poll.Until(() => ProcessIdentity.Of(outside!.Value) is null, TimeSpan.FromSeconds(10), () => "the init that nobody knew lives on");
        await LabCluster.Answers("node2", cluster.Node(1), "node2");
        await LabCluster.Answers("node1", cluster.Outside, "node1");
        Assert.Contains("node2", await cluster.Control.Run("cat", "/etc/hosts"));
        var fewer = await Assert.ThrowsAsync<LabException>(() => Cluster.Up(new ClusterOptions { Name = cluster.Name, Nodes = 1 }));
        Assert.Contains("has 2 nodes", fewer.Message);
    });

    [Fact]
    public Task Down_leaves_nothing_after_a_kill_of_every_init_and_the_relay() => With(2, async cluster =>
    {
        var port = await new Relay(cluster).Start();
        Assert.Equal("api\n", await Read(port));
        Assert.Equal(port, await new Relay(cluster).Start());

        foreach (var pid in cluster.Machines.Select(machine => machine.InitPid!.Value).Concat(cluster.Cgroups.Processes("relay"))) LibC.kill(pid, LibC.SIGKILL);
        await cluster.Down();
        await cluster.Down();
        Assert.Empty(HostTraces.Of(cluster.Name));
        Assert.Contains("is down", await ClusterStatus.Describe(cluster));
    });

    [Fact]
    public Task A_dump_tells_the_network_and_the_logs_of_every_machine() => With(1, async cluster =>
    {
        var text = await ClusterDump.Text(cluster);
        foreach (var machine in cluster.Machines) Assert.Contains($"--- {machine.Name}$ ip route", text);
        Assert.Contains("default via 192.168.56.1 dev eth0", text);
        Assert.Contains("node1: the last 200 lines of server.log", text);
    });

    [Fact]
    public async Task A_machine_that_cannot_be_made_says_why_and_leaves_nothing()
    {
        var name = NewName();
        var cluster = new Cluster(name);
        try
        {
            await Assert.ThrowsAsync<LabException>(() => Cluster.Up(new ClusterOptions { Name = name, Programs = new Programs("/no/such/build") }));
            Assert.Empty(HostTraces.Of(name));
            await Cluster.Up(new ClusterOptions { Name = name, Nodes = 1 });
            await cluster.Node(1).Kill();
            Directory.Delete(cluster.Paths.Disk("node1") + "/etc-work", recursive: true);
            var error = await Assert.ThrowsAsync<LabException>(() => cluster.Node(1).Boot());
            Assert.Contains("/etc", error.Message);
        }
        finally { await cluster.Down(); }
        Assert.Empty(HostTraces.Of(name));
    }

    private static async Task With(int nodes, Func<Cluster, Task> test)
    {
        var name = NewName();
        try { await test(await Cluster.Up(new ClusterOptions { Name = name, Nodes = nodes, ProgramOf = WithApi })); }
        finally { await new Cluster(name).Down(); }
        Assert.Empty(HostTraces.Of(name));
    }

    private static string NewName() => $"kernel-{Guid.NewGuid():N}"[..20];

    private static MachineProgram? WithApi(string machine) => machine == Cluster.ControlName
        ? new MachineProgram("api", ["/usr/bin/socat", "UNIX-LISTEN:/run/lab/api.sock,fork", "SYSTEM:echo api"])
        : LabCluster.Server(machine);

    private static async Task<string> Read(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
