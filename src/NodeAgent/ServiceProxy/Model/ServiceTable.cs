using System.Net;
using KubeApi.Objects;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>How one Service is served, before and after; empty = not at all.</summary>
/// <param name="Service">namespace/name.</param>
internal sealed record ServiceChange(string Service, IReadOnlyList<ProxiedPort> Before, IReadOnlyList<ProxiedPort> After);

/// <summary>What a back end has to write.</summary>
/// <param name="Node">The node's facts are others than before: rules that belong to no Service may change.</param>
internal sealed record TableChanges(IReadOnlyList<ServiceChange> Services, bool Node)
{
    public static TableChanges None { get; } = new([], false);

    public bool IsEmpty => Services.Count == 0 && !Node;
}

/// <summary>
/// What the kernel shall do about Services, without a word about how: one model for every back end. It follows the objects one by one, so
/// that a change costs what it changes, however many Services there are; the result depends on the objects alone, not on their order.
/// Not safe for several threads.
/// </summary>
internal sealed class ServiceTable(NodeFacts node)
{
    private static readonly IReadOnlyList<ProxiedPort> Nothing = [];

    private readonly Dictionary<string, Service> services = [];
    private readonly Dictionary<string, Dictionary<string, EndpointSlice>> slices = [];
    private readonly Dictionary<string, IReadOnlyList<ProxiedPort>> read = [];
    private readonly Dictionary<string, IReadOnlyList<ProxiedPort>> served = [];
    private readonly FrontendOwners owners = new();
    private readonly HashSet<string> dirty = [];
    private readonly Dictionary<string, List<ServiceProblem>> problems = [];
    private bool nodeChanged;

    public NodeFacts Node { get; private set; } = node;

    /// <summary>The Services that have a frontend, by namespace/name, as of the last <see cref="Take"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ProxiedPort>> Services => served;

    public IEnumerable<ProxiedPort> Ports => served.Values.SelectMany(ports => ports);

    /// <summary>What objects ask for and cannot get.</summary>
    public IEnumerable<ServiceProblem> Problems => problems.Values.SelectMany(list => list);

    /// <summary>A table of these objects, with nothing left to take.</summary>
    public static ServiceTable Of(IEnumerable<Service> services, IEnumerable<EndpointSlice> slices, NodeFacts node)
    {
        var table = new ServiceTable(node);
        table.Replace([.. services], [.. slices]);
        table.Take();
        return table;
    }

    public void Put(Service service)
    {
        services[service.Key] = service;
        dirty.Add(service.Key);
    }

    public void Remove(Service service)
    {
        if (services.Remove(service.Key)) dirty.Add(service.Key);
    }

    public void Put(EndpointSlice slice)
    {
        if (ServiceOf(slice) is not { } service) return;
        if (!slices.TryGetValue(service, out var others)) slices[service] = others = [];
        others[slice.Key] = slice;
        dirty.Add(service);
    }

    public void Remove(EndpointSlice slice)
    {
        if (ServiceOf(slice) is not { } service || !slices.TryGetValue(service, out var others) || !others.Remove(slice.Key)) return;
        if (others.Count == 0) slices.Remove(service);
        dirty.Add(service);
    }

    /// <summary>All that there is: what is not here is gone.</summary>
    public void Replace(IReadOnlyCollection<Service> allServices, IReadOnlyCollection<EndpointSlice> allSlices)
    {
        var (present, presentSlices) = (allServices.Select(service => service.Key).ToHashSet(), allSlices.Select(slice => (ServiceOf(slice), slice.Key)).ToHashSet());
        foreach (var gone in services.Values.Where(service => !present.Contains(service.Key)).ToList()) Remove(gone);
        foreach (var gone in slices.Values.SelectMany(own => own.Values).Where(slice => !presentSlices.Contains((ServiceOf(slice), slice.Key))).ToList()) Remove(gone);
        foreach (var service in allServices) Put(service);
        foreach (var slice in allSlices) Put(slice);
    }

    public void SetNode(NodeFacts facts)
    {
        // Which endpoints are local or near rests on these two; all else is for the rules of the node.
        if (facts.NodeName != Node.NodeName || facts.Zone != Node.Zone) dirty.UnionWith(services.Keys);
        nodeChanged |= !facts.HasRulesOf(Node);
        Node = facts;
    }

    /// <summary>Computes what has changed since the last call.</summary>
    public TableChanges Take()
    {
        var affected = new HashSet<string>(dirty);
        foreach (var key in dirty) Read(key, affected);
        dirty.Clear();
        var changes = affected.Select(Serve).OfType<ServiceChange>().OrderBy(change => change.Service, StringComparer.Ordinal).ToList();
        var taken = new TableChanges(changes, nodeChanged);
        nodeChanged = false;
        return taken;
    }

    private static string? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels?.GetValueOrDefault("kubernetes.io/service-name") is { } name ? $"{slice.Namespace}/{name}" : null;

    /// <summary>Reads a Service anew, and claims its frontends.</summary>
    /// <param name="affected">Gets the Services whose claims go another way thereby.</param>
    private void Read(string key, HashSet<string> affected)
    {
        var found = new List<ServiceProblem>();
        var service = services.GetValueOrDefault(key);
        var ports = service is null ? Nothing : ServiceReading.PortsOf(service, slices.TryGetValue(key, out var own) ? own.Values : [], Node, found);
        owners.Claim(key, service is null ? null : service.Metadata.CreationTimestamp ?? DateTime.MinValue, Claims(read.GetValueOrDefault(key, Nothing)), Claims(ports), affected);
        if (ports.Count > 0) read[key] = ports; else read.Remove(key);
        if (found.Count > 0) problems[key] = found; else problems.Remove(key);
    }

    private static HashSet<FrontendKey> Claims(IReadOnlyList<ProxiedPort> ports) =>
        [.. ports.SelectMany(port => port.Frontends.Select(frontend => new FrontendKey(frontend.Address, port.Protocol, frontend.Port)))];

    /// <summary>What is left of a Service's ports when others have their frontends.</summary>
    private ServiceChange? Serve(string key)
    {
        var before = served.GetValueOrDefault(key, Nothing);
        var after = read.GetValueOrDefault(key, Nothing);
        if (problems.TryGetValue(key, out var known)) known.RemoveAll(problem => problem.Text.EndsWith(FrontendOwners.Problem, StringComparison.Ordinal));
        if (after.Any(port => port.Frontends.Any(frontend => !Owns(key, port, frontend)))) after = OwnParts(key, after);
        // Stored in any case: a newer version of the objects behind it.
        if (after.Count > 0) served[key] = after; else served.Remove(key);
        var same = before.Count == after.Count && before.Zip(after).All(pair => pair.First.IsServedLike(pair.Second));
        return same ? null : new ServiceChange(key, before, after);
    }

    private IReadOnlyList<ProxiedPort> OwnParts(string key, IReadOnlyList<ProxiedPort> ports)
    {
        var found = problems.TryGetValue(key, out var known) ? known : problems[key] = [];
        foreach (var port in ports)
            found.AddRange(port.Frontends.Where(frontend => !Owns(key, port, frontend)).Select(frontend => new ServiceProblem($"{frontend}/{port.Protocol}{FrontendOwners.Problem}", port.Origin)));
        return [.. ports.Select(port => port with { Frontends = [.. port.Frontends.Where(frontend => Owns(key, port, frontend))] }).Where(port => port.Frontends.Count > 0)];
    }

    private bool Owns(string key, ProxiedPort port, Frontend frontend) => owners.Of(new FrontendKey(frontend.Address, port.Protocol, frontend.Port)) == key;
}
