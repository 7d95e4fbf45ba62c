using System.Net;
using KubeApi.Objects;
using NodeAgent.PodNetwork;
using NodeFacts = NodeAgent.ServiceProxy.Model.NodeFacts;

namespace NodeAgent;

/// <summary>Pure: Node objects → what the pod network and the Service rules need to know of them.</summary>
internal static class NodePeers
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    /// <summary>The other nodes that have both an address and a range of pod addresses, ready or not: their pods may well run.</summary>
    public static IReadOnlyList<Peer> Of(IEnumerable<Node> nodes, string own) =>
        [.. nodes.Where(node => node.Name != own).Select(ToPeer).OfType<Peer>().OrderBy(peer => peer.NodeName, StringComparer.Ordinal)];

    /// <param name="tunnelled">
    /// The nodes that are reached through VXLAN. Their own addresses are not: the routers in between know no pod addresses, so packets there are masqueraded.
    /// </param>
    public static NodeFacts Facts(IReadOnlyCollection<Node> nodes, string name, IPNetwork clusterCidr, IPNetwork serviceCidr,
        IReadOnlyList<string>? tunnelled = null)
    {
        var own = nodes.FirstOrDefault(node => node.Name == name);
        return new NodeFacts
        {
            NodeName = name, ResourceVersion = own?.Metadata.ResourceVersion,
            PodCidr = IPNetwork.TryParse(own?.Spec?.PodCIDR ?? "", out var range) ? range : null,
            ClusterCidr = clusterCidr, ServiceCidr = serviceCidr,
            Zone = own?.Metadata.Labels?.GetValueOrDefault(ZoneLabel), NodeAddress = IPAddress.TryParse(own is null ? null : Address(own), out var address) ? address : null,
            NonMasqueradeCidrs = [.. Of(nodes, name).Where(peer => tunnelled?.Contains(peer.NodeName) != true).Select(peer => new IPNetwork(peer.NodeAddress, 32))],
        };
    }

    /// <summary>The other nodes' names by address.</summary>
    public static IReadOnlyDictionary<IPAddress, string> Addresses(IEnumerable<Node> nodes, string own)
    {
        var names = new Dictionary<IPAddress, string>();
        foreach (var node in nodes.Where(node => node.Name != own))
            if (IPAddress.TryParse(Address(node), out var address)) names[address] = node.Name;
        return names;
    }

    /// <summary>Whether a change of a Node is more than a heartbeat.</summary>
    public static bool Differ(Node? before, Node? after) =>
        before is null || after is null || before.Spec?.PodCIDR != after.Spec?.PodCIDR || Address(before) != Address(after)
        || before.Metadata.Labels?.GetValueOrDefault(ZoneLabel) != after.Metadata.Labels?.GetValueOrDefault(ZoneLabel);

    private static string? Address(Node node) => node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address;

    private static Peer? ToPeer(Node node) =>
        IPAddress.TryParse(Address(node), out var address) && IPNetwork.TryParse(node.Spec?.PodCIDR ?? "", out var range)
            ? new Peer(node.Name, address, range) : null;
}
