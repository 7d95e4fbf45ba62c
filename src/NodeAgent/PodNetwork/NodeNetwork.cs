using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// The pod network of one node: connects and disconnects pods, and keeps bridge, VXLAN device, routes and settings as desired. Stopping leaves all of it
/// in place.
/// </summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    private readonly PodNetworkConfig config;
    private readonly NetlinkSocket socket;
    private readonly PodConnections pods;
    private readonly NetworkRepair repair;
    private readonly SemaphoreSlim gate = new(1);
    private readonly CancellationTokenSource stopping = new();
    private IReadOnlyList<Peer>? peers;

    private NodeNetwork(PodNetworkConfig config)
    {
        this.config = config;
        pods = new PodConnections(config);
        socket = NetlinkSocket.OpenIn(config.Node);
        repair = new NetworkRepair(config, socket, pods);
    }

    /// <summary>The pods that were connected already, by uid. A caller that does not know one deletes it.</summary>
    public IReadOnlyDictionary<string, IPAddress> Adopted { get; private set; } = new Dictionary<string, IPAddress>();

    /// <summary>How often everything was compared.</summary>
    public int Comparisons => repair.Comparisons;

    /// <summary>The nodes that are reached through VXLAN, by name.</summary>
    public IReadOnlySet<string> Tunnelled => repair.Tunnelled;

    /// <summary>After every comparison that found <see cref="Tunnelled"/> changed; on some thread or other.</summary>
    public event Action? TunnelledChanged;

    /// <summary>The watch over the kernel; fails when the node has lost its address.</summary>
    public Task Watching { get; private set; } = Task.CompletedTask;

    /// <summary>Adopts what an earlier agent left, mends what is not right, removes orphans, and begins to watch.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    /// <exception cref="NodeAddressMissingException">No link has the node address.</exception>
    public static async Task<NodeNetwork> Start(PodNetworkConfig config, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Mounts.MakeShared(config.PodsDirectory);
        var network = new NodeNetwork(config);
        try
        {
            network.pods.Adopt(ObservedNetwork.Read(network.socket, config.Node));
            network.Adopted = network.pods.Addresses;
            var watch = new NetworkWatch(config.Node);
            var problems = network.repair.Compare(null, orphans: true);
            if (network.repair.Links is null) throw new IOException($"the bridge {Marks.Bridge} cannot be made: {string.Join("; ", problems)}");
            var loop = new NetworkLoop(config, network.repair, network.gate, full => network.Compare(full, report: true));
            network.Watching = Task.Run(() => loop.Run(watch, network.stopping.Token), CancellationToken.None);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects a pod whose network namespace is pinned. A pod that is connected keeps its address; what is not right is mended.</summary>
    /// <exception cref="PodAddressesExhaustedException">All addresses are in use.</exception>
    /// <exception cref="IOException">The namespace does not exist, or the kernel refuses; nothing is left behind.</exception>
    public async Task<PodSandboxNetwork> Add(PodNetworkRequest request, CancellationToken cancel = default)
    {
        await gate.WaitAsync(cancel);
        try
        {
            var port = pods.Add(request, repair.Links!, socket);
            return new PodSandboxNetwork(port.Address, port.LinkName);
        }
        finally { gate.Release(); }
    }

    /// <summary>
    /// Disconnects a pod and drops the pin of its network namespace; the kernel removes the links when its last process is gone.
    /// A pod that is not connected is fine.
    /// </summary>
    public async Task Delete(string uid)
    {
        await gate.WaitAsync();
        try { pods.Delete(uid, socket); }
        finally { gate.Release(); }
    }

    /// <summary>The other nodes, all of them: one that is missing here loses its route and its tunnel at once.</summary>
    /// <exception cref="NodeAddressMissingException">No link has the node address just now; the watch tries again.</exception>
    public async Task SetPeers(IReadOnlyList<Peer> others)
    {
        await gate.WaitAsync();
        try
        {
            if (peers is null || !peers.SequenceEqual(others)) PeerNames.Write(config.PodsDirectory, others);
            peers = others;
            Compare(orphans: false);
        }
        finally { gate.Release(); }
    }

    private void Compare(bool orphans, bool report = false)
    {
        var before = repair.Tunnelled;
        repair.Compare(peers, orphans, report);
        if (!before.SetEquals(repair.Tunnelled)) TunnelledChanged?.Invoke();
    }

    /// <summary>What is in the kernel, with the API object of each.</summary>
    public IEnumerable<StateLine> State() => StateLines.Of(ObservedNetwork.Read(socket, config.Node), config.NodeName, (peers ?? []).ToDictionary(peer => peer.NodeAddress, peer => peer.NodeName));

    /// <summary>As <see cref="State"/>, without an agent.</summary>
    public static IReadOnlyList<StateLine> ReadState(string nodeName, NetworkNamespace? node = null, string podsDirectory = "/run/nodeagent/pods")
    {
        using var socket = NetlinkSocket.OpenIn(node ?? NetworkNamespace.Current);
        return [.. StateLines.Of(ObservedNetwork.Read(socket, node ?? NetworkNamespace.Current), nodeName, PeerNames.Read(podsDirectory))];
    }

    /// <summary>Removes everything that carries our marks; see <see cref="NetworkCleanup"/>. No agent may be running.</summary>
    public static void Cleanup(NetworkNamespace? node = null, string podsDirectory = "/run/nodeagent/pods") =>
        NetworkCleanup.Run(node ?? NetworkNamespace.Current, podsDirectory);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
        stopping.Dispose();
    }
}
