using System.Net;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;

namespace KernelTests.ServiceProxy;

/// <summary>By what Services get into the kernel: iptables with either of its back ends, or nftables.</summary>
public enum RuleMode
{
    IptablesNft,
    IptablesLegacy,
    Nftables,
}

/// <summary>
/// A node (192.168.56.11) with three pods (10.244.1.2 to .4), another node's pod (10.244.2.2), and an outside host (203.0.113.9) that knows
/// no way back to pods: each a namespace of its own. The pods are connected as PodNetwork does it: /32 addresses, hairpin on.
/// </summary>
internal sealed class ServiceNetwork : IAsyncDisposable
{
    public const string Vip = "10.96.0.17", OtherVip = "10.96.0.18", RemotePod = "10.244.2.2", OutsideAddress = "203.0.113.9";

    /// <summary>A UDP port of the node that is a pod's own.</summary>
    public const int HostPort = 7053;

    private readonly string directory = Directory.CreateTempSubdirectory("services-").FullName;
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];
    private readonly List<string> restores = [];

    public static readonly NodeFacts Facts = new()
    {
        NodeName = "node1", PodCidr = IPNetwork.Parse("10.244.1.0/24"),
        ClusterCidr = IPNetwork.Parse("10.244.0.0/16"), ServiceCidr = IPNetwork.Parse("10.96.0.0/16"),
    };

    private ServiceNetwork(RuleMode mode)
    {
        Mode = mode;
        Node = new(directory, "node1");
        Pods = [new(directory, "pod1"), new(directory, "pod2"), new(directory, "pod3")];
        Remote = new(directory, "node2");
        Outside = new(directory, "outside");
    }

    public RuleMode Mode { get; }

    /// <summary>Of iptables; in nftables mode the one for the little that has to stand there.</summary>
    public IptablesBackend Backend => Mode == RuleMode.IptablesLegacy ? IptablesBackend.Legacy : IptablesBackend.Nft;

    public TestSpace Node { get; }
    public IReadOnlyList<TestSpace> Pods { get; }
    public TestSpace Remote { get; }
    public TestSpace Outside { get; }

    /// <summary>What went to iptables-restore so far.</summary>
    public IReadOnlyList<string> Restores { get { lock (restores) return [.. restores]; } }

    public static string PodAddress(int pod) => $"10.244.1.{pod + 2}";

    public static Task<ServiceNetwork> Create(IptablesBackend backend, bool bridgeCallsIptables = true) =>
        Create(backend == IptablesBackend.Legacy ? RuleMode.IptablesLegacy : RuleMode.IptablesNft, bridgeCallsIptables);

    public static async Task<ServiceNetwork> Create(RuleMode mode, bool bridgeCallsIptables = true)
    {
        var network = new ServiceNetwork(mode);
        await network.Connect(bridgeCallsIptables);
        return network;
    }

    private async Task Connect(bool bridgeCallsIptables)
    {
        await Node.Ip($"""
            link set lo up
            link add na0 address 0a:58:0a:f4:01:01 type bridge
            link set na0 up
            address add 10.244.1.1/24 dev na0
            link add eth1 type veth peer name eth1 netns {Remote.File}
            link set eth1 up
            address add 192.168.56.11/24 dev eth1
            link add eth2 type veth peer name eth1 netns {Outside.File}
            link set eth2 up
            address add 203.0.113.1/24 dev eth2
            route add 10.244.2.0/24 via 192.168.56.12
            route add 10.96.0.0/16 dev na0 src 192.168.56.11

            """);
        await Remote.Ip("link set lo up\naddress add 10.244.2.2/32 dev lo\nlink set eth1 up\naddress add 192.168.56.12/24 dev eth1\nroute add 10.244.1.0/24 via 192.168.56.11\n");
        await Outside.Ip("link set lo up\nlink set eth1 up\naddress add 203.0.113.9/24 dev eth1\n");
        Node.Sysctls("ipv4/ip_forward=1", "ipv4/conf/all/send_redirects=0", "ipv4/conf/na0/send_redirects=0", "ipv4/conf/all/rp_filter=0",
            "ipv4/conf/na0/rp_filter=0", $"bridge/bridge-nf-call-iptables={(bridgeCallsIptables ? 1 : 0)}");
        for (var pod = 0; pod < Pods.Count; pod++)
        {
            await Node.Ip($"link add nav{pod} type veth peer name eth0 netns {Pods[pod].File}\nlink set nav{pod} master na0 up\nlink set nav{pod} type bridge_slave hairpin on\n");
            await Pods[pod].Ip($"link set lo up\nlink set eth0 up\naddress add {PodAddress(pod)}/32 dev eth0\nroute add 10.244.1.1 dev eth0 scope link\nroute add default via 10.244.1.1\n");
        }
    }

    /// <summary>An agent's proxy in the node's namespace; it ends with this network, or with <paramref name="cancel"/>.</summary>
    public Proxier Start(TimeSpan? compareEvery = null, CancellationToken cancel = default)
    {
        var proxier = new Proxier(NullLogger.Instance, BackEnd(), new StaleFlows(new Conntrack(Node.Namespace), NullLogger.Instance) { HostPorts = new HashSet<int> { HostPort } }, compareEvery ?? TimeSpan.FromHours(1));
        running.Add(proxier.Run(CancellationTokenSource.CreateLinkedTokenSource(stop.Token, cancel).Token));
        return proxier;
    }

    /// <summary>A way into the node's kernel that knows nothing of others before it.</summary>
    public IRuleBackEnd BackEnd() => Mode == RuleMode.Nftables ? new NftablesBackEnd(Node.Namespace, new ForwardAccept(Recording, Backend)) : new IptablesBackEnd(Recording, Backend);

    /// <summary>Starts a proxy and waits until these Services are in the kernel.</summary>
    public async Task<Proxier> Serve(IReadOnlyCollection<Service> services, IReadOnlyCollection<EndpointSlice> slices, TimeSpan? compareEvery = null)
    {
        var proxier = Start(compareEvery);
        await Update(proxier, services, slices);
        return proxier;
    }

    public async Task Update(Proxier proxier, IReadOnlyCollection<Service> services, IReadOnlyCollection<EndpointSlice> slices)
    {
        proxier.Replace(services, slices, Facts);
        if (Mode == RuleMode.Nftables)
        {
            await Eventually(() => Missing(ServiceTable.Of(services, slices, Facts)));
            return;
        }
        var wanted = IptablesRenderer.Render(ServiceTable.Of(services, slices, Facts)).Lines().Select(entry => entry.Line).ToList();
        await Eventually(async () => wanted.Except((await Ours()).Split('\n')).FirstOrDefault() is { } missing ? $"missing: {missing}" : null);
    }

    /// <summary>What the kernel lacks or has otherwise; what it still has too much of makes no difference to packets, but for elements.</summary>
    private async Task<string?> Missing(ServiceTable table)
    {
        var backEnd = BackEnd();
        using var ends = (IDisposable)backEnd;
        return (await backEnd.Compare(table, write: false, default)).FirstOrDefault(drift => drift.Action != "delete" || drift.What.StartsWith("element"))?.ToString();
    }

    /// <summary>The node's rulesets as nft(8) prints them.</summary>
    public Task<string> Ruleset() => Node.Run("nft", ["list", "ruleset"]);

    /// <summary>The node's nat and filter rules as iptables-save prints them.</summary>
    public async Task<string> Ours() => await Save("-t", "nat") + await Save("-t", "filter");

    /// <summary>Without the comment lines, which have the time in them, and without the chains' counters: a node sends a packet now and then.</summary>
    public async Task<string> Save(params string[] arguments) => string.Join('\n', (await Iptables("save", null, arguments)).Split('\n')
        .Where(line => !line.StartsWith('#')).Select(line => line.StartsWith(':') ? line[..line.IndexOf('[')] : line));

    public Task<string> Iptables(string verb, string? input, params string[] arguments) =>
        Node.Run($"iptables-{(Backend == IptablesBackend.Nft ? "nft" : "legacy")}{(verb.Length > 0 ? "-" : "")}{verb}", arguments, input);

    /// <summary>Waits until nothing is missing; the bound is only there so that it ends.</summary>
    public static async Task Eventually(Func<Task<string?>> missing)
    {
        string? last = null;
        for (var i = 0; i < 1000; i++)
        {
            if ((last = await missing()) is null) return;
            await Task.Delay(20);
        }
        Assert.Fail(last);
    }

    private Task<CommandResult> Recording(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancel)
    {
        if (program.EndsWith("-restore")) lock (restores) restores.Add(input!);
        return Node.TryRun(program, arguments, input, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running);
        foreach (var space in (TestSpace[])[Node, .. Pods, Remote, Outside]) space.Dispose();
        Directory.Delete(directory, recursive: true);
        Assert.DoesNotContain(Mounts.Read(), mount => mount.Target.StartsWith(directory, StringComparison.Ordinal));
    }
}
