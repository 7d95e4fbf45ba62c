using System.Globalization;
using System.Net;
using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// Ports with session affinity have chains of their own: each endpoint remembers its clients in a set, for the time-out, counted from a
/// client's last new connection. A client that no set has is led by the hash of its address, not at random: its next connection may come before it is
/// remembered (from another processor at the same moment; while the kernel resizes a set in a rush of clients, it takes none), and goes the same way then.
/// The names are the Service's: affinity/NAMESPACE/SERVICE/PORT/PROTOCOL.
/// </summary>
internal static class AffinityChains
{
    private static string Name(ProxiedPort port) => $"{port.Label.Replace(':', '/')}/{port.Protocol}";

    /// <param name="local">For the list of those on this node.</param>
    public static string ChainOf(ProxiedPort port, bool local) => $"{(local ? "affinity-local" : "affinity")}/{Name(port)}";

    private static string EndpointChain(ProxiedPort port, NftablesValue endpoint) => $"endpoint/{Name(port)}/{Text(endpoint)}";

    /// <summary>With the time-out in its name: another one needs another set.</summary>
    private static string ClientSet(ProxiedPort port, NftablesValue endpoint) =>
        $"clients/{Name(port)}/{Text(endpoint)}/{(long)port.Affinity!.Value.TotalSeconds}s";

    private static string Text(NftablesValue endpoint) => string.Create(CultureInfo.InvariantCulture, $"{NftablesValue.Address(endpoint[0])}/{NftablesValue.Port(endpoint[1])}");

    private static IEnumerable<NftablesValue> Endpoints(PortPlan plan) => plan.Cluster.Union(plan.Local);

    public static IEnumerable<NftablesSet> Sets(PortPlan plan) =>
        Endpoints(plan).Select(endpoint => new NftablesSet(ClientSet(plan.Port, endpoint), NftablesType.Ipv4Address) { Timeout = plan.Port.Affinity });

    public static IEnumerable<NftablesChain> Of(PortPlan plan)
    {
        var port = plan.Port;
        foreach (var endpoint in Endpoints(plan))
            yield return new(EndpointChain(port, endpoint), null, [new NftablesRule().Remember(ClientSet(port, endpoint)),
                new NftablesRule().ToEndpoint(port.Protocol, NftablesValue.Address(endpoint[0]), NftablesValue.Port(endpoint[1]))], port.Origin);
        if (plan.Cluster.Length > 0) yield return Choice(port, plan.Cluster, local: false);
        if (plan.Local.Length > 0) yield return Choice(port, plan.Local, local: true);
    }

    private static NftablesChain Choice(ProxiedPort port, NftablesValue[] endpoints, bool local) => new(ChainOf(port, local), null,
    [
        .. endpoints.Select(endpoint => new NftablesRule().From(ClientSet(port, endpoint)).Goto(EndpointChain(port, endpoint))),
        .. endpoints.Select((endpoint, i) => (i < endpoints.Length - 1 ? new NftablesRule().FromShare((uint)i, (uint)endpoints.Length) : new NftablesRule()).Goto(EndpointChain(port, endpoint))),
    ], port.Origin);
}
