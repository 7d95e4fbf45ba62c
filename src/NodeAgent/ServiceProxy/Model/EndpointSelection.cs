using KubeApi.Objects;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>
/// Which endpoints a Service's port leads to: all its EndpointSlices together, each endpoint with the port number of its own slice, since
/// a named targetPort may differ from pod to pod. Conditions as discovery.k8s.io/v1 documents them: ready and serving count as true where
/// they are absent, terminating as false.
/// </summary>
/// <param name="Cluster">Those of the whole cluster that take new connections.</param>
/// <param name="Local">Those on this node that do.</param>
/// <param name="Serving">All that are ready or serving, each address and port once, in order of address.</param>
internal sealed record EndpointSelection(IReadOnlyList<ServiceEndpoint> Cluster, IReadOnlyList<ServiceEndpoint> Local, IReadOnlyList<ServiceEndpoint> Serving)
{
    private sealed record Candidate(ServiceEndpoint Endpoint, EndpointHints? Hints);

    /// <param name="slices">The Service's, as <see cref="IsUsed"/> lets them pass, in order of name.</param>
    public static EndpointSelection Of(IEnumerable<EndpointSlice> slices, string? portName, string protocol, NodeFacts node, List<ServiceProblem> problems)
    {
        var candidates = Candidates(slices, portName, protocol, node, problems);
        var serving = candidates.Select(candidate => candidate.Endpoint).ToList();
        var cluster = TakingNew(candidates.All(candidate => candidate.Endpoint.Ready) ? serving : serving.Where(endpoint => endpoint.Ready).ToList(), serving);
        if (cluster.Count > 0 && cluster[0].Ready) cluster = Close(candidates, cluster, node);
        var here = serving.Where(endpoint => endpoint.Local).ToList();
        return new(cluster, TakingNew(here.Where(endpoint => endpoint.Ready).ToList(), here), serving);
    }

    /// <summary>IPv4, and not of a headless Service (the controller's label says so).</summary>
    public static bool IsUsed(EndpointSlice slice) =>
        slice is { AddressType: "IPv4", Metadata.Labels: { } labels }
        && labels.ContainsKey("kubernetes.io/service-name") && !labels.ContainsKey("service.kubernetes.io/headless");

    /// <summary>
    /// The ready ones; if there are none at all, those that terminate but still serve, so that the last pods of a rolling update answer
    /// until they are gone (KEP-1669).
    /// </summary>
    private static List<ServiceEndpoint> TakingNew(List<ServiceEndpoint> ready, List<ServiceEndpoint> serving) =>
        ready.Count > 0 ? ready : serving.Where(endpoint => endpoint.Terminating).ToList();

    /// <summary>
    /// The ready ones that are meant for this node, or else for its zone: if every one of them says for whom it is, and one is for us
    /// (KEP-2433, KEP-3015). Otherwise all.
    /// </summary>
    private static List<ServiceEndpoint> Close(List<Candidate> candidates, List<ServiceEndpoint> ready, NodeFacts node)
    {
        var hinted = candidates.Where(candidate => candidate.Endpoint.Ready).ToList();
        return Meant(hinted, hints => hints?.ForNodes?.Select(hint => hint.Name), node.NodeName)
            ?? Meant(hinted, hints => hints?.ForZones?.Select(hint => hint.Name), node.Zone) ?? ready;
    }

    private static List<ServiceEndpoint>? Meant(List<Candidate> ready, Func<EndpointHints?, IEnumerable<string>?> names, string? own)
    {
        if (own is null || !ready.All(candidate => names(candidate.Hints)?.Any() == true)) return null;
        var meant = ready.Where(candidate => names(candidate.Hints)!.Contains(own)).Select(candidate => candidate.Endpoint).ToList();
        return meant.Count > 0 ? meant : null;
    }

    private static List<Candidate> Candidates(IEnumerable<EndpointSlice> slices, string? portName, string protocol, NodeFacts node, List<ServiceProblem> problems)
    {
        var found = new Dictionary<(uint, int), Candidate>();
        foreach (var slice in slices)
        {
            if (PortIn(slice, portName, protocol) is not { } port) continue;
            var origin = Origin.Of("EndpointSlice", slice);
            foreach (var endpoint in slice.Endpoints ?? [])
            {
                if (Read(endpoint, port, origin, node, problems) is not { } read) continue;
                // While an endpoint moves between slices it may be in two, with different conditions: ready wins.
                var key = (Ipv4.Number(read.Address), port);
                if (!found.TryGetValue(key, out var other) || (read.Ready && !other.Endpoint.Ready)) found[key] = new(read, endpoint.Hints);
            }
        }
        return [.. found.OrderBy(entry => entry.Key).Select(entry => entry.Value)];
    }

    /// <summary>The slice's number for a port; an unnamed port is null in one place and empty in another.</summary>
    private static int? PortIn(EndpointSlice slice, string? name, string protocol) => slice.Ports?
        .FirstOrDefault(port => (port.Name ?? "") == (name ?? "") && string.Equals(port.Protocol ?? "TCP", protocol, StringComparison.OrdinalIgnoreCase))?.Port;

    private static ServiceEndpoint? Read(Endpoint endpoint, int port, Origin origin, NodeFacts node, List<ServiceProblem> problems)
    {
        var ready = endpoint.Conditions?.Ready ?? true;
        if (!ready && !(endpoint.Conditions?.Serving ?? true)) return null;
        var address = Ipv4.Parse(endpoint.Addresses.FirstOrDefault()); // all addresses of one endpoint are the same pod; the first is the one to use
        if (address is not null && port is >= 1 and <= 65535)
            return new(address, port, ready, endpoint.Conditions?.Terminating ?? false, endpoint.NodeName == node.NodeName, origin);
        problems.Add(new($"\"{endpoint.Addresses.FirstOrDefault()}\" port {port} is not an IPv4 address with a port", origin));
        return null;
    }
}
