using System.Net;
using System.Net.Sockets;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.ServiceProxy;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>A connection tracking table without room.</summary>
public class ConntrackFullTests
{
    [Fact]
    public async Task A_full_table_is_said_and_open_connections_and_changes_of_rules_go_on()
    {
        await using var network = await Create(RuleMode.IptablesNft);
        var told = new List<string>();
        var watch = new ConntrackWatch(NullLogger.Instance, (reason, message) => told.Add($"{reason}: {message}"), network.Node.Namespace);
        watch.Look();
        using var first = TestServer.Udp(network.Pods[0], 5353);
        using var second = TestServer.Udp(network.Pods[1], 5353);
        var service = Service("dns", Vip, "UDP", 53);
        var proxier = await network.Serve([service], [Slice("dns", "UDP", 5353, PodAddress(0))]);
        using var client = TestClient.Open(network.Pods[2], ProtocolType.Udp);
        await client.ConnectAsync(IPAddress.Parse(Vip), 53);
        Assert.Equal("pod1 10.244.1.4", await TestClient.Ask(client, TestClient.Patience));
        watch.Look();
        Assert.Empty(told);

        var most = ConntrackUsage.Read(network.Node.Namespace).Most;
        ConntrackFilling.Fill(network.Node.Namespace, (int)most);
        Assert.Equal("pod1 10.244.1.4", await TestClient.Ask(client, TestClient.Patience)); // what is open goes on
        Assert.Equal("no answer", await Asked(network)); // dropped by the kernel
        watch.Look();
        Assert.Matches("^ConntrackFull: The connection tracking table is full \\([0-9]+ of [0-9]+ entries\\): [0-9]+ packets of new connections were dropped", Assert.Single(told));

        // The rules follow, and the flow to the endpoint that went ends; there is room for one thereby.
        await network.Update(proxier, [service], [Slice("dns", "UDP", 5353, PodAddress(1))]);
        var flows = new Conntrack(network.Node.Namespace);
        await Eventually(() => Task.FromResult(flows.List(new(ConntrackProtocol.Udp, IPAddress.Parse(Vip), 53)).Any(flow => $"{flow.ReplySource}" == PodAddress(0)) ? "still there" : null));
        flows.Forget(new(ConntrackProtocol.Udp, DestinationPort: ConntrackFilling.Port), _ => true);
        Assert.Equal("pod2 10.244.1.4", await TestClient.Ask(client, TestClient.Patience));
        watch.Look();
        Assert.Single(told);
    }

    private static async Task<string> Asked(ServiceNetwork network)
    {
        using var another = TestClient.Open(network.Pods[2], ProtocolType.Udp);
        await another.ConnectAsync(IPAddress.Parse(Vip), 53);
        return await TestClient.Ask(another, TimeSpan.FromSeconds(1));
    }
}
