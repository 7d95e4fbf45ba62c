using System.Net;
using Linux;
using NodeAgent.Doctor;

namespace UnitTests.Doctor;

public class DoctorTests
{
    [Fact]
    public void Every_missing_program_is_named_with_the_package_that_has_it()
    {
        Assert.Equal([Verdict.Ok], Programs.Judge(_ => true).Select(finding => finding.Verdict));
        var findings = Programs.Judge(program => program is not ("conmon" or "iptables" or "iptables-restore")).ToList();
        Assert.Equal(["apt-get install conmon", "apt-get install iptables"], findings.Select(finding => finding.Mend));
        Assert.Contains("iptables, iptables-restore", findings[1].Text);
    }

    [Fact]
    public void A_fault_is_printed_with_what_mends_it_below()
    {
        Assert.Equal($"  FAULT  no bridge{Environment.NewLine}         modprobe bridge", Finding.Fault("no bridge", "modprobe bridge").ToString());
        Assert.Equal("  ok     veth pairs", Finding.Ok("veth pairs").ToString());
    }

    [Fact]
    public void A_cgroup_controller_that_is_missing_is_a_fault()
    {
        Assert.DoesNotContain(CgroupCheck.Judge(true, ["cpuset", "cpu", "io", "memory", "pids"]), finding => finding.Verdict != Verdict.Ok);
        Assert.Contains("cgroup_disable=memory", Assert.Single(CgroupCheck.Judge(true, ["cpu", "pids"]), finding => finding.Verdict == Verdict.Fault).Mend);
        Assert.Contains("devices", Assert.Single(CgroupCheck.Judge(false, ["cpu", "memory", "pids"]), finding => finding.Verdict == Verdict.Fault).Text);
        Assert.Equal("mount -t cgroup2 cgroup2 /sys/fs/cgroup", Assert.Single(CgroupCheck.Judge(false, [])).Mend);
    }

    private const string Head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

    [Fact]
    public void Listening_sockets_are_read_as_the_kernel_prints_them()
    {
        Assert.Equal([new Listener("tcp", IPAddress.Parse("127.0.0.1"), 10250, 4242)], PortCheck.Parse("tcp",
        [
            Head, "   0: 0100007F:280A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0000000000000000 100 0 0 10 0",
            "   1: 0100007F:280A 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0000000000000000 20 4 30 10 -1",
        ]));
        Assert.Equal([new Listener("udp", IPAddress.IPv6Any, 8472, 7)], PortCheck.Parse("udp",
            [Head, "  10: 00000000000000000000000000000000:2118 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7 2 0000000000000000 0"]));
        Assert.Equal(IPAddress.Parse("192.168.56.11"), PortCheck.Parse("tcp",
            [Head, "   0: 0000000000000000FFFF00000B38A8C0:280A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9 1 0"]).Single().Address);
    }

    [Theory]
    [InlineData("0.0.0.0", "nginx", nameof(Verdict.Fault))]
    [InlineData("0.0.0.0", null, nameof(Verdict.Fault))]
    [InlineData("0.0.0.0", "nodeagent", nameof(Verdict.Ok))]
    [InlineData("127.0.0.1", "nginx", nameof(Verdict.Ok))]
    public void A_port_that_another_program_has_is_a_fault(string address, string? owner, string expected)
    {
        var finding = Assert.Single(PortCheck.Judge([new Listener("tcp", IPAddress.Parse(address), 10250, 1)], [("tcp", 10250, "use")], _ => owner is null ? null : (owner, 77)));
        Assert.Equal(expected, finding.Verdict.ToString());
        if (owner == "nginx" && expected == nameof(Verdict.Fault)) Assert.Equal("tcp port 10250 (use) is taken by nginx, process 77", finding.Text);
    }

    private const string Some = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j RETURN\nCOMMIT\n", None = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
        Ours = "*nat\n-A PREROUTING -j NA-SERVICES\n-A NA-SERVICES -j RETURN\nCOMMIT\n";

    [Fact]
    public void Foreign_rules_in_both_back_ends_of_iptables_are_a_fault()
    {
        Assert.Equal(Verdict.Fault, FirewallCheck.Judge(new(Some, Some, []), []).Single().Verdict);
        Assert.Equal("iptables: legacy back end, 1 rules", FirewallCheck.Judge(new(None, Some, []), []).Single().Text);
        Assert.Equal(Verdict.Ok, FirewallCheck.Judge(new(Ours, Some, []), []).Single().Verdict);
        Assert.Equal(Verdict.Ok, FirewallCheck.Judge(new(null, null, []), []).Single().Verdict);
    }

    [Fact]
    public void Firewalls_are_told_which_ports_to_open()
    {
        var dropping = FirewallCheck.Judge(new("*filter\n:INPUT DROP [0:0]\nCOMMIT\n", null, []), ["10250/tcp", "8472/udp"]).Last();
        Assert.Equal("iptables -I INPUT -p tcp --dport 10250 -j ACCEPT && iptables -I INPUT -p udp --dport 8472 -j ACCEPT", dropping.Mend);
        var ufw = FirewallCheck.Judge(new(None, null, ["ufw", "docker"]), ["10250/tcp"]).ToList();
        Assert.Equal("ufw allow 10250/tcp && ufw route allow in on na0", ufw[1].Mend);
        Assert.Equal([Verdict.Ok, Verdict.Fault, Verdict.Note], ufw.Select(finding => finding.Verdict));
    }

    [Fact]
    public void A_file_that_turns_forwarding_off_again_is_a_fault_and_a_comment_is_none()
    {
        static string? Read(string name) => name == "net/ipv4/ip_forward" ? "1" : null;
        Assert.Equal([Verdict.Ok], SettingsCheck.Judge(Read, [("/etc/sysctl.conf", "#net.ipv4.ip_forward=0"), ("/etc/sysctl.conf", "net.ipv4.ip_forward = 1")], true).Select(finding => finding.Verdict));
        var fault = SettingsCheck.Judge(Read, [("/etc/sysctl.d/99-hardening.conf", " net.ipv4.ip_forward = 0")], true).Last();
        Assert.Equal((Verdict.Fault, @"sed -i '/net\.ipv4\.ip_forward/d' /etc/sysctl.d/99-hardening.conf"), (fault.Verdict, fault.Mend));
        Assert.Equal(Verdict.Fault, SettingsCheck.Judge(_ => "0", [], running: true).First().Verdict);
        Assert.Equal(Verdict.Ok, SettingsCheck.Judge(_ => "0", [], running: false).First().Verdict);
    }

    [Theory]
    [InlineData(0, nameof(Verdict.Ok))]
    [InlineData(-1.4, nameof(Verdict.Ok))]
    [InlineData(5, nameof(Verdict.Note))]
    [InlineData(-3600, nameof(Verdict.Fault))]
    public void A_clock_that_is_far_off_is_a_fault(double ahead, string expected)
    {
        var finding = ClockCheck.Judge(true, TimeSpan.FromSeconds(ahead)).First();
        Assert.Equal(expected, finding.Verdict.ToString());
        if (expected == nameof(Verdict.Fault)) Assert.Contains("3600 s behind the control plane's", finding.Text);
    }

    [Theory]
    [InlineData("node1", nameof(Verdict.Ok))]
    [InlineData("Node1.example.com", nameof(Verdict.Ok))]
    [InlineData("localhost", nameof(Verdict.Fault))]
    [InlineData("my_node", nameof(Verdict.Fault))]
    [InlineData("-a", nameof(Verdict.Fault))]
    public void A_host_name_must_be_able_to_be_a_nodes(string name, string expected) => Assert.Equal(expected, MachineCheck.Identity(name, "0123").Single().Verdict.ToString());

    [Fact]
    public void A_path_that_is_narrower_than_the_link_and_an_address_that_two_have_are_faults()
    {
        var own = IPAddress.Parse("10.0.2.15");
        var findings = ReachCheck.Judge(own, "eth0", 1500, [new("the control plane", own, 1500), new("node node2", own, 1500), new("node node3", IPAddress.Parse("192.168.56.13"), 1400), new("node node4", IPAddress.Parse("192.168.56.14"), null)]).ToList();
        Assert.Equal([Verdict.Ok, Verdict.Fault, Verdict.Fault, Verdict.Note], findings.Select(finding => finding.Verdict));
        Assert.Contains("--node-ip", findings[1].Mend);
        Assert.StartsWith("ip link set dev eth0 mtu 1400", findings[2].Mend);
    }

    private static OffloadFacts Card(string driver, string kernel, long badUdp = 0, params string[] active) =>
        new("eth1", new LinkFeatures(driver, active.ToHashSet()), null, Version.Parse(kernel), badUdp);

    [Fact]
    public void Offloads_that_break_the_overlay_are_named_with_the_command_that_turns_them_off()
    {
        var fine = OffloadCheck.Judge(Card("virtio_net", "6.1", 0, "tx-checksum-ip-generic")).Single();
        Assert.Equal((Verdict.Ok, "offloads of eth1 (virtio_net): none known to break VXLAN; checksums on, segmentation in tunnels off"), (fine.Verdict, fine.Text));
        var old = OffloadCheck.Judge(Card("virtio_net", "5.4.0")).Single();
        Assert.Equal(Verdict.Fault, old.Verdict);
        Assert.StartsWith("ethtool -K na-vxlan tx-checksum-ip-generic off", old.Mend);
        var mended = Card("vmxnet3", "5.4.0") with { Tunnel = new LinkFeatures("vxlan", new HashSet<string>()) };
        Assert.Equal([Verdict.Ok], OffloadCheck.Judge(mended).Select(finding => finding.Verdict));
        Assert.Contains("tx-udp_tnl-segmentation off", OffloadCheck.Judge(Card("vmxnet3", "6.1")).Single().Mend);
        Assert.Equal("ethtool -K eth1 lro off", OffloadCheck.Judge(Card("bnx2x", "6.1", 0, "rx-lro")).Single().Mend);
        Assert.Contains("7 UDP packets", OffloadCheck.Judge(Card("virtio_net", "6.1", 7)).Single().Text);
        Assert.Equal(Verdict.Note, OffloadCheck.Judge(Card("virtio_net", "6.1") with { Features = null }).Single().Verdict);
    }

    [Fact]
    public void Wrong_checksums_are_counted_by_the_kernels_own_names()
    {
        Assert.Equal(3, OffloadCheck.BadUdp(["Tcp: InErrs InCsumErrors", "Tcp: 1 2", "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors", "Udp: 890 248 0 1144 0 0 3", "UdpLite: InDatagrams", "UdpLite: 0"]));
        Assert.Equal(0, OffloadCheck.BadUdp([]));
    }

    [Fact]
    public void What_nf_tables_lacks_is_a_fault_only_for_the_mode_that_needs_it()
    {
        (string, string, string?)[] results = [("sets", "nf_tables", null), ("maps", "nf_tables", null), ("numgen random", "nft_numgen", "add rule: No such file or directory")];
        var wanted = NftablesCheck.Judge(results, wanted: true);
        Assert.Equal("nf_tables: sets, maps", wanted[0].Text);
        Assert.Equal((Verdict.Fault, "modprobe -a nft_numgen   (or boot a kernel that has it); or nodeagent run --proxy-mode iptables"), (wanted[1].Verdict, wanted[1].Mend));
        Assert.Equal(Verdict.Note, NftablesCheck.Judge(results, wanted: false)[1].Verdict);
    }
}
