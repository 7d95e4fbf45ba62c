using Lab;

namespace UnitTests.Lab;

public sealed class LabTests
{
    [Theory]
    [InlineData("30 24 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory", "/sys/fs/cgroup/memory", false, "memory")]
    [InlineData("31 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", false, "cpu,cpuacct")]
    [InlineData("32 24 0:29 / /sys/fs/cgroup/systemd rw shared:1 - cgroup cgroup rw,xattr,name=systemd", "/sys/fs/cgroup/systemd", false, "none,name=systemd")]
    [InlineData("33 24 0:30 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate", "/sys/fs/cgroup", true, "")]
    public void A_cgroup_hierarchy_is_read_from_mountinfo(string line, string mountPoint, bool version2, string options) =>
        Assert.Equal(new CgroupHierarchy(mountPoint, version2, options), CgroupHierarchy.Parse(line));

    [Theory]
    [InlineData("36 35 98:0 / / rw,noatime - ext4 /dev/root rw")]
    [InlineData("37 35 0:31 / /mnt/elsewhere rw - cgroup2 cgroup2 rw")]
    public void Other_mounts_are_no_cgroup_hierarchy(string line) => Assert.Null(CgroupHierarchy.Parse(line));

    [Theory]
    [InlineData("20ms", 20)]
    [InlineData("1.5s", 1500)]
    [InlineData("20", null)]
    [InlineData("-3ms", null)]
    [InlineData("ms", null)]
    public void A_delay_is_a_number_with_its_unit(string text, int? milliseconds) => Assert.Equal(milliseconds, (int?)LinkQuality.Delay(text)?.TotalMilliseconds);

    [Theory]
    [InlineData("1%", 0.01)]
    [InlineData("100%", 1.0)]
    [InlineData("101%", null)]
    [InlineData("0.5", null)]
    public void A_loss_is_a_percentage(string text, double? share) => Assert.Equal(share, LinkQuality.Share(text));

    [Fact]
    public void A_loss_becomes_rules_for_both_directions_of_one_port() => Assert.Equal("""
        add table bridge loss
        add chain bridge loss node1 { type filter hook forward priority 0; }
        flush chain bridge loss node1
        add rule bridge loss node1 iifname node1 numgen random mod 100000 < 1500 counter drop
        add rule bridge loss node1 oifname node1 numgen random mod 100000 < 1500 counter drop

        """, Switch.LossRules("node1", 0.015));

    [Theory]
    [InlineData("default", true)]
    [InlineData("a-1", true)]
    [InlineData("", false)]
    [InlineData("../etc", false)]
    [InlineData("-a", false)]
    [InlineData("A", false)]
    public void A_cluster_name_is_a_DNS_label(string name, bool good) => Assert.Equal(good, ClusterPaths.IsName(name));

    [Fact]
    public void Ready_nodes_are_those_whose_condition_is_True() => Assert.Equal(["node2"], Readiness.ReadyNodes("""
        {"items": [
          {"metadata": {"name": "node1"}, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}},
          {"metadata": {"name": "node2"}, "status": {"conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True"}]}},
          {"metadata": {"name": "node3"}}
        ]}
        """));

    [Fact]
    public void A_machine_keeps_its_hardware_address_from_its_address() => Assert.Equal("02:00:c0:a8:38:0b", AddressPlan.Hardware("192.168.56.11"));
}
