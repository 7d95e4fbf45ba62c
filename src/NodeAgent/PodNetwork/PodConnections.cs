using System.Net;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>
/// The node's connected pods and their addresses. Kept in memory only: what an earlier agent connected is found in the kernel. Not for several
/// threads at once.
/// </summary>
internal sealed class PodConnections(PodNetworkConfig config)
{
    private readonly PodAddresses addresses = new(config.PodCidr);
    private readonly Dictionary<string, PodPort> pods = [];
    private readonly Dictionary<string, string> paths = [];

    /// <summary>The MTU that a pod's own end is known to have.</summary>
    private readonly Dictionary<string, int> mtus = [];

    public IReadOnlyCollection<PodPort> Ports => pods.Values;

    public IReadOnlyDictionary<string, IPAddress> Addresses => pods.ToDictionary(pod => pod.Key, pod => pod.Value.Address);

    /// <summary>
    /// A pod link with our alias and a pinned namespace is a connected pod. Its address is in its forwarding entry's MAC, or else inside.
    /// What is not adopted is an orphan.
    /// </summary>
    public void Adopt(ObservedNetwork observed)
    {
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
    }

    /// <summary>A pod that is connected keeps its address; what is not right is mended.</summary>
    /// <exception cref="PodAddressesExhaustedException">All addresses are in use.</exception>
    /// <exception cref="IOException">The namespace does not exist, or the kernel refuses; nothing is left behind.</exception>
    public PodPort Add(PodNetworkRequest request, PodLink links, NetlinkSocket socket)
    {
        if (pods.TryGetValue(request.Uid, out var known)) Keep(known, request, links, socket);
        else Connect(request, links);
        mtus[request.Uid] = links.Mtu;
        return pods[request.Uid];
    }

    private void Connect(PodNetworkRequest request, PodLink links)
    {
        var port = new PodPort(request.Namespace, request.Name, request.Uid, addresses.Allocate());
        try { links.Add(port, request.NetworkNamespacePath); }
        catch
        {
            addresses.Release(port.Address);
            throw;
        }
        pods[request.Uid] = port;
        paths[request.Uid] = request.NetworkNamespacePath;
    }

    private void Keep(PodPort known, PodNetworkRequest request, PodLink links, NetlinkSocket socket)
    {
        pods[request.Uid] = known with { Namespace = request.Namespace, Name = request.Name };
        paths[request.Uid] = request.NetworkNamespacePath;
        if (Links.Find(socket, known.LinkName) is null || !links.Check(pods[request.Uid], request.NetworkNamespacePath))
            links.Add(pods[request.Uid], request.NetworkNamespacePath);
    }

    /// <summary>Connects a known pod anew, with the address that it has.</summary>
    public void Reconnect(PodPort port, PodLink links)
    {
        links.Add(port, paths[port.Uid]);
        mtus[port.Uid] = links.Mtu;
    }

    /// <summary>Drops the pin of the pod's namespace; the links go with it. A pod that is not connected is fine.</summary>
    public void Delete(string uid, NetlinkSocket socket)
    {
        PinnedNamespaces.Remove(paths.GetValueOrDefault(uid, config.NetworkNamespacePath(uid)));
        if (!pods.Remove(uid, out var port)) return;
        paths.Remove(uid);
        mtus.Remove(uid);
        if (Links.Find(socket, Marks.Bridge) is { } bridge) socket.TryExecute(new NetlinkRequest().DeleteNeighbor(bridge.Index, port.Address));
        addresses.Release(port.Address);
    }

    /// <summary>
    /// Sees to it that the pods' own ends have this MTU, which no event of this namespace tells. Running pods keep their connections.
    /// </summary>
    /// <param name="all">Also of pods that had it when last looked at.</param>
    /// <returns>What went wrong, by pod.</returns>
    public IEnumerable<string> CheckInside(PodLink links, bool all)
    {
        foreach (var port in pods.Values.Where(port => all || mtus.GetValueOrDefault(port.Uid) != links.Mtu))
        {
            string? problem = null;
            try
            {
                if (!links.Check(port, paths[port.Uid])) links.Add(port, paths[port.Uid]);
                mtus[port.Uid] = links.Mtu;
            }
            catch (IOException error) { problem = $"{port.Source}: {error.Message}"; }
            if (problem is not null) yield return problem;
        }
    }

    /// <summary>A file that pins no namespace (after a reboot, say) is no reason to stop.</summary>
    private static IPAddress? AddressInside(string path)
    {
        try { return PodLink.AddressInside(path); }
        catch (IOException) { return null; }
    }
}
