using Linux;
using NodeAgent.KernelState;

namespace NodeAgent.PodNetwork;

/// <summary>What the pod network's comparison would change, without changing anything.</summary>
internal static class NetworkPlan
{
    /// <summary>Of things that do not exist yet: the kernel gives no link these numbers.</summary>
    private const int NewBridge = int.MaxValue, NewOverlay = int.MaxValue - 1;

    private const int Passes = 3;

    /// <param name="peers">Null = not known.</param>
    /// <param name="pods">Those that are connected.</param>
    /// <exception cref="NodeAddressMissingException">No link has the node address.</exception>
    public static IReadOnlyList<KernelChange> Read(PodNetworkConfig config, IReadOnlyList<Peer>? peers, IEnumerable<PodPort> pods)
    {
        using var socket = NetlinkSocket.OpenIn(config.Node);
        var observed = ObservedNetwork.Read(socket, config.Node);
        return [.. Steps(DesiredNetwork.Of(config, PathFacts.Read(socket, observed, config, peers), peers, pods), observed).Select(NetworkDrift.Of)];
    }

    /// <summary>Pure: also what would follow once bridge and VXLAN device were there.</summary>
    public static IReadOnlyList<NetworkChange> Steps(DesiredNetwork desired, ObservedNetwork observed)
    {
        var steps = new List<NetworkChange>();
        for (var pass = 0; pass < Passes; pass++)
        {
            var changes = NetworkDiff.Between(desired, observed, orphans: true).Except(steps).ToList();
            steps.AddRange(changes);
            if (changes.OfType<AddBridge>().Any())
                observed = With(observed, new Link(NewBridge, Marks.Bridge, "bridge", desired.Bridge.Mac, desired.Bridge.Mtu, LibC.IFF_UP, null, null, 0, null, null)) with { Forwarding = [], Neighbors = [] };
            else if (changes.OfType<AddOverlay>().Any() && desired.Overlay is { } spec)
                observed = With(observed, new Link(NewOverlay, Marks.Overlay, "vxlan", spec.Mac, spec.Mtu, LibC.IFF_UP, null, null, 0, null, null)
                {
                    Vxlan = spec.Parameters(observed.Links.GetValueOrDefault(spec.Link)?.Index ?? 0),
                });
            else break;
        }
        return steps;
    }

    private static ObservedNetwork With(ObservedNetwork observed, Link link)
    {
        var links = observed.Links.Where(known => known.Key != link.Name).ToDictionary();
        links[link.Name] = link;
        return observed with
        {
            Links = links, Bridge = link.Name == Marks.Bridge ? link : observed.Bridge,
            Overlay = link.Name == Marks.Overlay ? new ObservedOverlay(link, [], []) : observed.Overlay,
        };
    }
}
