using System.Net;
using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>spec.loadBalancerSourceRanges: a chain that returns for whom they name and drops all others, before translation.</summary>
internal static class SourceRanges
{
    /// <summary>Whether anybody is kept out.</summary>
    public static bool Restrict(ProxiedPort port) => port.SourceRanges.Count > 0 && port.SourceRanges.All(range => range.PrefixLength > 0);

    public static string ChainOf(ProxiedPort port) => $"ranges/{port.Label.Replace(':', '/')}/{port.Protocol}";

    public static NftablesChain Chain(ProxiedPort port, NodeFacts node) => new(ChainOf(port), null,
        [.. port.SourceRanges.Concat(Own(port, node)).Select(range => new NftablesRule().From(range).Return()), new NftablesRule().Drop()], port.Origin);

    /// <summary>A node that may connect, and has the load balancer's address on one of its interfaces, connects from just that address.</summary>
    private static IEnumerable<IPNetwork> Own(ProxiedPort port, NodeFacts node) =>
        node.NodeAddress is { } address && port.SourceRanges.Any(range => range.Contains(address))
            ? port.Frontends.Where(frontend => frontend.Kind == FrontendKind.LoadBalancer).Select(frontend => new IPNetwork(frontend.Address!, 32)) : [];
}
