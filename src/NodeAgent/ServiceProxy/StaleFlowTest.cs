using System.Net;
using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>Pure: which UDP flows no longer lead where new ones would.</summary>
/// <param name="frontends">Those to be judged, and the endpoints that may keep flows.</param>
/// <param name="nodeAddresses">Where node ports are.</param>
internal sealed class StaleFlowTest(IReadOnlyDictionary<FrontendKey, HashSet<(IPAddress, int)>> frontends, IReadOnlySet<IPAddress> nodeAddresses)
{
    /// <summary>Set where <c>frontends</c> are all that there are: then flows to others that were translated as a Service's were left by one that is gone.</summary>
    public NodeFacts? AbandonedOn { get; init; }

    /// <summary>UDP ports of the node that are pods' own.</summary>
    public IReadOnlySet<int> HostPorts { get; init; } = new HashSet<int>();

    public bool IsStale(ConntrackFlow flow)
    {
        if (flow.Protocol != ConntrackProtocol.Udp) return false;
        if (!frontends.TryGetValue(new(flow.Destination, "udp", flow.DestinationPort), out var serving)
            && !(IsNodes(flow.Destination) && frontends.TryGetValue(new(null, "udp", flow.DestinationPort), out serving)))
            return AbandonedOn is not null && flow.IsTranslated && WasService(flow, AbandonedOn);
        if (serving.Contains((flow.ReplySource, flow.ReplySourcePort))) return false;
        // Without endpoints a flow that was never translated has nothing better to go to, and may belong to a program on the node.
        return serving.Count > 0 || flow.IsTranslated;
    }

    private bool IsNodes(IPAddress address) => IPAddress.IsLoopback(address) || nodeAddresses.Contains(address);

    /// <summary>A clusterIP; or to a pod, by an address of the outside that is no pod's host port.</summary>
    private bool WasService(ConntrackFlow flow, NodeFacts node) => node.ServiceCidr.Contains(flow.Destination)
        || (node.ClusterCidr.Contains(flow.ReplySource) && !HostPorts.Contains(flow.DestinationPort));
}
