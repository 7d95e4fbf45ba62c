using System.Net;
using Linux;
using NodeAgent.PodNetwork;
using NodeAgent.ServiceProxy;

namespace Benchmarks.Services;

/// <summary>A node in a namespace: its pod network as the agent makes it, and the rules of some Services, which its pods' packets pass.</summary>
internal sealed class PodNode : IAsyncDisposable
{
    private readonly Space space;
    private readonly PodNetworkConfig config;
    private readonly List<NetworkNamespace> pods = [];
    private NodeNetwork? network;

    /// <param name="number">1 … 99: node's address 192.168.56.10 + number, podCIDR 10.128.NUMBER.0/24.</param>
    public PodNode(string directory, int number, OverlayMode overlay)
    {
        space = new(directory, $"node{number}");
        config = new($"node{number}", new IPAddress([192, 168, 56, (byte)(10 + number)]), IPNetwork.Parse($"10.128.{number}.0/24"), MadeUpServices.Facts.ServiceCidr)
        {
            Node = space.Namespace, PodsDirectory = Path.Combine(directory, $"run{number}", "pods"), Overlay = overlay,
        };
    }

    public Peer AsPeer => new(config.NodeName, config.NodeAddress, config.PodCidr);

    /// <summary>The nodes that are reached through VXLAN, by name.</summary>
    public IReadOnlySet<string> Tunnelled => network!.Tunnelled;

    public async Task Start(Switch wire, IEnumerable<Peer> others, IptablesBackend iptables, int services, CancellationToken cancel)
    {
        await wire.Plug(space, "eth1", config.NodeAddress);
        network = await NodeNetwork.Start(config, cancel);
        await network.SetPeers([.. others]);
        using var rules = new OurRules(space, ProxyMode.Iptables, iptables, MadeUpServices.Facts with { NodeName = config.NodeName, PodCidr = config.PodCidr });
        await rules.Load(services, cancel);
    }

    public async Task<(NetworkNamespace Namespace, IPAddress Address)> AddPod()
    {
        var uid = $"{config.NodeName}-{pods.Count}";
        new PinnedNamespaces(config.NetworkNamespacePath(uid)).Create();
        var connected = await network!.Add(new PodNetworkRequest("default", uid, uid, config.NetworkNamespacePath(uid)));
        pods.Add(NetworkNamespace.Open(config.NetworkNamespacePath(uid)));
        return (pods[^1], connected.Address);
    }

    public async ValueTask DisposeAsync()
    {
        if (network is not null) await network.DisposeAsync();
        foreach (var pod in pods) pod.Dispose();
        NodeNetwork.Cleanup(space.Namespace, config.PodsDirectory);
        space.Dispose();
    }
}
