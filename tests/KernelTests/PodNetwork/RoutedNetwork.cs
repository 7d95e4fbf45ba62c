using System.Net;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

/// <summary>
/// Two machines on one switch and a third on another, with a router between: node3's address is 192.168.57.13, the router's are 192.168.56.1 and
/// 192.168.57.1. The router knows no pod addresses, and drops what has one as its source, as clouds do.
/// </summary>
internal sealed class RoutedNetwork : IAsyncDisposable
{
    private readonly TestNetwork near = new();
    private readonly string directory = Directory.CreateTempSubdirectory("routed-").FullName;
    private readonly PinnedNamespaces routerPins;

    public RoutedNetwork()
    {
        (Node1, Node2) = (near.AddMachine(), near.AddMachine());
        routerPins = new PinnedNamespaces(Path.Combine(directory, "router"));
        routerPins.Create();
        Router = NetworkNamespace.Open(routerPins.Net);
        RouterSocket = NetlinkSocket.OpenIn(Router);
        near.Plug(Router, "router", "eth0", 200);
        Node3 = near.AddFarMachine(Router, RouterSocket);
        RouterSocket.Execute(new NetlinkRequest().SetLink(1, "lo up", up: true).SetLink(200, "eth0 up", up: true).AddAddress(new LinkAddress(200, IPAddress.Parse("192.168.56.1"), 24))
            .AddAddress(new LinkAddress(Links.Find(RouterSocket, "eth1")!.Index, IPAddress.Parse("192.168.57.1"), 24)));
        Router.Run(() => Sysctl.Write("net/ipv4/ip_forward", "1"));
        foreach (var (machine, gateway) in new[] { (Node1, "192.168.56.1"), (Node2, "192.168.56.1"), (Node3, "192.168.57.1") })
            machine.Socket.Execute(new NetlinkRequest().AddRoute(new Route(Routes.Default, 100, IPAddress.Parse(gateway))));
        InRouter("iptables", "-w", "-A", "FORWARD", "-s", "10.244.0.0/16", "-j", "DROP");
    }

    public TestMachine Node1 { get; }
    public TestMachine Node2 { get; }
    public TestMachine Node3 { get; }
    public NetworkNamespace Router { get; }
    public NetlinkSocket RouterSocket { get; }

    /// <summary>Starts the network part of all three, each with the other two as peers.</summary>
    public async Task Start()
    {
        TestMachine[] all = [Node1, Node2, Node3];
        foreach (var machine in all) await (await machine.Start()).SetPeers([.. all.Where(other => other != machine).Select(other => other.AsPeer)]);
    }

    public void InRouter(string program, params string[] arguments) => Router.Run(() =>
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    });

    public async ValueTask DisposeAsync()
    {
        RouterSocket.Dispose();
        Router.Dispose();
        await near.DisposeAsync();
        routerPins.Remove();
        Directory.Delete(directory, recursive: true);
    }
}
