using System.Net;
using Linux;
using Microsoft.Extensions.Logging;

namespace NodeAgent.PodNetwork;

/// <summary>Makes the kernel have what it shall have: reads, compares, changes, until nothing differs. Not for several threads at once.</summary>
internal sealed class NetworkRepair(PodNetworkConfig config, NetlinkSocket socket, PodConnections pods)
{
    /// <summary>Bridge first, then what hangs on it and the VXLAN device, then what hangs on that, then nothing.</summary>
    private const int Passes = 4;

    private (int Bridge, int Mtu) madeFor;
    private string reported = "";
    private NetworkNews? compared;

    /// <summary>Where a route of ours was seen, and is still wanted.</summary>
    private readonly HashSet<IPNetwork> held = [];

    /// <summary>Connects pods to the bridge as it is; null while there is no bridge.</summary>
    public PodLink? Links { get; private set; }

    /// <summary>How often everything was compared.</summary>
    public int Comparisons { get; private set; }

    /// <summary>How long to leave things alone after the last comparison, since somebody keeps undoing repairs.</summary>
    public TimeSpan Contested { get; private set; }

    /// <summary>The nodes that are reached through VXLAN, by name.</summary>
    public IReadOnlySet<string> Tunnelled { get; private set; } = new HashSet<string>();

    /// <param name="peers">Null = not known yet.</param>
    /// <param name="orphans">Whether it is a full comparison: links without a pod go too, and the pods' own ends are looked at.</param>
    /// <param name="report">What has to be mended now is others' doing, unless the desired state is another than before.</param>
    /// <returns>What could not be mended.</returns>
    /// <exception cref="NodeAddressMissingException"/>
    public IReadOnlyList<string> Compare(IReadOnlyList<Peer>? peers, bool orphans, bool report = false)
    {
        Comparisons++;
        Contested = TimeSpan.Zero;
        IReadOnlyList<string> problems = [];
        var drift = new List<NetworkChange>();
        NodeFacts? facts = null;
        for (var pass = 0; pass < Passes; pass++)
        {
            var observed = Read();
            facts = PathFacts.Read(socket, observed, config, peers);
            var desired = DesiredNetwork.Of(config, facts, peers, pods.Ports);
            held.IntersectWith(desired.Routes.Select(route => route.Destination));
            if (observed.Bridge is { } bridge) Links = LinksOn(bridge, desired.Bridge.Mtu);
            var changes = NetworkDiff.Between(desired, observed, orphans);
            // What a later pass finds follows from the first: a device that another desired state asked for gets its entries.
            if (report && (pass == 0 || drift.Count > 0)) drift.AddRange(NetworkDrift.Among(changes, desired, compared?.Observed).Except(drift));
            compared = new NetworkNews(desired, observed);
            if (changes.Count == 0) break;
            foreach (var change in changes) config.Log.LogInformation("{Change}", change);
            problems = NetworkApply.Apply(changes, socket, config.Node, Index, port => pods.Reconnect(port, Links!));
            if (problems.Count > 0) break;

            int Index(string name) => observed.Links.TryGetValue(name, out var link) ? link.Index : 0;
        }
        Tunnelled = (peers ?? []).Where(peer => OverlaySpec.IsTunnelled(config, facts!, peer)).Select(peer => peer.NodeName).ToHashSet();
        if (Links is not null) problems = [.. problems, .. pods.CheckInside(Links, all: orphans)];
        Report([.. problems, .. Unreachable(facts!, peers ?? [])]);
        if (drift.Count > 0 && problems.Count == 0) Contested = config.Repaired([.. drift.Select(NetworkDrift.Of)], null);
        return problems;
    }

    /// <summary>A foreign route that was there before ours is the administrator's, and stays; one that came in place of ours has undone it.</summary>
    private ObservedNetwork Read()
    {
        var observed = ObservedNetwork.Read(socket, config.Node);
        held.UnionWith(observed.Routes.Select(route => route.Destination));
        return observed with { ForeignRoutes = observed.ForeignRoutes.Where(held.Contains).ToHashSet() };
    }

    /// <param name="messages">Null = some were lost.</param>
    public bool IsNews(IReadOnlyList<NetlinkMessage>? messages) =>
        messages is null || compared is null || (messages.Count > 0 && compared.In(messages, pods.Ports));

    /// <summary>The kernel tells events of a few settings only.</summary>
    public bool SettingsDiffer() => compared is { } last && config.Node.Run(() => NetworkDiff.OfSysctls(last.Desired, Sysctl.Read).Any());

    /// <summary>Says a set of problems once, not at every comparison.</summary>
    public void Report(IReadOnlyList<string> problems)
    {
        var text = string.Join("; ", problems);
        if (text == reported) return;
        reported = text;
        if (text.Length > 0) config.Log.LogWarning("{Problems}", text);
    }

    private IEnumerable<string> Unreachable(NodeFacts facts, IReadOnlyList<Peer> peers) =>
        from peer in peers
        let why = facts.Unreachable.GetValueOrDefault(peer.NodeName) ?? (config.Overlay == OverlayMode.Never && !facts.DirectPeers.Contains(peer.NodeName)
            ? $"{peer.NodeAddress} is not directly reachable over {facts.NodeLink}, and VXLAN is off (--overlay never)" : null)
        where why is not null
        select $"Node {peer.NodeName}: {why}, so its pods are not reached";

    private PodLink LinksOn(Link bridge, int mtu)
    {
        if (Links is not null && madeFor == (bridge.Index, mtu)) return Links;
        madeFor = (bridge.Index, mtu);
        return new PodLink(socket, bridge.Index, mtu, Marks.Gateway(config.PodCidr));
    }
}
