using KubeApi.Objects;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>
/// Which endpoints a Service's port leads to: all its EndpointSlices together, each endpoint with the port number of its own slice, since
/// a named targetPort may differ from pod to pod. Conditions as discovery.k8s.io/v1 documents them: ready and serving count as true where
/// they are absent, terminating as false.
/// </summary>
internal sealed class EndpointSelection
{
    private readonly ILookup<string, EndpointSlice> slicesOfService;
    private readonly List<ServiceProblem> problems;

    public EndpointSelection(IEnumerable<EndpointSlice> slices, List<ServiceProblem> problems)
    {
        this.problems = problems;
        slicesOfService = slices.Where(IsOurs).OrderBy(slice => slice.Key, StringComparer.Ordinal)
            .ToLookup(slice => $"{slice.Namespace}/{slice.Metadata.Labels!["kubernetes.io/service-name"]}");
    }

    /// <summary>IPv4, of a Service, and not of a headless one (the controller's label says so).</summary>
    private static bool IsOurs(EndpointSlice slice) =>
        slice is { AddressType: "IPv4", Metadata.Labels: { } labels }
        && labels.ContainsKey("kubernetes.io/service-name") && !labels.ContainsKey("service.kubernetes.io/headless");

    /// <summary>
    /// Those that take new connections: the ready ones; if there are none at all, those that terminate but still serve, so that the last
    /// pods of a rolling update answer until they are gone (KEP-1669).
    /// </summary>
    public static IReadOnlyList<ServiceEndpoint> Choose(IReadOnlyList<ServiceEndpoint> serving)
    {
        var ready = serving.Where(endpoint => endpoint.Ready).ToList();
        return ready.Count > 0 ? ready : serving.Where(endpoint => endpoint.Terminating).ToList();
    }

    /// <summary>All that are ready or serving, each address and port once, in order of address.</summary>
    public IReadOnlyList<ServiceEndpoint> Serving(Service service, string? portName, string protocol)
    {
        var found = new Dictionary<(uint, int), ServiceEndpoint>();
        foreach (var slice in slicesOfService[service.Key])
        {
            if (PortIn(slice, portName, protocol) is not { } port) continue;
            foreach (var endpoint in (slice.Endpoints ?? []).Select(endpoint => Read(endpoint, port, slice)).OfType<ServiceEndpoint>())
            {
                // While an endpoint moves between slices it may be in two, with different conditions: ready wins.
                var key = (Ipv4.Number(endpoint.Address), endpoint.Port);
                if (!found.TryGetValue(key, out var other) || (endpoint.Ready && !other.Ready)) found[key] = endpoint;
            }
        }
        return found.OrderBy(entry => entry.Key).Select(entry => entry.Value).ToList();
    }

    /// <summary>The slice's number for a port; an unnamed port is null in one place and empty in another.</summary>
    private static int? PortIn(EndpointSlice slice, string? name, string protocol) => slice.Ports?
        .FirstOrDefault(port => (port.Name ?? "") == (name ?? "") && string.Equals(port.Protocol ?? "TCP", protocol, StringComparison.OrdinalIgnoreCase))?.Port;

    private ServiceEndpoint? Read(Endpoint endpoint, int port, EndpointSlice slice)
    {
        var ready = endpoint.Conditions?.Ready ?? true;
        if (!ready && !(endpoint.Conditions?.Serving ?? true)) return null;
        var origin = Origin.Of("EndpointSlice", slice);
        var address = Ipv4.Parse(endpoint.Addresses.FirstOrDefault()); // all addresses of one endpoint are the same pod; the first is the one to use
        if (address is not null && port is >= 1 and <= 65535)
            return new(address, port, ready, endpoint.Conditions?.Terminating ?? false, origin);
        problems.Add(new($"\"{endpoint.Addresses.FirstOrDefault()}\" port {port} is not an IPv4 address with a port", origin));
        return null;
    }
}
