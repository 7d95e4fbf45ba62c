using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>What one port of one Service needs in iptables: chains of its own, and rules in the chains of dispatch that it shares with others.</summary>
/// <param name="Chains">All of table nat; a chain that a rule leads to stands before the chain of that rule.</param>
internal sealed record PortRules(IReadOnlyList<KeyValuePair<string, IReadOnlyList<IptablesRule>>> Chains, IReadOnlyList<DispatchEntry> Entries)
{
    public static PortRules Of(ProxiedPort port, NodeFacts node) => new PortRenderer(port, node).Render();
}

/// <summary>Which of the trees of dispatch: where a connection is led, or why it is not.</summary>
internal enum DispatchKind
{
    /// <summary>nat: from an address and port to a Service's chain.</summary>
    Address,

    /// <summary>nat: from a nodePort.</summary>
    NodePort,

    /// <summary>filter: addresses that refuse, or say nothing.</summary>
    RefusedAddress,

    /// <summary>filter: nodePorts that do, and health checks' ports, which are let in.</summary>
    InputPort,
}

/// <summary>One rule in a tree of dispatch.</summary>
/// <param name="Leaf">Which chain: the address' last byte, or <see cref="DispatchTree.PortLeaf"/>.</param>
/// <param name="Order">Its place in that chain, and what tells it from others there.</param>
internal readonly record struct DispatchEntry(DispatchKind Kind, int Leaf, ulong Order, IptablesRule Rule);
