using System.Diagnostics;
using System.Net;
using Linux;
using Microsoft.Extensions.Logging;

namespace NodeAgent.PodNetwork;

/// <summary>
/// The pod network of one node: connects and disconnects pods, and keeps bridge, routes and settings as desired. Whatever the kernel tells that
/// is not as it shall be wakes a loop that compares everything; it also does so every few minutes. Stopping leaves all of it in place.
/// </summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    /// <summary>How often the settings are read of which the kernel tells no events, and the shortest time between two comparisons.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(400), ShortestPause = TimeSpan.FromMilliseconds(20);

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
    private NetworkNews? compared;
    private Task watching = Task.CompletedTask;

    private NodeNetwork(PodNetworkConfig config)
    {
        this.config = config;
        addresses = new PodAddresses(config.PodCidr);
        socket = NetlinkSocket.OpenIn(config.Node);
    }

    /// <summary>How often everything was compared.</summary>
    public int Comparisons { get; private set; }

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
            var watch = new NetworkWatch(config.Node);
            var problems = network.Compare(orphans: true);
            if (network.links is null) throw new IOException($"the bridge {Marks.Bridge} cannot be made: {string.Join("; ", problems)}");
            network.watching = Task.Run(() => network.Watch(watch, network.stopping.Token), CancellationToken.None);
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
    /// <param name="report">What has to be mended now is others' doing, unless the desired state is another than before.</param>
    /// <returns>What could not be mended.</returns>
    private IReadOnlyList<string> Compare(bool orphans, bool report = false)
    {
        Comparisons++;
        IReadOnlyList<string> problems = [], unreachable = [];
        var drift = new List<NetworkChange>();
        for (var pass = 0; pass < Passes; pass++)
        {
            var observed = ObservedNetwork.Read(socket, config.Node);
            var facts = observed.Facts(socket, config, peers ?? []);
            var desired = DesiredNetwork.Of(config, facts, peers, pods.Values);
            unreachable = Unreachable(facts);
            if (observed.Bridge is { } bridge) links = LinksOn(bridge, desired.Bridge.Mtu);
            var changes = NetworkDiff.Between(desired, observed, orphans);
            if (report) drift.AddRange(NetworkDrift.Among(changes, desired, compared?.Observed).Except(drift));
            compared = new NetworkNews(desired, observed);
            if (changes.Count == 0) break;
            foreach (var change in changes) config.Log.LogInformation("{Change}", change);
            problems = NetworkApply.Apply(changes, socket, config.Node, Index, port => links!.Add(port, paths[port.Uid]));
            if (problems.Count > 0) break;

            int Index(string name) => observed.Links.TryGetValue(name, out var link) ? link.Index : 0;
        }
        Report([.. problems, .. unreachable]);
        if (drift.Count > 0 && problems.Count == 0) config.Repaired([.. drift.Select(NetworkDrift.Of)]);
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

    private async Task Watch(NetworkWatch watch, CancellationToken cancel)
    {
        using var _ = watch;
        var sinceFull = Stopwatch.StartNew();
        while (!cancel.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await watch.Next(LookEvery, cancel);
                await gate.WaitAsync(cancel);
                started = Stopwatch.GetTimestamp();
                try
                {
                    var full = sinceFull.Elapsed >= config.FullCompareEvery;
                    if (full) sinceFull.Restart();
                    if (full | IsNews(await watch.Take()) || SettingsDiffer()) Compare(orphans: full, report: true);
                    else continue;
                }
                finally { gate.Release(); }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (Exception error) { Report([error.Message]); } // nothing may end the watch; it looks again at the next event
            var pause = 2 * Stopwatch.GetElapsedTime(started);
            await Task.Delay(pause > ShortestPause ? pause : ShortestPause, CancellationToken.None);
        }
    }

    private bool IsNews(IReadOnlyList<NetlinkMessage>? messages) =>
        messages is null || compared is null || (messages.Count > 0 && compared.In(messages, pods.Values));

    /// <summary>The kernel tells events of a few settings only.</summary>
    private bool SettingsDiffer() => compared is { } last && config.Node.Run(() => NetworkDiff.OfSysctls(last.Desired, Sysctl.Read).Any());
}
