namespace ServiceMatrix;

/// <summary>In what the ways into the kernel differ, by Kubernetes' own documentation.</summary>
/// <param name="NodePortsEverywhere">nodePorts on all addresses of the node, 127.0.0.1 too (iptables); else on the node's own alone (nftables).</param>
/// <param name="RangesComeFirst">Who is in no source range gets no answer even if there is no endpoint, where everybody else is refused.</param>
internal sealed record ProxyMode(string Name, bool NodePortsEverywhere, bool RangesComeFirst)
{
    public static readonly ProxyMode Iptables = new("iptables", NodePortsEverywhere: true, RangesComeFirst: false);
    public static readonly ProxyMode Nftables = new("nftables", NodePortsEverywhere: false, RangesComeFirst: true);
}

/// <summary>
/// What becomes of a connection: a function of the objects' documented meaning alone (core/v1 Service, discovery/v1 EndpointSlice, KEP-1669,
/// KEP-2086, the documentation of "source IP"), and not of our model, which it judges.
/// </summary>
/// <param name="Outcome">Served, refused at once, or nothing at all.</param>
/// <param name="Answers">Each of them comes, sooner or later, and nothing else: server and client as it sees it, "pod1a:9001 10.244.1.3".</param>
internal sealed record Expectation(Outcome Outcome, IReadOnlyList<string> Answers)
{
    private static readonly Expectation Refused = new(Outcome.Refused, []), Silent = new(Outcome.Silent, []);

    public static Expectation Of(Cell cell, ProxyMode mode)
    {
        if (cell.Target == Target.NoPort) return Refused;
        if (cell.Target == Target.NoService) return Silent;
        if (cell.Target is Target.NodePortOfBridge or Target.NodePortOfLocalhost && !mode.NodePortsEverywhere) return Closed(cell);
        var cluster = Near(TakingNew(cell.Service.Endpoints), cell.Entry);
        if (cluster.Count == 0 && !mode.RangesComeFirst) return Refused;
        if (cell.Target == Target.LoadBalancerIP && cell.Service.HasRanges && !MatrixService.Ranges.Any(range => AddressPlan.IsIn(cell.Source, range))) return Silent;
        if (cluster.Count == 0) return Refused;
        var endpoints = IsConfined(cell) ? TakingNew([.. cell.Service.Endpoints.Where(endpoint => endpoint.Server.Node == cell.Entry)]) : cluster;
        return endpoints.Count == 0 ? Silent : new(Outcome.Served, [.. endpoints.Select(endpoint => $"{endpoint.Server.Name}:{cell.Service.TargetPort} {Client(cell, endpoint.Server)}")]);
    }

    /// <summary>A port at which nobody listens. There is no SCTP in the kernel of a test, which could refuse it.</summary>
    private static Expectation Closed(Cell cell) => cell.Protocol == "sctp" ? Silent : Refused;

    /// <summary>Those that are ready; if there are none, those that end and still serve.</summary>
    private static List<MatrixEndpoint> TakingNew(IReadOnlyList<MatrixEndpoint> endpoints) =>
        endpoints.Where(endpoint => endpoint.Ready).ToList() is { Count: > 0 } ready ? ready : endpoints.Where(endpoint => endpoint.IsLastResort).ToList();

    /// <summary>Those that are meant for the node or else its zone, if each says for whom it is and one says so of this; else all (KEP-2433, KEP-3015).</summary>
    private static List<MatrixEndpoint> Near(List<MatrixEndpoint> endpoints, int entry)
    {
        foreach (var meant in (Func<MatrixEndpoint, int?>[])[endpoint => endpoint.ForNode, endpoint => endpoint.ForZone])
            if (endpoints.All(endpoint => meant(endpoint) is not null) && endpoints.Any(endpoint => meant(endpoint) == entry)) return [.. endpoints.Where(endpoint => meant(endpoint) == entry)];
        return endpoints;
    }

    /// <summary>Whether a policy keeps it to endpoints of the node at which it enters. The external one is for who is outside that node.</summary>
    private static bool IsConfined(Cell cell) => cell.Target == Target.ClusterIP ? cell.Service.InternalLocal : cell.Service.ExternalLocal && !IsOfEntry(cell);

    private static bool IsOfEntry(Cell cell) => cell.Vantage is Vantage.Pod or Vantage.EndpointPod or Vantage.Node;

    /// <summary>Whom the server sees. A node that steps in does so with its bridge's address for pods of its own, with its own for all else.</summary>
    private static string Client(Cell cell, Server server) =>
        !StepsIn(cell, server) ? cell.Source : server.Node == cell.Entry ? AddressPlan.Bridge(cell.Entry) : AddressPlan.Node(cell.Entry);

    /// <summary>Whether the node puts itself in the client's place, since the answer would otherwise not come back this way.</summary>
    public static bool StepsIn(Cell cell, Server server)
    {
        var isPod = AddressPlan.IsIn(cell.Source, AddressPlan.ClusterCidr); // also the bridge's address of the node: every node has a route to it
        return cell.Source == server.Address // a hairpin
            || (isPod && server.Node is null) // a pod's address means nothing outside the cluster
            || (cell.Target == Target.ClusterIP ? !isPod : !cell.Service.ExternalLocal || (cell.Vantage == Vantage.Node && !isPod));
    }
}

/// <summary>What a client can tell.</summary>
internal enum Outcome
{
    Served,
    Refused,
    Silent,
}
