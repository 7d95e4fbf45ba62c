using System.Net;

namespace NodeAgent.LoadBalancers;

/// <summary>What the API says that the election depends on; the rest, who is alive, the nodes tell each other.</summary>
/// <param name="Peers">The other nodes' names by address.</param>
/// <param name="Excluded">Nodes, this one included, with the label node.kubernetes.io/exclude-from-external-load-balancers.</param>
internal sealed record ClusterView(IReadOnlyList<BalancedAddress> Addresses, IReadOnlyDictionary<IPAddress, string> Peers, IReadOnlySet<string> Excluded)
{
    public const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    public static readonly ClusterView Nothing = new([], new Dictionary<IPAddress, string>(), new HashSet<string>());
}
