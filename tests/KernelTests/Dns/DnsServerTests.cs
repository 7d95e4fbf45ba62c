using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;
using KernelTests.ServiceProxy;
using NodeAgent.Dns;

namespace KernelTests.Dns;

/// <summary>The name server asked with real packets, by dig from a pod's namespace.</summary>
public class DnsServerTests
{
    private static readonly Service Nginx = new()
    {
        Metadata = new ObjectMeta { Name = "my-nginx", Namespace = "default" },
        Spec = new ServiceSpec { ClusterIP = "10.96.0.17", Ports = [new ServicePort { Name = "http", Port = 80, Protocol = "TCP" }] },
    };

    private static readonly Service Many = new()
    {
        Metadata = new ObjectMeta { Name = "many", Namespace = "default" }, Spec = new ServiceSpec { ClusterIP = "None" },
    };

    private static readonly EndpointSlice Slice = new()
    {
        Metadata = new ObjectMeta { Name = "many-1", Namespace = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "many" } },
        AddressType = "IPv4", Endpoints = [.. Enumerable.Range(1, 200).Select(i => new Endpoint { Addresses = [$"10.244.3.{i}"] })],
    };

    [Fact]
    public async Task A_pod_is_answered_by_UDP_and_TCP_and_no_connection_is_tracked()
    {
        await using var network = await DnsNetwork.Create([Nginx]);
        Assert.Equal("10.96.0.17", await network.Dig("my-nginx.default.svc.cluster.local"));
        Assert.Equal("10.96.0.17", await network.Dig("+tcp", "my-nginx.default.svc.cluster.local"));
        Assert.Equal("my-nginx.default.svc.cluster.local.", await network.Dig("-x", "10.96.0.17"));
        Assert.Equal("0 100 80 my-nginx.default.svc.cluster.local.", await network.Dig("SRV", "_http._tcp.my-nginx.default.svc.cluster.local"));
        Assert.Equal(0, await network.Tracked());
    }

    [Fact]
    public async Task Tracking_would_be_seen()
    {
        await using var network = await DnsNetwork.Create([Nginx]);
        await network.Node.Run("iptables-nft", ["-t", "raw", "-F", "NA-DNS"]);
        await network.Node.Run("iptables-nft", ["-t", "raw", "-F", "NA-DNS-OUT"]);
        await network.Dig("my-nginx.default.svc.cluster.local");
        Assert.NotEqual(0, await network.Tracked());
    }

    [Fact]
    public async Task A_long_answer_is_cut_by_UDP_and_whole_by_TCP_which_dig_turns_to()
    {
        await using var network = await DnsNetwork.Create([Many], Slice);
        Assert.Contains("flags: qr aa tc rd ra", await network.DigFully("+ignore", "many.default.svc.cluster.local"));
        Assert.Equal(200, (await network.Dig("many.default.svc.cluster.local")).Split('\n').Length);
    }

    [Fact]
    public async Task Names_that_are_not_there_are_answered_with_an_SOA_at_once()
    {
        await using var network = await DnsNetwork.Create([Nginx]);
        var missing = await network.DigFully("nothing.default.svc.cluster.local");
        Assert.Contains("status: NXDOMAIN", missing);
        Assert.Contains("hostmaster.cluster.local", missing);
        var empty = await network.DigFully("AAAA", "my-nginx.default.svc.cluster.local");
        Assert.Contains("status: NOERROR", empty);
        Assert.Contains("ANSWER: 0, AUTHORITY: 1", empty);
    }

    [Fact]
    public async Task Many_queries_on_one_TCP_connection_are_all_answered()
    {
        await using var network = await DnsNetwork.Create([Nginx]);
        var names = Path.GetTempFileName();
        await File.WriteAllTextAsync(names, string.Concat(Enumerable.Repeat("my-nginx.default.svc.cluster.local\n", 50)));
        var answers = await network.Dig("+tcp", "+keepopen", "-f", names);
        File.Delete(names);
        Assert.Equal(Enumerable.Repeat("10.96.0.17", 50), answers.Split('\n'));
    }

    [Fact]
    public async Task Spoilt_packets_over_the_wire_leave_it_answering()
    {
        await using var network = await DnsNetwork.Create([Nginx]);
        using var socket = network.Pod.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(IPAddress.Parse(DnsNetwork.Address), 53);
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var packet = new byte[random.Next(1, i % 100 == 0 ? 6000 : 300)];
            random.NextBytes(packet);
            if (i % 2 == 0 && packet.Length > 12) packet[2] &= 0x07; // a query
            socket.Send(packet);
        }
        Assert.Equal("10.96.0.17", await network.Dig("my-nginx.default.svc.cluster.local"));
    }

    [Fact]
    public async Task The_address_goes_with_the_server_and_comes_back_with_the_next()
    {
        await using var network = await DnsNetwork.Create([Nginx]);
        await network.Stop();
        Assert.Empty(DnsAddress.Find(network.Node.Namespace));
        await network.Start([Nginx]);
        Assert.Equal("10.96.0.17", await network.Dig("my-nginx.default.svc.cluster.local"));
    }

    [Fact]
    public async Task A_clients_refusals_do_not_stop_the_server()
    {
        await using var network = await DnsNetwork.Create([Nginx]);
        for (var i = 0; i < 200; i++) // each is gone before its answer comes
        {
            using var socket = network.Pod.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            socket.SendTo(new DnsQueryBytes("my-nginx.default.svc.cluster.local").Bytes, new IPEndPoint(IPAddress.Parse(DnsNetwork.Address), 53));
        }
        Assert.Equal("10.96.0.17", await network.Dig("my-nginx.default.svc.cluster.local"));
    }
}

/// <summary>A query for an A record.</summary>
internal sealed record DnsQueryBytes(string Name)
{
    public byte[] Bytes => [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. DnsName.Parse(Name)!, 0, 1, 0, 1];
}
