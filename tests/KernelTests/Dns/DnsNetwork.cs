using System.Net;
using KubeApi.Objects;
using KernelTests.ServiceProxy;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.Dns;

namespace KernelTests.Dns;

/// <summary>
/// A node with its name server and a pod that asks it; beside it an upstream, dnsmasq's place, on 192.0.2.53. Each is a namespace of its own.
/// </summary>
internal sealed class DnsNetwork : IAsyncDisposable
{
    public const string Address = "10.96.0.10", Upstream = "192.0.2.53";

    private readonly string directory = Directory.CreateTempSubdirectory("dns-").FullName;
    private CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    private DnsNetwork()
    {
        Node = new(directory, "node");
        Pod = new(directory, "pod");
        Outside = new(directory, "outside");
    }

    public TestSpace Node { get; }
    public TestSpace Pod { get; }
    public TestSpace Outside { get; }
    public DnsServer Server { get; private set; } = null!;
    public string ResolvConf => Path.Combine(directory, "resolv.conf");

    public static async Task<DnsNetwork> Create(IReadOnlyCollection<Service> services, params EndpointSlice[] slices)
    {
        var network = new DnsNetwork();
        await network.Node.Ip($"""
            link set lo up
            link add na0 type veth peer name eth0 netns {network.Pod.File}
            link set na0 up
            address add 10.244.1.1/32 dev na0
            route add 10.244.1.2/32 dev na0 src 10.244.1.1
            link add eth1 type veth peer name eth1 netns {network.Outside.File}
            link set eth1 up
            address add 192.0.2.1/24 dev eth1

            """);
        await network.Pod.Ip("link set lo up\nlink set eth0 up\naddress add 10.244.1.2/32 dev eth0\nroute add 10.244.1.1 dev eth0 scope link\nroute add default via 10.244.1.1\n");
        await network.Outside.Ip($"link set lo up\nlink set eth1 up\naddress add {Upstream}/24 dev eth1\n");
        File.WriteAllText(network.ResolvConf, "");
        // Something that tracks: without a rule that wants to know the state of connections, the kernel tracks none.
        await network.Node.Run("iptables-nft", ["-A", "INPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP"]);
        await network.Node.Run("iptables-nft", ["-t", "nat", "-A", "PREROUTING", "-d", "203.0.113.1", "-j", "ACCEPT"]);
        await network.Start(services, slices);
        return network;
    }

    public async Task Start(IReadOnlyCollection<Service> services, params EndpointSlice[] slices)
    {
        stop = new CancellationTokenSource();
        Server = new DnsServer(new DnsConfig(IPAddress.Parse(Address), "cluster.local", [IPNetwork.Parse("10.96.0.0/16"), IPNetwork.Parse("10.244.0.0/16")], NullLogger.Instance)
        {
            Node = Node.Namespace, Run = Node.TryRun, Upstream = new NodeResolvConf(ResolvConf, "/nonexistent"),
        });
        Server.Names.Replace(services, slices);
        running = Server.Run(Task.CompletedTask, stop.Token);
        await ServiceNetwork.Eventually(() => Task.FromResult(DnsAddress.Find(Node.Namespace).Count > 0 ? null
            : running.IsFaulted ? throw running.Exception! : "the address is not on lo"));
    }

    public async Task Stop()
    {
        await stop.CancelAsync();
        try { await running; }
        catch (OperationCanceledException) { }
    }

    /// <summary>dig in the pod; the answer without comments.</summary>
    public async Task<string> Dig(params string[] arguments) =>
        (await (Pod.Run("dig", ["+tries=1", "+time=5", "+short", $"@{Address}", .. arguments]))).Trim();

    /// <summary>All that dig prints.</summary>
    public Task<string> DigFully(params string[] arguments) => Pod.Run("dig", ["+tries=1", "+time=5", $"@{Address}", .. arguments]);

    /// <summary>Connections that the node tracks to or from port 53 of the DNS address.</summary>
    public async Task<int> Tracked() =>
        (await Node.Run("conntrack", ["-L"])).Split('\n').Count(line => line.Contains(Address));

    public async ValueTask DisposeAsync()
    {
        await Stop();
        foreach (var space in (TestSpace[])[Node, Pod, Outside]) space.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
