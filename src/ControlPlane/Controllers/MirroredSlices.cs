using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;
using Endpoint = KubeApi.Objects.Endpoint;

namespace ControlPlane.Controllers;

/// <summary>
/// The EndpointSlices that say the same as an Endpoints object which somebody keeps by hand: one for the addresses of a
/// family that share their ports.
/// </summary>
/// <param name="Skipped">Addresses beyond the limit of a subset.</param>
internal sealed record MirroredSlices(IReadOnlyList<EndpointSlice> Create, IReadOnlyList<EndpointSlice> Update, IReadOnlyList<EndpointSlice> Delete, int Skipped)
{
    /// <summary>The most addresses of a subset that are mirrored.</summary>
    public const int MaxPerSubset = 1000;

    public const string ManagedBy = "endpointslicemirroring-controller.k8s.io";

    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror", LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";

    private static readonly string[] NotCopied = ["kubectl.kubernetes.io/last-applied-configuration", TriggerTimes.Annotation];

    private sealed record Wanted(string Family, IReadOnlyList<DiscoveryEndpointPort> Ports, IReadOnlyList<Endpoint> Endpoints);

    /// <summary>Somebody keeps it for a Service without a selector, and neither says that it is no matter of slices nor uses it as a lock.</summary>
    public static bool IsMirrored(Endpoints endpoints, Service? service) =>
        service is { Metadata.DeletionTimestamp: null, Spec.Selector: null or { Count: 0 } }
        && endpoints.Metadata.Labels?.GetValueOrDefault(SkipLabel) != "true" && endpoints.Metadata.Annotations?.ContainsKey(LeaderAnnotation) != true;

    /// <param name="existing">The slices that this mirror made before.</param>
    public static MirroredSlices Compute(Endpoints endpoints, IReadOnlyList<EndpointSlice> existing)
    {
        var subsets = (endpoints.Subsets ?? []).GroupBy(subset => CanonicalJson.Of(Ports(subset))).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (Ports: Ports(group.First()), Endpoints: group.SelectMany(Addresses).DistinctBy(endpoint => endpoint.Addresses[0]).ToList())).ToList();
        var wanted = subsets.SelectMany(subset => subset.Endpoints.Take(MaxPerSubset).GroupBy(Family).Select(family => new Wanted(family.Key, subset.Ports, family.ToList()))).ToList();
        if (wanted.Count == 0) wanted.Add(new Wanted("IPv4", [], [])); // nobody there differs from not looked yet

        var unused = existing.OrderBy(slice => slice.Name, StringComparer.Ordinal).ToList();
        var (create, update) = (new List<EndpointSlice>(), new List<EndpointSlice>());
        foreach (var one in wanted)
        {
            var old = unused.Find(slice => slice.AddressType == one.Family && CanonicalJson.Same(slice.Ports ?? [], one.Ports));
            if (old is not null) unused.Remove(old);
            var slice = Render(endpoints, one, old);
            if (old is null) create.Add(slice);
            else if (!CanonicalJson.Same(old, slice)) update.Add(slice);
        }
        return new MirroredSlices(create, update, unused, subsets.Sum(subset => Math.Max(0, subset.Endpoints.Count - MaxPerSubset)));
    }

    private static IReadOnlyList<DiscoveryEndpointPort> Ports(EndpointSubset subset) => (subset.Ports ?? []).Select(port => new DiscoveryEndpointPort
    {
        Name = port.Name ?? "", Port = port.Port, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol,
    }).ToList();

    private static IEnumerable<Endpoint> Addresses(EndpointSubset subset) =>
        (subset.Addresses ?? []).Select(address => Describe(address, ready: true)).Concat((subset.NotReadyAddresses ?? []).Select(address => Describe(address, ready: false)));

    private static Endpoint Describe(EndpointAddress address, bool ready) => new()
    {
        Addresses = [address.Ip], Conditions = new EndpointConditions { Ready = ready }, TargetRef = address.TargetRef, NodeName = address.NodeName,
        Hostname = string.IsNullOrEmpty(address.Hostname) ? null : address.Hostname,
    };

    private static string Family(Endpoint endpoint) =>
        IPAddress.TryParse(endpoint.Addresses[0], out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    private static EndpointSlice Render(Endpoints endpoints, Wanted wanted, EndpointSlice? old)
    {
        var labels = new Dictionary<string, string>(endpoints.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [EndpointSlicePlan.ServiceNameLabel] = endpoints.Name, [EndpointSlicePlan.ManagedByLabel] = ManagedBy,
        };
        var annotations = (endpoints.Metadata.Annotations ?? new Dictionary<string, string>()).Where(pair => !NotCopied.Contains(pair.Key)).ToDictionary();
        var slice = old ?? new EndpointSlice { Metadata = new ObjectMeta { GenerateName = $"{endpoints.Name}-", Namespace = endpoints.Namespace } };
        return slice with
        {
            Metadata = slice.Metadata with { Labels = labels, Annotations = annotations.Count == 0 ? null : annotations, OwnerReferences = [Ownership.ReferenceTo(endpoints)] },
            AddressType = wanted.Family, Ports = wanted.Ports, Endpoints = wanted.Endpoints,
        };
    }
}
