using System.Net;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// UDP clients that keep their port stay bound by conntrack to the endpoint that they were given first, also when it is long gone, and to no
/// endpoint at all if they began before there was one. So after a change the flows of UDP frontends that lead elsewhere than they now do
/// are forgotten; the next packet is led anew, or refused. TCP and SCTP clients connect again by themselves.
/// </summary>
internal sealed class StaleFlows(Conntrack conntrack, ILogger log)
{
    /// <summary>Each list of one frontend's flows walks the kernel's whole table, though it gives few of them: from here on one list of all is cheaper.</summary>
    private const int MostSingleLists = 8;

    /// <summary>Where flows have to be looked at, and who may keep them; none = the frontend is gone, or has no endpoint.</summary>
    private readonly Dictionary<FrontendKey, IReadOnlyList<ServiceEndpoint>> pending = [];
    private bool started;

    /// <summary>
    /// UDP ports of this node that lead to pods without being Services'. Where they are given, the first call also ends flows to Services
    /// that went while no agent ran.
    /// </summary>
    public IReadOnlySet<int>? HostPorts { get; init; }

    /// <summary>How many attempts in a row did not succeed; more than none = it has to be repeated.</summary>
    public int Failures { get; private set; }

    /// <summary>To be called after the rules are in the kernel. Errors are logged, and made up for by the next call.</summary>
    /// <param name="changes">What has changed since the last call, in order; at the first call everything.</param>
    public void Forget(IEnumerable<ServiceChange> changes, NodeFacts node, CancellationToken cancel)
    {
        Note(changes);
        var abandoned = !started && HostPorts is not null;
        if (pending.Count == 0 && !abandoned) return;
        try
        {
            var forgotten = Sweep(StaleTest(abandoned ? node : null), abandoned);
            if (forgotten > 0) log.StaleFlowsForgotten(forgotten);
            pending.Clear();
            started = true;
            Failures = 0;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            Failures++;
            log.StaleFlowsKept(error);
        }
    }

    /// <summary>Frontends that only won endpoints are left out: whatever flows they have lead to the others.</summary>
    private void Note(IEnumerable<ServiceChange> changes)
    {
        var whole = changes.GroupBy(change => change.Service)
            .Select(one => (Before: UdpFrontends(one.First().Before), After: UdpFrontends(one.Last().After))).ToList();
        // First all that is gone: it may have gone to another Service.
        foreach (var (before, after) in whole)
            foreach (var key in before.Keys) if (!after.ContainsKey(key)) pending[key] = [];
        foreach (var (before, after) in whole)
            foreach (var (key, serving) in after)
                if (pending.ContainsKey(key) || !before.TryGetValue(key, out var had) || had.Count == 0 || !Keeps(had, serving)) pending[key] = serving;
    }

    private static Dictionary<FrontendKey, IReadOnlyList<ServiceEndpoint>> UdpFrontends(IReadOnlyList<ProxiedPort> ports)
    {
        var found = new Dictionary<FrontendKey, IReadOnlyList<ServiceEndpoint>>();
        foreach (var port in ports)
            if (port.Protocol == "udp")
                foreach (var frontend in port.Frontends) found[new(frontend.Address, port.Protocol, frontend.Port)] = port.Serving;
        return found;
    }

    private static bool Keeps(IReadOnlyList<ServiceEndpoint> had, IReadOnlyList<ServiceEndpoint> has)
    {
        if (has.Count < had.Count) return false;
        var present = Targets(has);
        return had.All(endpoint => present.Contains((endpoint.Address, endpoint.Port)));
    }

    private static HashSet<(IPAddress, int)> Targets(IReadOnlyList<ServiceEndpoint> endpoints) => [.. endpoints.Select(endpoint => (endpoint.Address, endpoint.Port))];

    private int Sweep(StaleFlowTest test, bool everything)
    {
        IEnumerable<ConntrackFilter> filters = everything || pending.Count > MostSingleLists ? [new(ConntrackProtocol.Udp)]
            : pending.Keys.Select(key => new ConntrackFilter(ConntrackProtocol.Udp, key.Address, key.Port));
        return filters.Sum(filter => conntrack.Forget(filter, test.IsStale));
    }

    /// <param name="abandonedOn">The node, where flows to unknown frontends are to be judged too.</param>
    private StaleFlowTest StaleTest(NodeFacts? abandonedOn)
    {
        var sets = new Dictionary<IReadOnlyList<ServiceEndpoint>, HashSet<(IPAddress, int)>>(ReferenceEqualityComparer.Instance);
        HashSet<(IPAddress, int)> Once(IReadOnlyList<ServiceEndpoint> serving) => sets.TryGetValue(serving, out var set) ? set : sets[serving] = Targets(serving);
        return new(pending.ToDictionary(entry => entry.Key, entry => Once(entry.Value)), pending.Keys.Any(key => key.Address is null) ? OwnAddresses() : [])
        {
            AbandonedOn = abandonedOn, HostPorts = HostPorts ?? new HashSet<int>(),
        };
    }

    /// <summary>A port of the node is one at these; the same number elsewhere is not.</summary>
    private HashSet<IPAddress> OwnAddresses()
    {
        using var socket = NetlinkSocket.OpenIn(conntrack.Namespace);
        return [.. Addresses.List(socket).Select(address => address.Address)];
    }
}
