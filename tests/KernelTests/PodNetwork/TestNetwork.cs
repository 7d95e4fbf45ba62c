using System.Net;
using System.Net.NetworkInformation;
using Linux;
using NodeAgent.PodNetwork;

namespace KernelTests.PodNetwork;

/// <summary>
/// Machines on a switch, each a network namespace of its own, and a folder for their pods' pins. Node n has the address 192.168.56.10+n and
/// the podCIDR 10.244.n.0/24. Nothing is put into the test runner's own namespace; disposing leaves nothing.
/// </summary>
internal sealed class TestNetwork : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("podnet-").FullName;
    private readonly PinnedNamespaces switchPins;
    private readonly NetworkNamespace switchNamespace;
    private readonly NetlinkSocket switchSocket;
    private readonly int switchIndex;
    private readonly List<TestMachine> machines = [];

    public TestNetwork()
    {
        (switchPins, switchNamespace) = MakeNamespace("switch");
        switchSocket = NetlinkSocket.OpenIn(switchNamespace);
        switchSocket.Execute(new NetlinkRequest().AddBridge("switch", PhysicalAddress.Parse("02-00-00-00-00-01"), 1500));
        switchIndex = Links.Find(switchSocket, "switch")!.Index;
    }

    /// <summary>The next machine, connected to the switch by its eth1.</summary>
    public TestMachine AddMachine()
    {
        var number = machines.Count + 1;
        var (pins, space) = MakeNamespace($"node{number}");
        var socket = NetlinkSocket.OpenIn(space);
        switchSocket.Execute(new NetlinkRequest().AddVeth(new VethPair($"port{number}", 100 + number, 1500, switchIndex, 0,
            "eth1", 100, new PhysicalAddress([2, 0, 0, 0, 1, (byte)number]), space.Descriptor)));
        var machine = new TestMachine(number, pins, space, socket, Path.Combine(directory, $"run{number}", "pods"));
        socket.Execute(new NetlinkRequest().SetLink(1, "lo up", up: true).SetLink(100, "eth1 up", up: true)
            .AddAddress(new LinkAddress(100, machine.Address, 24)));
        machines.Add(machine);
        return machine;
    }

    /// <summary>Gives a namespace a link to the switch, down and without an address.</summary>
    public void Plug(NetworkNamespace space, string port, string link, int index) => switchSocket.Execute(new NetlinkRequest().AddVeth(
        new VethPair(port, 1000 + index, 1500, switchIndex, 0, link, index, new PhysicalAddress([2, 0, 0, 0, 2, (byte)index]), space.Descriptor)));

    /// <summary>The next machine, not on the switch: its eth1 leads straight to eth1 of a router, which is up and has no address yet.</summary>
    public TestMachine AddFarMachine(NetworkNamespace router, NetlinkSocket routerSocket)
    {
        var number = machines.Count + 1;
        var (pins, space) = MakeNamespace($"node{number}");
        var socket = NetlinkSocket.OpenIn(space);
        routerSocket.Execute(new NetlinkRequest().AddVeth(new VethPair("eth1", 201, 1500, 0, 0, "eth1", 100, new PhysicalAddress([2, 0, 0, 0, 1, (byte)number]), space.Descriptor)));
        var machine = new TestMachine(number, pins, space, socket, Path.Combine(directory, $"run{number}", "pods")) { Address = IPAddress.Parse($"192.168.57.{10 + number}") };
        socket.Execute(new NetlinkRequest().SetLink(1, "lo up", up: true).SetLink(100, "eth1 up", up: true).AddAddress(new LinkAddress(100, machine.Address, 24)));
        machines.Add(machine);
        return machine;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in machines) await machine.DisposeAsync();
        switchSocket.Dispose();
        switchNamespace.Dispose();
        switchPins.Remove();
        Directory.Delete(directory, recursive: true);
        Assert.DoesNotContain(Mounts.Read(), mount => mount.Target.StartsWith(directory, StringComparison.Ordinal));
    }

    private (PinnedNamespaces Pins, NetworkNamespace Namespace) MakeNamespace(string name)
    {
        var pins = new PinnedNamespaces(Path.Combine(directory, name));
        pins.Create();
        return (pins, NetworkNamespace.Open(pins.Net));
    }
}

/// <summary>One machine: where the agent's network part runs, and its pods.</summary>
internal sealed class TestMachine(int number, PinnedNamespaces pins, NetworkNamespace space, NetlinkSocket socket, string podsDirectory) : IAsyncDisposable
{
    private readonly Dictionary<string, NetworkNamespace> pods = [];

    public int Number => number;
    public NetworkNamespace Namespace => space;
    public NetlinkSocket Socket => socket;
    public string PodsDirectory => podsDirectory;
    public IPAddress Address { get; init; } = IPAddress.Parse($"192.168.56.{10 + number}");
    public IPNetwork PodCidr { get; } = IPNetwork.Parse($"10.244.{number}.0/24");
    public Peer AsPeer => new($"node{number}", Address, PodCidr);
    public NodeNetwork? Network { get; private set; }

    public PodNetworkConfig Config => new($"node{number}", Address, PodCidr, IPNetwork.Parse("10.96.0.0/16")) { Node = space, PodsDirectory = podsDirectory };

    public async Task<NodeNetwork> Start() => Network = await NodeNetwork.Start(Config, CancellationToken.None);

    /// <summary>Ends the agent's network part as a kill would: the kernel keeps everything.</summary>
    public async Task Stop()
    {
        if (Network is not null) await Network.DisposeAsync();
        Network = null;
    }

    /// <summary>Pins a namespace as the kubelet does, and connects it.</summary>
    public async Task<IPAddress> AddPod(string uid)
    {
        var file = Config.NetworkNamespacePath(uid);
        new PinnedNamespaces(file).Create();
        return (await Network!.Add(Request(uid))).Address;
    }

    public PodNetworkRequest Request(string uid) => new("default", $"pod-{uid}", uid, Config.NetworkNamespacePath(uid));

    public NetworkNamespace Pod(string uid)
    {
        if (!pods.TryGetValue(uid, out var pod)) pods[uid] = pod = NetworkNamespace.Open(Config.NetworkNamespacePath(uid));
        return pod;
    }

    /// <summary>Forgets the descriptor, which would keep the namespace alive.</summary>
    public void Release(string uid)
    {
        if (pods.Remove(uid, out var pod)) pod.Dispose();
    }

    /// <summary>The next <see cref="Pod"/> opens the pin anew; the namespace of now stays open until the end, as if a process were in it.</summary>
    public void Forget(string uid)
    {
        if (pods.Remove(uid, out var pod)) pods[$"{uid} before {pods.Count}"] = pod;
    }

    /// <summary>Runs a program in the machine's network namespace.</summary>
    public void Execute(string program, params string[] arguments) => space.Run(() =>
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    });

    /// <summary>Everything of ours in the machine's namespace, as text, to compare before and after.</summary>
    public IReadOnlyList<string> Dump()
    {
        var links = Links.List(socket);
        return [.. links.Select(link => (link with { Flags = link.Flags & LibC.IFF_UP }).ToString()) // the carrier follows later
            .Concat(Addresses.List(socket).Select(address => address.ToString()))
            .Concat(Routes.List(socket).Select(route => route.ToString()))
            .Concat(links.Where(link => link.Kind == "bridge").SelectMany(bridge => Neighbors.ListForwarding(socket, bridge.Index)).Where(entry => entry.Static).Select(entry => entry.ToString()))
            .Concat(links.Where(link => link.Kind == "vxlan").SelectMany(device => Vxlan.ListTunnels(socket, device.Index)).Select(entry => entry.ToString()))
            .Concat(links.Where(link => link.Kind is "bridge" or "vxlan").SelectMany(bridge => Neighbors.List(socket, bridge.Index)).Where(entry => (entry.State & LibC.NUD_PERMANENT) != 0).Select(entry => entry.ToString()))
            .Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        foreach (var pod in pods.Values) pod.Dispose();
        NodeNetwork.Cleanup(space, podsDirectory);
        socket.Dispose();
        space.Dispose();
        pins.Remove();
    }
}
