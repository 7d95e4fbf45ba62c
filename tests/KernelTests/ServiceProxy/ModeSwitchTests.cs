using System.Net;
using System.Net.Sockets;
using Linux;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>A running node changes its mode: an agent of the one ends, an agent of the other begins.</summary>
public class ModeSwitchTests
{
    /// <summary>What the host ports' and the local DNS' chains are, which no mode has to touch.</summary>
    private const string Others = """
        *nat
        :NA-HOSTPORTS - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j NA-HOSTPORTS
        -A NA-HOSTPORTS -p tcp -m tcp --dport 9999 -j DNAT --to-destination 10.244.1.2:80
        COMMIT
        *raw
        :NA-DNS - [0:0]
        -A PREROUTING -j NA-DNS
        COMMIT

        """;

    [Theory]
    [InlineData(IptablesBackend.Nft, "ACCEPT")]
    [InlineData(IptablesBackend.Legacy, "DROP")]
    public async Task No_connection_is_lost_whichever_way_the_mode_changes(IptablesBackend backend, string forward)
    {
        await using var network = await Create(backend);
        using var server = TestServer.Tcp(network.Pods[0], 80);
        using var remote = TestServer.Tcp(network.Remote, 80);
        await network.Iptables("restore", Others, "--noflush");
        await network.Iptables("", null, "-P", "FORWARD", forward);
        var service = Service("s", Vip);
        service = service with { Spec = service.Spec! with { Type = "NodePort", Ports = [service.Spec.Ports![0] with { NodePort = 30080 }] } };
        var table = ServiceTable.Of([service, Service("empty", OtherVip)], [Slice("s", 80, PodAddress(0), RemotePod)], Facts);

        var first = Way(network, ProxyMode.Iptables);
        await first.Compare(table, write: true, default);
        (TestSpace From, string Address, int Port)[] clients = [(network.Pods[1], Vip, 80), (network.Node, Vip, 80), (network.Outside, "203.0.113.1", 30080)];
        var open = new List<Socket>();
        foreach (var client in clients.SelectMany(client => Enumerable.Repeat(client, 4))) open.Add(await Connect(client));
        using var stop = new CancellationTokenSource();
        var knocking = clients.Select(client => Task.Run(() => Knock(client, stop.Token))).ToList();
        foreach (var mode in (ProxyMode[])[ProxyMode.Nftables, ProxyMode.Iptables, ProxyMode.Nftables])
        {
            var way = Way(network, mode);
            await way.Compare(table, write: true, default);
            while (way.HasLeftovers) await way.Apply(table, TableChanges.None, default);
            Assert.Equal([], (await Way(network, mode).Compare(table, write: false, default)).Select(drift => drift.ToString()));
            Assert.Equal(mode == ProxyMode.Iptables, (await network.Ours()).Contains("-j NA-SERVICES"));
            Assert.Equal(mode == ProxyMode.Nftables, (await network.Node.Run("nft", ["list", "tables"])).Contains("table ip na\n"));
            foreach (var socket in open) Assert.Matches("^(pod1|node2) ", await TestClient.Ask(socket, TestClient.Patience));
            foreach (var client in clients) Assert.Matches("^(pod1|node2) ", await TestClient.Ask(client.From, client.Address, client.Port));
            Assert.Equal("ConnectionRefused", await TestClient.Ask(network.Pods[1], OtherVip, 80));
            foreach (var chain in (string[])["-A NA-HOSTPORTS -p tcp", "-j NA-HOSTPORTS"]) Assert.Contains(chain, await network.Ours());
            Assert.Contains("-A PREROUTING -j NA-DNS", await network.Save("-t", "raw"));
        }
        await stop.CancelAsync();
        foreach (var failed in await Task.WhenAll(knocking)) Assert.Equal([], failed);
        open.ForEach(socket => socket.Dispose());
    }

    private static ModeSwitch Way(ServiceNetwork network, ProxyMode mode)
    {
        var iptables = new IptablesBackEnd(network.Node.TryRun, network.Backend);
        var nftables = new NftablesBackEnd(network.Node.Namespace, new ForwardAccept(network.Node.TryRun, network.Backend));
        return mode == ProxyMode.Nftables ? new(nftables, iptables.Leave) : new(iptables, nftables.Cleanup);
    }

    private static async Task<Socket> Connect((TestSpace From, string Address, int Port) client)
    {
        var socket = TestClient.Open(client.From, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Parse(client.Address), client.Port);
        Assert.Matches("^(pod1|node2) ", await TestClient.Ask(socket, TestClient.Patience));
        return socket;
    }

    /// <summary>New connections, one after the other.</summary>
    /// <returns>Those that failed.</returns>
    private static async Task<IReadOnlyList<string>> Knock((TestSpace From, string Address, int Port) client, CancellationToken stop)
    {
        var failed = new List<string>();
        while (!stop.IsCancellationRequested)
            if (await TestClient.Ask(client.From, client.Address, client.Port) is var answer && !answer.StartsWith("pod1") && !answer.StartsWith("node2")) failed.Add(answer);
        return failed;
    }
}
