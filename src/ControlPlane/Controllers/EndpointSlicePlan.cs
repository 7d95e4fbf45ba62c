using KubeApi.Objects;
using Endpoint = KubeApi.Objects.Endpoint;

namespace ControlPlane.Controllers;

/// <summary>
/// What brings a Service's EndpointSlices (discovery.k8s.io/v1) up to date: pods with the same ports share slices of at
/// most 100; what is there stays where it is, so that a change of one pod rewrites one slice.
/// </summary>
internal sealed record EndpointSlicePlan(IReadOnlyList<EndpointSlice> Create, IReadOnlyList<EndpointSlice> Update, IReadOnlyList<EndpointSlice> Delete)
{
    public const int MaxEndpoints = 100;
    public const string ServiceNameLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string ManagedBy = "endpointslice-controller.k8s.io";
    public const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>One slice in the making; <paramref name="Old"/> is null for a new one.</summary>
    private sealed record Draft(EndpointSlice? Old, IReadOnlyList<DiscoveryEndpointPort> Ports, List<Endpoint> Endpoints);

    /// <param name="existing">The Service's slices that this controller manages.</param>
    /// <param name="zoneOf">Zone of a node, from its labels.</param>
    /// <param name="changedAt">What slices that change say as the time of the change (see <see cref="TriggerTimes"/>); null for nothing.</param>
    public static EndpointSlicePlan Compute(Service service, IReadOnlyList<ServiceEndpoint> members, IReadOnlyList<EndpointSlice> existing, Func<string, string?> zoneOf, DateTime? changedAt = null)
    {
        var drafts = new List<Draft>();
        var unused = existing.OrderBy(slice => slice.Name, StringComparer.Ordinal).ToList();
        // A Service without endpoints keeps one empty slice: "nobody there" differs from "not looked yet".
        var groups = members.GroupBy(member => CanonicalJson.Of(member.Ports)).Select(group => (group.First().Ports, Members: group.ToList())).DefaultIfEmpty(([], []));
        foreach (var (ports, group) in groups) drafts.AddRange(Fill(service, ports, group, unused, zoneOf, keepEmpty: members.Count == 0));

        // A slice that is no longer needed takes what a new one would.
        for (var i = 0; i < drafts.Count && unused.Count > 0; i++)
        {
            if (drafts[i].Old is not null) continue;
            drafts[i] = drafts[i] with { Old = unused[0] };
            unused.RemoveAt(0);
        }
        var slices = drafts.Select(draft => (draft.Old, New: Render(service, draft))).ToList();
        return new EndpointSlicePlan(
            slices.Where(slice => slice.Old is null).Select(slice => TriggerTimes.Stamp(slice.New, changedAt)).ToList(),
            slices.Where(slice => slice.Old is not null && !CanonicalJson.Same(slice.Old, slice.New)).Select(slice => TriggerTimes.Stamp(slice.New, changedAt)).ToList(),
            unused);
    }

    /// <summary>Distributes the pods of one port set; takes the slices that already have these ports out of <paramref name="unused"/>.</summary>
    private static List<Draft> Fill(Service service, IReadOnlyList<DiscoveryEndpointPort> ports, List<ServiceEndpoint> members, List<EndpointSlice> unused,
        Func<string, string?> zoneOf, bool keepEmpty)
    {
        var missing = members.ToDictionary(member => member.Pod.Metadata.Uid ?? member.Pod.Key);
        var drafts = new List<Draft>();
        foreach (var slice in unused.Where(slice => CanonicalJson.Same(slice.Ports ?? [], ports)).ToList())
        {
            var kept = new List<Endpoint>();
            foreach (var endpoint in slice.Endpoints ?? [])
                if (missing.Remove(endpoint.TargetRef?.Uid ?? "", out var member)) kept.Add(Describe(service, member, zoneOf));
            if (kept.Count == 0 && !(keepEmpty && drafts.Count == 0)) continue; // stays unused
            unused.Remove(slice);
            drafts.Add(new Draft(slice, ports, kept));
        }
        var waiting = new Queue<ServiceEndpoint>(missing.Values.OrderBy(member => member.Pod.Name, StringComparer.Ordinal));
        while (waiting.Count > 0)
        {
            var room = RoomFor(waiting.Count, drafts);
            if (room is null) drafts.Add(room = new Draft(null, ports, []));
            while (waiting.Count > 0 && room.Endpoints.Count < MaxEndpoints) room.Endpoints.Add(Describe(service, waiting.Dequeue(), zoneOf));
        }
        if (drafts.Count == 0 && keepEmpty) drafts.Add(new Draft(null, ports, []));
        return drafts;
    }

    /// <summary>
    /// The slice to fill: first one that is rewritten anyway; else the fullest that takes all that is left; null: a new one.
    /// So a change touches few slices, at the price of some that are not full.
    /// </summary>
    private static Draft? RoomFor(int count, List<Draft> drafts) =>
        drafts.Find(draft => draft.Endpoints.Count < MaxEndpoints && (draft.Old is null || !CanonicalJson.Same(draft.Old.Endpoints ?? [], draft.Endpoints)))
        ?? drafts.Where(draft => draft.Endpoints.Count + count <= MaxEndpoints).MaxBy(draft => draft.Endpoints.Count);

    private static Endpoint Describe(Service service, ServiceEndpoint member, Func<string, string?> zoneOf)
    {
        var ready = service.Spec?.PublishNotReadyAddresses == true || member is { Ready: true, Terminating: false };
        var (node, zone) = (member.Pod.Spec?.NodeName, member.Pod.Spec?.NodeName is { } name ? zoneOf(name) : null);
        return new Endpoint
        {
            Addresses = [member.Address], TargetRef = member.TargetRef, NodeName = node, Hostname = member.HostnameWithin(service),
            Zone = zone, Hints = ready ? Hints(service.Spec?.TrafficDistribution, node, zone) : null,
            Conditions = new EndpointConditions { Ready = ready, Serving = member.Ready, Terminating = member.Terminating },
        };
    }

    /// <summary>Who should use a ready endpoint: its own zone, or its own node first (KEP-4444, KEP-3015); null: everybody.</summary>
    private static EndpointHints? Hints(string? distribution, string? node, string? zone)
    {
        if (distribution is not ("PreferClose" or "PreferSameZone" or "PreferSameNode")) return null;
        var sameNode = distribution == "PreferSameNode" ? node : null;
        return zone is null && sameNode is null ? null : new EndpointHints
        {
            ForZones = zone is null ? null : [new ForZone { Name = zone }], ForNodes = sameNode is null ? null : [new ForNode { Name = sameNode }],
        };
    }

    private static EndpointSlice Render(Service service, Draft draft)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [ServiceNameLabel] = service.Name, [ManagedByLabel] = ManagedBy,
        };
        if (ServiceEndpoint.IsHeadless(service)) labels[HeadlessLabel] = "";
        var slice = draft.Old ?? new EndpointSlice { Metadata = new ObjectMeta { GenerateName = $"{service.Name}-", Namespace = service.Namespace } };
        return slice with
        {
            Metadata = slice.Metadata with { Labels = labels, OwnerReferences = [Ownership.ReferenceTo(service)] },
            AddressType = "IPv4", Ports = draft.Ports, Endpoints = draft.Endpoints,
        };
    }
}
