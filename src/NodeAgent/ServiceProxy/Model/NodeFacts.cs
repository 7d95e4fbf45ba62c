using System.Net;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>What the rules need to know of the node that they are for. Networks are IPv4.</summary>
internal sealed record NodeFacts
{
    public required string NodeName { get; init; }

    /// <summary>metadata.resourceVersion of the Node object, for <see cref="Origin"/>.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Node.spec.podCIDR: this node's own pods. Null until the controller has given one: then there is nothing to masquerade.</summary>
    public IPNetwork? PodCidr { get; init; }

    /// <summary>All pods of the cluster.</summary>
    public required IPNetwork ClusterCidr { get; init; }

    /// <summary>All clusterIPs.</summary>
    public required IPNetwork ServiceCidr { get; init; }

    /// <summary>
    /// Destinations outside the cluster network that shall see pod addresses as they are, beside the pods themselves: the addresses of
    /// the other nodes (/32 each), which have routes back. Not whole networks with machines that have none, such as the control plane's.
    /// </summary>
    public IReadOnlyList<IPNetwork> NonMasqueradeCidrs { get; init; } = [];

    public Origin Origin => new("Node", NodeName, ResourceVersion);
}
