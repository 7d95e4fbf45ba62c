using Lab;
using Linux;

namespace KernelTests.Lab;

/// <summary>Plugs and links: pulled, booted, cut, healed, lossy.</summary>
public sealed class FaultTests(LabCluster lab) : IClassFixture<LabCluster>
{
    private Cluster Cluster => lab.Cluster;

    private Machine One => Cluster.Node(1);

    private Machine Two => Cluster.Node(2);

    [Fact]
    public async Task A_killed_machine_loses_everything_but_its_disk_and_boots_from_it()
    {
        await One.Run("sh", "-c", "setsid unshare --net --pid --fork sleep 1000 </dev/null >/dev/null 2>&1 & echo disk >/var/lib/mark; echo disk >/etc/mark; touch /run/mark");
        var card = await One.Run("cat", "/sys/class/net/eth0/address");
        var processes = Cluster.Cgroups.Processes("node1");
        Assert.True(processes.Count >= 3, "tini, its supervisor, the server and the sleepers are in the machine's cgroups");

        await One.Kill();
        await One.Kill();
        Assert.False(One.IsRunning);
        await Poll.Until(() => processes.All(pid => ProcessIdentity.Of(pid) is null), TimeSpan.FromSeconds(10), () => "its processes live on");
        Assert.Null(await LabCluster.Ask(Two, AddressPlan.Node(1)));
        Assert.Null(await One.LinkIsUp());
        await Assert.ThrowsAsync<LabException>(() => One.Run("true"));

        await One.Boot();
        await One.Boot();
        await LabCluster.Answers("node1", Two, One.Address);
        Assert.Equal("disk\ndisk\n", await One.Run("cat", "/var/lib/mark", "/etc/mark"));
        Assert.NotEqual(0, (await One.TryRun("test", "-e", "/run/mark")).ExitCode);
        Assert.Equal(card, await One.Run("cat", "/sys/class/net/eth0/address"));
    }

    [Fact]
    public async Task A_cut_link_carries_nothing_until_it_is_healed()
    {
        await LabCluster.Answers("node2", One, Two.Address);
        await Two.Cut();
        Assert.Null(await LabCluster.Ask(One, Two.Address));
        Assert.False(await Two.LinkIsUp());
        Assert.Equal("0", (await Two.Run("cat", "/sys/class/net/eth0/carrier")).Trim());
        Assert.Equal("node1", await LabCluster.Ask(Cluster.Outside, One.Address));

        await Two.Heal();
        await LabCluster.Answers("node2", One, Two.Address);
    }

    [Fact]
    public async Task A_lossy_link_loses_packets_until_it_is_mended()
    {
        await Two.Degrade(TimeSpan.Zero, loss: 1);
        Assert.Null(await LabCluster.Ask(One, Two.Address));
        await Two.Degrade(TimeSpan.Zero, loss: 0.1);
        await LabCluster.Answers("node2", One, Two.Address);
        await Two.Degrade(TimeSpan.Zero, loss: 0);
        Assert.Equal("node2", await LabCluster.Ask(One, Two.Address));
    }

    [Fact]
    public async Task A_switch_that_lost_its_power_carries_again_after_its_boot()
    {
        var network = Cluster.Machine(Cluster.SwitchName);
        await network.Kill();
        Assert.Null(await LabCluster.Ask(One, AddressPlan.Node(2)));
        await network.Boot();
        await LabCluster.Answers("node2", One, Two.Address);
    }
}
