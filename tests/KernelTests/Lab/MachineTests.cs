using Lab;

namespace KernelTests.Lab;

/// <summary>What a machine is: its own host name, files, processes, cgroups and network card.</summary>
public sealed class MachineTests(LabCluster lab) : IClassFixture<LabCluster>
{
    private Cluster Cluster => lab.Cluster;

    [Fact]
    public async Task Machines_reach_each_other_over_TCP_by_name_and_address()
    {
        foreach (var from in Cluster.Machines.Where(machine => machine.Name != Cluster.SwitchName))
            foreach (var to in Cluster.Nodes)
            {
                await LabCluster.Answers(to.Name, from, to.Address);
                await LabCluster.Answers(to.Name, from, to.Name);
            }
    }

    [Fact]
    public async Task The_outside_answers_for_the_internet()
    {
        using var server = Cluster.Outside.Start("socat", "TCP-LISTEN:8088,bind=203.0.113.1,fork,reuseaddr", "SYSTEM:echo internet");
        foreach (var machine in Cluster.Nodes.Append(Cluster.Control)) await LabCluster.Answers("internet", machine, "203.0.113.1", 8088);
        server.Kill();
    }

    [Fact]
    public async Task A_command_ends_when_whoever_runs_it_is_killed()
    {
        var node = Cluster.Node(1);
        using var sleeper = node.Start("sleep", "4242");
        await Poll.Until(() => node.Processes("sleep").Count > 0, TimeSpan.FromSeconds(30), () => "it does not start");
        sleeper.Kill();
        await Poll.Until(() => node.Processes("sleep").Count == 0, TimeSpan.FromSeconds(30), () => "it lives on");
    }

    [Fact]
    public async Task A_machine_has_a_host_name_files_and_processes_of_its_own()
    {
        var (one, two) = (Cluster.Node(1), Cluster.Node(2));
        string[] places = ["/etc/nodeagent/mark", "/etc/mark", "/var/lib/mark", "/var/log/mark", "/tmp/mark", "/var/tmp/mark", "/run/mark", "/dev/shm/mark"];
        await one.Run("touch", places);

        foreach (var place in places)
        {
            Assert.NotEqual(0, (await two.TryRun("test", "-e", place)).ExitCode);
            Assert.False(File.Exists(place), place);
        }
        Assert.Equal("node1\n", await one.Run("hostname"));
        Assert.Equal("tini", (await one.Run("cat", "/proc/1/comm")).Trim());
        var processes = (await one.Run("ps", "-eo", "comm=")).Split('\n');
        Assert.Contains("socat", processes);
        Assert.DoesNotContain("dotnet", processes);
        Assert.Equal(["eth0", "lo"], (await one.Run("ls", "/sys/class/net")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => name is not ("tunl0" or "sit0")));
    }

    [Fact]
    public async Task A_machine_sees_its_own_cgroups_as_the_root()
    {
        foreach (var line in (await Cluster.Node(1).Run("cat", "/proc/self/cgroup")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.True(line.EndsWith(":/", StringComparison.Ordinal) || line.EndsWith($":/{MachineInit.InitCgroup}", StringComparison.Ordinal), line);
        var all = Cluster.Cgroups.Processes(Cluster.Node(1).Name);
        Assert.Contains(Cluster.Node(1).InitPid!.Value, all);
        Assert.DoesNotContain(Cluster.Node(2).InitPid!.Value, all);
    }

    [Fact]
    public async Task A_command_gives_its_own_exit_code_and_error()
    {
        var result = await Cluster.Node(1).TryRun("sh", "-c", "echo out; echo error >&2; exit 7");
        Assert.Equal((7, "out\n", "error\n"), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(127, (await Cluster.Node(1).TryRun("no-such-program")).ExitCode);
    }

    [Fact]
    public async Task A_program_that_dies_is_started_again_and_its_children_live_on()
    {
        var node = Cluster.Node(2);
        var child = await node.Run("sh", "-c", "setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!");
        var before = Assert.Single(node.Processes("socat"));
        Assert.Equal(1, node.KillProcess("socat"));
        await LabCluster.Answers("node2", Cluster.Node(1), node.Address);
        Assert.NotEqual(before, Assert.Single(node.Processes("socat")));
        await node.Run("kill", child.Trim());
        Assert.Contains("ended with exit code 137", await File.ReadAllTextAsync(node.LogFile));
    }
}
