using System.Net;
using Linux;
using Microsoft.Extensions.Logging;

namespace NodeAgent.PodNetwork;

/// <summary>
/// The pod network of one node: connects and disconnects pods, and keeps bridge, routes and settings as desired. Every change of the kernel's
/// network state wakes a loop that compares everything; it also does so every few minutes. Stopping leaves all of it in place.
/// </summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    /// <summary>Events come in bursts (one pod makes a dozen); the loop waits so long for the rest of one.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(200);

    /// <summary>Bridge first, then what hangs on it, then nothing.</summary>
    private const int Passes = 3;

    private readonly PodNetworkConfig config;
    private readonly NetlinkSocket socket;
    private readonly PodAddresses addresses;
    private readonly SemaphoreSlim gate = new(1);
    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<string, PodPort> pods = [];
    private readonly Dictionary<string, string> paths = [];
    private IReadOnlyList<Peer>? peers;
    private string reported = "";
    private PodLink? links;
    private (int Bridge, int Mtu) madeFor;
    private Task watching = Task.CompletedTask;

    private NodeNetwork(PodNetworkConfig config)
    {
        this.config = config;
        addresses = new PodAddresses(config.PodCidr);
        socket = NetlinkSocket.OpenIn(config.Node);
    }

    /// <summary>The pods that were connected already, by uid. A caller that does not know one deletes it.</summary>
    public IReadOnlyDictionary<string, IPAddress> Adopted { get; private set; } = new Dictionary<string, IPAddress>();

    /// <summary>Adopts what an earlier agent left, mends what is not right, removes orphans, and begins to watch.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    /// <exception cref="InvalidOperationException">No link has the node address.</exception>
    public static async Task<NodeNetwork> Start(PodNetworkConfig config, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Mounts.MakeShared(config.PodsDirectory);
        var network = new NodeNetwork(config);
        try
        {
            network.Adopt();
            var events = new NetlinkEvents(config.Node, LibC.RTNLGRP_LINK, LibC.RTNLGRP_NEIGH, LibC.RTNLGRP_IPV4_IFADDR, LibC.RTNLGRP_IPV4_ROUTE);
            var problems = network.Compare(orphans: true);
            if (network.links is null) throw new IOException($"the bridge {Marks.Bridge} cannot be made: {string.Join("; ", problems)}");
            network.watching = Task.Run(() => network.Watch(events, network.stopping.Token), CancellationToken.None);
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
            if (pods.TryGetValue(request.Uid, out var known)) Keep(known, request);
            else Connect(request);
            var port = pods[request.Uid];
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
        try
        {
            PinnedNamespaces.Remove(paths.GetValueOrDefault(uid, config.NetworkNamespacePath(uid)));
            if (!pods.Remove(uid, out var port)) return;
            paths.Remove(uid);
            var bridge = Links.Find(socket, Marks.Bridge);
            if (bridge is not null) socket.TryExecute(new NetlinkRequest().DeleteNeighbor(bridge.Index, port.Address));
            addresses.Release(port.Address);
        }
        finally { gate.Release(); }
    }

    /// <summary>The other nodes, all of them: one that is missing here loses its route at once.</summary>
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
        await watching;
        socket.Dispose();
        stopping.Dispose();
    }

    private void Connect(PodNetworkRequest request)
    {
        var port = new PodPort(request.Namespace, request.Name, request.Uid, addresses.Allocate());
        try { links!.Add(port, request.NetworkNamespacePath); }
        catch
        {
            addresses.Release(port.Address);
            throw;
        }
        pods[request.Uid] = port;
        paths[request.Uid] = request.NetworkNamespacePath;
    }

    private void Keep(PodPort known, PodNetworkRequest request)
    {
        pods[request.Uid] = known with { Namespace = request.Namespace, Name = request.Name };
        paths[request.Uid] = request.NetworkNamespacePath;
        if (Links.Find(socket, known.LinkName) is null || !links!.Check(pods[request.Uid], request.NetworkNamespacePath))
            links!.Add(pods[request.Uid], request.NetworkNamespacePath);
    }

    /// <summary>
    /// A pod link with our alias and a pinned namespace is a connected pod. Its address is in its forwarding entry's MAC, or else inside.
    /// What is not adopted is an orphan.
    /// </summary>
    private void Adopt()
    {
        var observed = ObservedNetwork.Read(socket, config.Node);
        foreach (var link in observed.PodLinks.Where(link => link.Group == Marks.LinkGroup))
        {
            if (Marks.ParseAlias(link.Alias) is not var (space, name, uid) || Marks.PodLink(uid) != link.Name) continue;
            var path = config.NetworkNamespacePath(uid);
            if (!File.Exists(path)) continue;
            var address = observed.Forwarding.Where(entry => entry.Port == link.Index).Select(entry => Marks.AddressOf(entry.LinkAddress))
                .FirstOrDefault(address => address is not null) ?? AddressInside(path);
            if (address is null || !addresses.Reserve(address)) continue;
            pods[uid] = new PodPort(space, name, uid, address);
            paths[uid] = path;
        }
        Adopted = pods.ToDictionary(pod => pod.Key, pod => pod.Value.Address);
    }

    /// <summary>A file that pins no namespace (after a reboot, say) is no reason to stop.</summary>
    private static IPAddress? AddressInside(string path)
    {
        try { return PodLink.AddressInside(path); }
        catch (IOException) { return null; }
    }

    /// <summary>Compares and mends until nothing differs. The gate is held, or nobody else is here yet.</summary>
    /// <returns>What could not be mended.</returns>
    private IReadOnlyList<string> Compare(bool orphans)
    {
        IReadOnlyList<string> problems = [], unreachable = [];
        for (var pass = 0; pass < Passes; pass++)
        {
            var observed = ObservedNetwork.Read(socket, config.Node);
            var facts = observed.Facts(socket, config, peers ?? []);
            var desired = DesiredNetwork.Of(config, facts, peers, pods.Values);
            unreachable = Unreachable(facts);
            if (observed.Bridge is { } bridge) links = LinksOn(bridge, desired.Bridge.Mtu);
            var changes = NetworkDiff.Between(desired, observed, orphans);
            if (changes.Count == 0) break;
            foreach (var change in changes) config.Log.LogInformation("{Change}", change);
            problems = NetworkApply.Apply(changes, socket, config.Node, Index, port => links!.Add(port, paths[port.Uid]));
            if (problems.Count > 0) break;

            int Index(string name) => observed.Links.TryGetValue(name, out var link) ? link.Index : 0;
        }
        Report([.. problems, .. unreachable]);
        return problems;
    }

    /// <summary>Host-gateway routes lead to nodes on the same layer 2 only.</summary>
    private IReadOnlyList<string> Unreachable(NodeFacts facts) =>
        [.. from peer in peers ?? []
            where !facts.DirectPeers.Contains(peer.NodeName)
            select $"Node {peer.NodeName}: {peer.NodeAddress} is not directly reachable over {facts.NodeLink}, so its pods are not (there is no VXLAN yet)"];

    private PodLink LinksOn(Link bridge, int mtu)
    {
        if (links is not null && madeFor == (bridge.Index, mtu)) return links;
        madeFor = (bridge.Index, mtu);
        return new PodLink(socket, bridge.Index, mtu, Marks.Gateway(config.PodCidr));
    }

    /// <summary>Each set of problems once, not at every comparison.</summary>
    private void Report(IReadOnlyList<string> problems)
    {
        var text = string.Join("; ", problems);
        if (text == reported) return;
        reported = text;
        if (text.Length > 0) config.Log.LogWarning("{Problems}", text);
    }

    private async Task Watch(NetlinkEvents events, CancellationToken cancel)
    {
        using (events)
        {
            while (!cancel.IsCancellationRequested)
            {
                try
                {
                    var happened = await Wait(events, cancel);
                    await gate.WaitAsync(cancel);
                    try { Compare(orphans: !happened); }
                    finally { gate.Release(); }
                }
                catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
                catch (Exception error)
                {
                    Report([error.Message]); // nothing may end the watch; it looks again at the next event
                    await Task.Delay(Burst, CancellationToken.None);
                }
            }
        }
    }

    /// <returns>False when nothing happened for so long that a full comparison is due.</returns>
    private async Task<bool> Wait(NetlinkEvents events, CancellationToken cancel)
    {
        using var due = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        due.CancelAfter(config.FullCompareEvery);
        try
        {
            while (await events.Next(due.Token) is { } messages && !messages.Any(Concerns)) { }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { return false; }
        await Task.Delay(Burst, cancel);
        events.Drain();
        return true;
    }

    /// <summary>Neighbour entries come and go all the time on other links; ours are permanent or static.</summary>
    private bool Concerns(NetlinkMessage message) =>
        message.Type is not (LibC.RTM_NEWNEIGH or LibC.RTM_DELNEIGH)
        || (message.Body<LibC.ndmsg>() is var entry && (entry.ndm_ifindex == madeFor.Bridge || (entry.ndm_state & (LibC.NUD_NOARP | LibC.NUD_PERMANENT)) != 0));
}
