using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using KernelTests.PodNetwork;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.Doctor;

/// <summary>The program on machines with two interfaces, as Vagrant makes them.</summary>
public class DoctorTests
{
    /// <summary>Vagrant's NAT: the same address on every machine, and the default route.</summary>
    private static readonly IPAddress Nat = IPAddress.Parse("10.0.2.15"), NatGateway = IPAddress.Parse("10.0.2.2");

    private static void AddNat(TestMachine machine) => machine.Socket.Execute(new NetlinkRequest()
        .AddVeth(new VethPair("eth0", 90, 1500, 0, 0, "nat", 91, new PhysicalAddress([2, 0, 0, 0, 3, (byte)machine.Number]), null))
        .SetLink(91, "nat up", up: true).AddAddress(new LinkAddress(90, Nat, 24)).AddRoute(new Route(Routes.Default, 90, NatGateway)));

    private static (int Code, string Output) Run(TestMachine machine, params string[] arguments) => machine.Namespace.Run(() =>
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "nodeagent"), ["doctor", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    });

    [Fact]
    public async Task The_address_is_that_towards_the_control_plane_and_never_the_NATs()
    {
        await using var network = new TestNetwork();
        var (node, control) = (network.AddMachine(), network.AddMachine());
        AddNat(node);
        AddNat(control);
        Assert.Equal(node.Address, NodeAddress.Choose(null, control.Address, node.Namespace));
        Assert.Equal($"{node.Address} on eth1, MTU 1500: towards the control plane {control.Address}; not 10.0.2.15 on eth0, where the default route leads",
            NodeAddress.Reason(node.Address, null, control.Address, node.Namespace));
        Assert.StartsWith("10.0.2.15 on eth0, MTU 1500: as set", NodeAddress.Reason(Nat, Nat, control.Address, node.Namespace));
    }

    [Fact]
    public async Task A_machine_that_reaches_its_control_plane_has_no_fault_and_a_narrow_path_is_one()
    {
        await using var network = new TestNetwork();
        var (node, control) = (network.AddMachine(), network.AddMachine());
        AddNat(node);
        using var server = control.Namespace.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(control.Address, 6443));
            socket.Listen();
            return socket;
        });
        await Eventually.Holds(() => Links.Find(node.Socket, "eth1")!.Carrier, () => "no carrier");
        string[] asked = ["--only", "network", "--control-plane", $"{control.Address}", "--kubeconfig", "/nonexistent"];
        var (code, output) = Run(node, asked);
        Assert.True(code == 0, output);
        Assert.Contains("not 10.0.2.15 on eth0", output);
        Assert.Contains($"ok     the control plane ({control.Address}) answers, also packets of 1500 bytes", output);
        Assert.Contains("ok     offloads of eth1 (veth): none known to break VXLAN; checksums on", output);

        control.Socket.Execute(new NetlinkRequest().SetLink(100, "narrow", mtu: 1400));
        (code, output) = Run(node, asked);
        Assert.Equal(1, code);
        Assert.Contains("FAULT", output);
        Assert.Contains("ip link set dev eth1 mtu ", output);

        server.Close();
        (code, output) = Run(node, asked);
        Assert.Equal(1, code);
        Assert.Contains("systemctl status controlplane", output);
    }

    [Fact]
    public async Task The_path_to_each_node_is_measured_and_not_only_to_the_control_plane()
    {
        await using var network = new TestNetwork();
        var (node, control, wide, narrow) = (network.AddMachine(), network.AddMachine(), network.AddMachine(), network.AddMachine());
        await Eventually.Holds(() => Links.Find(node.Socket, "eth1")!.Carrier, () => "no carrier");
        narrow.Socket.Execute(new NetlinkRequest().SetLink(100, "narrow", mtu: 1400));
        var (code, output) = Run(node, "--only", "network", "--control-plane", $"{control.Address}", "--kubeconfig", "/nonexistent", "--peer", $"{wide.Address}", "--peer", $"{narrow.Address}");
        Assert.Equal(1, code);
        Assert.Contains($"ok     peer ({wide.Address}) answers, also packets of 1500 bytes", output);
        Assert.Matches($@"FAULT  peer \({narrow.Address}\) gets packets of at most \d+ bytes, but eth1 has an MTU of 1500: large answers hang", output);
    }

    [Fact]
    public async Task A_links_features_are_those_that_ethtool_prints()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        var features = node.Namespace.Run(() => Ethtool.Read("eth1"));
        Assert.Equal("veth", features.Driver);
        Assert.Contains("tx-checksum-ip-generic", features.Active);
        Assert.DoesNotContain("rx-lro", features.Active);
        Assert.Throws<SystemCallException>(() => node.Namespace.Run(() => Ethtool.Read("nothing")));
    }

    [Fact]
    public async Task This_machines_kernel_programs_and_cgroups_are_found_fit_and_nothing_is_left_behind()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        var before = node.Dump();
        var (code, output) = Run(node, "--only", "programs", "--only", "kernel", "--only", "cgroups", "--only", "ports");
        Assert.True(code == 0, output);
        Assert.Contains("VXLAN", output);
        Assert.Contains("nf_tables: tables, sets, maps, verdict maps, sets that rules fill, numgen random, jhash, ct state, fib, reject, dnat, masquerade", output);
        Assert.Equal(before, node.Dump());
        Assert.DoesNotContain(Mounts.Read(), mount => mount.Target.Contains("nodeagent-doctor", StringComparison.Ordinal)); // others come and go with the tests beside this one
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_the_process_that_has_it()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        using var server = node.Namespace.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 10250));
            socket.Listen();
            return socket;
        });
        var (code, output) = Run(node, "--only", "ports");
        Assert.Equal(1, code);
        Assert.Contains($"tcp port 10250 (the API server's way to this node) is taken by {File.ReadAllText("/proc/self/comm").Trim()}, process {Environment.ProcessId}", output);
        Assert.Equal(2, Run(node, "--only", "weather").Code);
    }
}
