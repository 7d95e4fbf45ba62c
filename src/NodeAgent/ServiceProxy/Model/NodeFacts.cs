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

    /// <summary>The node's label topology.kubernetes.io/zone, for endpoints that are meant for a zone.</summary>
    public string? Zone { get; init; }

    /// <summary>On which of the node's addresses nodePorts are served; none = as the mode does by default.</summary>
    public IReadOnlyList<IPNetwork> NodePortAddresses { get; init; } = [];

    /// <summary>Whether nodePorts are served on 127.0.0.1 too (iptables mode only).</summary>
    public bool LocalhostNodePorts { get; init; } = true;

    /// <summary>Whether the same rules follow from both: everything but the version of the Node object.</summary>
    public bool HasRulesOf(NodeFacts other) =>
        NodeName == other.NodeName && PodCidr.Equals(other.PodCidr) && ClusterCidr.Equals(other.ClusterCidr) && ServiceCidr.Equals(other.ServiceCidr)
        && NodeAddress?.ToString() == other.NodeAddress?.ToString() && Zone == other.Zone && LocalhostNodePorts == other.LocalhostNodePorts
        && NonMasqueradeCidrs.SequenceEqual(other.NonMasqueradeCidrs) && NodePortAddresses.SequenceEqual(other.NodePortAddresses);

    /// <summary>The node's InternalIP.</summary>
    public IPAddress? NodeAddress { get; init; }

    public Origin Origin => new("Node", NodeName, ResourceVersion);
}
