using System.Diagnostics;
using System.Net;
using KernelTests.ServiceProxy;
using Linux;
using NodeAgent.LoadBalancers;
using Xunit.Abstractions;

namespace KernelTests.LoadBalancers;

/// <summary>Nodes and an outside client on one link, a bridge in a namespace of its own; each node runs the loop, with no control plane.</summary>
internal sealed class TestLink : IAsyncDisposable
{
    /// <summary>On which every node answers with its name.</summary>
    public const int Port = 8080;

    private readonly string directory = Directory.CreateTempSubdirectory("balancers-").FullName;
    private readonly ITestOutputHelper output;
    private readonly List<TestSpace> nodes = [];
    private readonly List<TestServer> servers = [];
    private readonly Dictionary<int, (LoadBalancerLoop Loop, CancellationTokenSource Stop, Task Running)> loops = [];
    private readonly TestSpace link;
    private ClusterView? view;

    private TestLink(ITestOutputHelper output)
    {
        this.output = output;
        link = new(directory, "link");
        Outside = new(directory, "outside");
    }

    public TestSpace Outside { get; }

    public TestSpace Node(int number) => nodes[number - 1];

    public static IPAddress AddressOf(int node) => IPAddress.Parse($"192.168.56.{10 + node}");

    public static async Task<TestLink> Create(int nodes, ITestOutputHelper output)
    {
        var test = new TestLink(output);
        await test.link.Ip("link add br0 type bridge\nlink set br0 up\n");
        await test.Plug(test.Outside, "192.168.56.1", "outside");
        for (var number = 1; number <= nodes; number++)
        {
            var node = new TestSpace(test.directory, $"node{number}");
            test.nodes.Add(node);
            await test.Plug(node, $"{AddressOf(number)}", $"n{number}");
            test.servers.Add(TestServer.Tcp(node, Port));
        }
        return test;
    }

    private async Task Plug(TestSpace space, string address, string port, string end = "eth0", string bridge = "br0")
    {
        await link.Ip($"link add {port} type veth peer name {end} netns {space.File}\nlink set {port} master {bridge} up\n");
        await space.Ip($"link set lo up\nlink set {end} up\naddress add {address}/24 dev {end}\n");
    }

    /// <summary>A second link, eth1 with 10.99.0.0/24, for the outside and these nodes.</summary>
    public async Task PlugSecond(params int[] numbers)
    {
        await link.Ip("link add br1 type bridge\nlink set br1 up\n");
        await Plug(Outside, "10.99.0.1", "outside1", "eth1", "br1");
        foreach (var number in numbers) await Plug(Node(number), $"10.99.0.{10 + number}", $"m{number}", "eth1", "br1");
    }

    public Task UnplugSecond(int number) => link.Ip($"link set m{number} down\n");

    /// <summary>An agent begins, or begins again.</summary>
    public void Start(int number)
    {
        var loop = new LoadBalancerLoop(Node(number).Namespace, $"node{number}", () => { }, line => output.WriteLine($"node{number}: {line}"));
        var stop = new CancellationTokenSource();
        loops[number] = (loop, stop, loop.Run(stop.Token));
        if (view is { } now) loop.Update(For(number, now));
    }

    /// <summary>The agent is killed; the machine lives on.</summary>
    public async Task Stop(int number)
    {
        var (_, stop, running) = loops[number];
        loops.Remove(number);
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    /// <summary>The machine's plug is pulled, or its cable.</summary>
    public Task Unplug(int number) => link.Ip($"link set n{number} down\n");

    public Task PlugIn(int number) => link.Ip($"link set n{number} up\n");

    public void Update(IReadOnlyList<BalancedAddress> addresses, params string[] excluded)
    {
        view = new ClusterView(addresses, new Dictionary<IPAddress, string>(), excluded.ToHashSet());
        foreach (var (number, running) in loops) running.Loop.Update(For(number, view));
    }

    private ClusterView For(int own, ClusterView all) => all with
    {
        Peers = Enumerable.Range(1, nodes.Count).Where(number => number != own).ToDictionary(AddressOf, number => $"node{number}"),
    };

    /// <summary>The nodes whose link has the address.</summary>
    public IReadOnlyList<int> Holders(IPAddress address) =>
        [.. Enumerable.Range(1, nodes.Count).Where(number => LinkAddresses.Find(Node(number).Namespace).Any(held => held.Address.Equals(address)))];

    /// <summary>Waits until exactly these nodes hold the address.</summary>
    public async Task UntilHeldBy(IPAddress address, params int[] expected)
    {
        var began = Stopwatch.StartNew();
        while (!Holders(address).SequenceEqual(expected))
        {
            if (began.Elapsed > TimeSpan.FromSeconds(60)) Assert.Fail($"{address} is held by [{string.Join(", ", Holders(address))}], not by [{string.Join(", ", expected)}]");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var number in loops.Keys.ToList()) await Stop(number);
        foreach (var server in servers) server.Dispose();
        foreach (var node in nodes) node.Dispose();
        Outside.Dispose();
        link.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
