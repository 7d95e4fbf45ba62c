using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

/// <summary>node1 and node2 share a switch, node3 is behind a router that drops pod addresses.</summary>
public class VxlanTests
{
    [Fact]
    public async Task Pods_reach_each_other_through_the_tunnel_and_beside_it_without_address_translation()
    {
        await using var network = new RoutedNetwork();
        await network.Start();
        var (a, b, c) = (await network.Node1.AddPod("a"), await network.Node2.AddPod("b"), await network.Node3.AddPod("c"));
        Assert.Equal(a, await Tcp.Connect(network.Node1.Pod("a"), network.Node3.Pod("c"), c));
        Assert.Equal(c, await Tcp.Connect(network.Node3.Pod("c"), network.Node2.Pod("b"), b));
        Assert.Equal(a, await Tcp.Connect(network.Node1.Pod("a"), network.Node2.Pod("b"), b));
        // The node's own packets come from the tunnel's address, so their answers take it too.
        Assert.Equal(network.Node1.PodCidr.BaseAddress, await Tcp.Connect(network.Node1.Namespace, network.Node3.Pod("c"), c));
        Assert.Equal(["node3"], network.Node1.Network!.Tunnelled);
        Assert.Contains(Routes.List(network.Node1.Socket, Marks.RouteProtocol), route => route.Destination.Equals(network.Node2.PodCidr) && network.Node2.Address.Equals(route.Gateway));
    }

    [Fact]
    public async Task Nothing_is_flooded_and_nobody_asks_for_an_address()
    {
        await using var network = new RoutedNetwork();
        await network.Start();
        await network.Node1.AddPod("a");
        var c = await network.Node3.AddPod("c");
        using var capture = network.Router.Run(() => new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)IPAddress.HostToNetworkOrder((short)EveryProtocol)));
        await Tcp.Connect(network.Node1.Pod("a"), network.Node3.Pod("c"), c);
        var absent = network.Node3.PodCidr.BaseAddress.GetAddressBytes() is [var x, var y, var z, _] ? new IPAddress([x, y, z, 99]) : c;
        using (var ping = network.Node1.Pod("a").Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))) ping.SendTo([1], new IPEndPoint(absent, 9));
        var frames = InnerFrames(capture, until: 5);
        Assert.All(frames, frame => Assert.Equal("0800", frame.Type));
        Assert.All(frames, frame => Assert.Contains(frame.Destination, new[] { Marks.Mac(network.Node1.PodCidr.BaseAddress), Marks.Mac(network.Node3.PodCidr.BaseAddress) }));
        Assert.Single(Vxlan.ListTunnels(network.Node1.Socket, Links.Find(network.Node1.Socket, Marks.Overlay)!.Index));
    }

    [Fact]
    public async Task Deleted_entries_and_the_deleted_device_come_back()
    {
        await using var network = new RoutedNetwork();
        await network.Start();
        var node = network.Node1;
        await node.AddPod("a");
        var c = await network.Node3.AddPod("c");
        var whole = node.Dump();
        var device = Links.Find(node.Socket, Marks.Overlay)!.Index;
        var mac = Marks.Mac(network.Node3.PodCidr.BaseAddress);
        await Damage(node, whole, request => request.DeleteTunnel(device, mac, network.Node3.Address));
        await Damage(node, whole, request => request.DeleteNeighbor(device, network.Node3.PodCidr.BaseAddress));
        await Damage(node, whole, request => request.DeleteRoute(Routes.List(node.Socket, Marks.RouteProtocol).Single(route => route.OnLink)));
        await Damage(node, whole, request => request.DeleteAddress(new LinkAddress(device, node.PodCidr.BaseAddress, 32)));
        await Damage(node, whole, request => request.SetLink(device, "mtu", mtu: 1400));
        await Damage(node, whole, request => request.SetLink(device, "down", up: false));
        await Damage(node, whole, request => request.SetTunnel(device, mac, IPAddress.Parse("192.168.57.99")));
        await Damage(node, whole, request => request.DeleteLink(device, "by hand"));
        Assert.Equal(Marks.Mac(node.PodCidr.BaseAddress), Links.Find(node.Socket, Marks.Overlay)!.Address);
        Assert.Equal(network.Node1.PodCidr.BaseAddress, await Tcp.Connect(node.Namespace, network.Node3.Pod("c"), c));
    }

    [Fact]
    public async Task What_others_alter_at_a_tunnel_is_named_with_its_node_and_a_new_way_to_a_node_is_not_taken_for_it()
    {
        await using var network = new RoutedNetwork();
        var node = network.Node1;
        var repaired = new List<string>();
        await using var agent = await NodeNetwork.Start(node.Config with { Repaired = (changes, _) => { lock (repaired) repaired.AddRange(changes.Select(change => $"{change}")); return TimeSpan.Zero; } }, default);
        await agent.SetPeers([network.Node2.AsPeer, network.Node3.AsPeer]);
        node.Execute("ip", "route", "add", "192.168.56.12/32", "via", "192.168.56.1"); // node2 is behind a gateway now
        await Eventually.Holds(() => agent.Tunnelled.Contains("node2") && Vxlan.ListTunnels(node.Socket, Links.Find(node.Socket, Marks.Overlay)!.Index).Count == 2, () => string.Join('\n', node.Dump()));
        Assert.Empty(repaired);
        node.Execute("bridge", "fdb", "del", "0a:58:0a:f4:03:00", "dev", Marks.Overlay);
        await Eventually.Holds(() => { lock (repaired) return repaired.Contains("add tunnel entry 0a:58:0a:f4:03:00 dst 192.168.57.13 dev na-vxlan  ←  Node node3"); }, () => string.Join('\n', repaired));
        node.Execute("bridge", "fdb", "append", "00:00:00:00:00:00", "dev", Marks.Overlay, "dst", "192.168.57.13");
        await Eventually.Holds(() => { lock (repaired) return repaired.Any(line => line.StartsWith("delete tunnel entry 00:00:00:00:00:00 dst 192.168.57.13", StringComparison.Ordinal)); }, () => string.Join('\n', repaired));
        node.Execute("ip", "neigh", "del", "10.244.3.0", "dev", Marks.Overlay);
        await Eventually.Holds(() => { lock (repaired) return repaired.Contains("add neighbour 10.244.3.0 at 0a:58:0a:f4:03:00 dev na-vxlan  ←  Node node3"); }, () => string.Join('\n', repaired));
    }

    [Fact]
    public async Task The_MTU_of_running_pods_follows_as_the_first_node_behind_a_router_comes_and_goes()
    {
        await using var network = new RoutedNetwork();
        var node = network.Node1;
        await (await node.Start()).SetPeers([network.Node2.AsPeer]);
        await node.AddPod("a");
        Assert.Equal([1500, 1500, 1500], Mtus(node));
        await node.Network!.SetPeers([network.Node2.AsPeer, network.Node3.AsPeer]);
        Assert.Equal([1450, 1450, 1450], Mtus(node));
        await node.Stop();
        await node.Start(); // before it knows the others again
        Assert.Equal([1450, 1450, 1450], Mtus(node));
        await node.Network!.SetPeers([network.Node2.AsPeer]);
        Assert.Equal([1500, 1500, 1500], Mtus(node));
        Assert.Null(Links.Find(node.Socket, Marks.Overlay));
    }

    [Fact]
    public async Task A_large_transfer_through_the_tunnel_is_not_fragmented()
    {
        await using var network = new RoutedNetwork();
        await network.Start();
        await network.Node1.AddPod("a");
        var c = await network.Node3.AddPod("c");
        var (client, server) = await Tcp.Hold(network.Node1.Pod("a"), network.Node3.Pod("c"), c);
        using (client)
        using (server) await Transfer(client, server, 100 * 1024 * 1024);
        Assert.Equal(["0", "0"], Snmp(network.Router, "FragOKs", "FragFails"));
        Assert.Equal(["0"], Snmp(network.Node1.Namespace, "FragCreates"));
    }

    [Fact]
    public async Task A_path_that_is_narrower_than_the_links_is_crossed_in_fragments()
    {
        await using var network = new RoutedNetwork();
        await network.Start();
        await network.Node1.AddPod("a");
        var c = await network.Node3.AddPod("c");
        network.RouterSocket.Execute(new NetlinkRequest().SetLink(201, "narrow", mtu: 1300));
        var (client, server) = await Tcp.Hold(network.Node1.Pod("a"), network.Node3.Pod("c"), c);
        using (client)
        using (server) await Transfer(client, server, 1024 * 1024);
        Assert.NotEqual(["0"], Snmp(network.Router, "FragCreates"));
    }

    [Fact]
    public async Task An_MTU_set_on_the_route_to_a_node_is_that_of_the_pods_less_the_tunnels_headers()
    {
        await using var network = new RoutedNetwork();
        await network.Start();
        var node = network.Node1;
        await node.AddPod("a");
        node.Execute("ip", "route", "add", "192.168.57.0/24", "via", "192.168.56.1", "mtu", "1400");
        await Eventually.Holds(() => Mtus(node).SequenceEqual([1350, 1350, 1350]), () => string.Join(", ", Mtus(node)));
    }

    [Fact]
    public async Task A_connection_from_a_node_that_is_masqueraded_into_the_tunnel_is_not_delayed()
    {
        await using var network = new RoutedNetwork();
        await network.Start();
        var c = await network.Node3.AddPod("c");
        var service = IPAddress.Parse("10.96.0.7");
        var node = network.Node1;
        // The shape of kube-proxy's rules, without clearing the mark: the outer packet has it too and is translated once more.
        node.Execute("iptables", "-w", "-t", "nat", "-A", "OUTPUT", "-d", $"{service}", "-j", "MARK", "--set-xmark", "0x4000/0x4000");
        node.Execute("iptables", "-w", "-t", "nat", "-A", "OUTPUT", "-d", $"{service}", "-j", "DNAT", "--to-destination", $"{c}");
        node.Execute("iptables", "-w", "-t", "nat", "-A", "POSTROUTING", "-m", "mark", "--mark", "0x4000/0x4000", "-j", "MASQUERADE", "--random-fully");
        var clock = Stopwatch.StartNew();
        Assert.Equal(node.PodCidr.BaseAddress, await Tcp.Connect(node.Namespace, network.Node3.Pod("c"), service));
        // A bad outer checksum loses the first packets; the first retransmission comes after a second.
        Assert.Equal(["0"], Snmp(network.Node3.Namespace, "InCsumErrors", "Udp:"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task A_node_that_loses_its_address_for_good_ends_the_watch()
    {
        await using var network = new TestNetwork();
        var node = network.AddMachine();
        await using var agent = await NodeNetwork.Start(node.Config with { AddressGrace = TimeSpan.FromMilliseconds(300) }, CancellationToken.None);
        node.Socket.Execute(new NetlinkRequest().DeleteAddress(new LinkAddress(100, node.Address, 24)));
        var error = await Assert.ThrowsAsync<NodeAddressMissingException>(() => agent.Watching.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains($"{node.Address}", error.Message);
    }

    private static int[] Mtus(TestMachine node)
    {
        using var inside = NetlinkSocket.OpenIn(node.Pod("a"));
        return [Links.Find(node.Socket, Marks.Bridge)!.Mtu, Links.Find(node.Socket, Marks.PodLink("a"))!.Mtu, Links.Find(inside, Marks.PodInterface)!.Mtu];
    }

    private static async Task Transfer(Socket client, Socket server, int bytes)
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var sending = Task.Run(async () =>
        {
            var block = new byte[64 * 1024];
            for (var sent = 0; sent < bytes; sent += block.Length) await client.SendAsync(block, SocketFlags.None, cancel.Token);
        });
        var buffer = new byte[256 * 1024];
        for (var received = 0; received < bytes;) received += await server.ReceiveAsync(buffer, SocketFlags.None, cancel.Token);
        await sending;
    }

    /// <summary>Counters of /proc/net/snmp.</summary>
    private static string[] Snmp(NetworkNamespace space, params string[] names)
    {
        var group = names.FirstOrDefault(name => name.EndsWith(':')) ?? "Ip:";
        var lines = space.Run(() => File.ReadAllLines("/proc/thread-self/net/snmp")).Where(line => line.StartsWith(group)).Select(line => line.Split(' ')).ToList();
        return [.. names.Where(name => !name.EndsWith(':')).Select(name => lines[1][Array.IndexOf(lines[0], name)])];
    }

    /// <summary>ETH_P_ALL.</summary>
    private const int EveryProtocol = 3;

    /// <summary>Destination and type of the Ethernet frames inside the VXLAN packets (UDP port 8472) that were seen so far; at least so many.</summary>
    private static List<(System.Net.NetworkInformation.PhysicalAddress Destination, string Type)> InnerFrames(Socket capture, int until)
    {
        const int outer = 14 + 20, inner = outer + 8 + 8;
        capture.ReceiveTimeout = 20_000;
        var found = new List<(System.Net.NetworkInformation.PhysicalAddress, string)>();
        var buffer = new byte[65536];
        while (found.Count < until || capture.Available > 0)
        {
            var size = capture.Receive(buffer);
            var isVxlan = size >= inner + 14 && buffer[12] == 8 && buffer[13] == 0 && buffer[23] == (int)ProtocolType.Udp && ((buffer[outer + 2] << 8) | buffer[outer + 3]) == 8472;
            if (isVxlan) found.Add((new(buffer[inner..(inner + 6)]), Convert.ToHexString(buffer, inner + 12, 2)));
        }
        return found;
    }

    private static async Task Damage(TestMachine node, IReadOnlyList<string> whole, Func<NetlinkRequest, NetlinkRequest> damage)
    {
        node.Socket.Execute(damage(new NetlinkRequest()));
        await Eventually.Holds(() => node.Dump().SequenceEqual(whole), () => $"missing: {string.Join('\n', whole.Except(node.Dump()))}\nsurplus: {string.Join('\n', node.Dump().Except(whole))}");
    }
}
