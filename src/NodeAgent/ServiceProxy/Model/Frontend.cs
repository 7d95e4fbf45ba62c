using System.Net;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>By what a Service's port is reached; all but the clusterIP are for the outside.</summary>
internal enum FrontendKind
{
    ClusterIP,
    NodePort,
    ExternalIP,
    LoadBalancer,
}

/// <summary>An address and port at which a Service's port is reached.</summary>
/// <param name="Address">Null for a nodePort: every address of the node that is allowed (<see cref="NodeFacts.NodePortAddresses"/>).</param>
/// <param name="Port">The Service's port; of a nodePort the node's.</param>
internal sealed record Frontend(FrontendKind Kind, IPAddress? Address, int Port)
{
    public bool IsExternal => Kind != FrontendKind.ClusterIP;

    public override string ToString() => Address is null ? $"node port {Port}" : $"{Address}:{Port}";
}

/// <summary>What a frontend does with a new connection.</summary>
internal enum FrontendAnswer
{
    /// <summary>It has endpoints to lead to.</summary>
    Serve,

    /// <summary>There is none anywhere: the client is told at once.</summary>
    Refuse,

    /// <summary>A Local policy, and there is none on this node: silence, so that nobody takes this node for the Service's end (KEP-2086, KEP-1669).</summary>
    Drop,
}
