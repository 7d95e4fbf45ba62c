using KubeApi.Objects;
using Endpoint = KubeApi.Objects.Endpoint;

namespace ControlPlane.Registry;

/// <summary>
/// The form that kubectl before 1.21 describes: that of version v1, with an endpoint's zone and node in its topology
/// (KEP-752; conversion of pkg/apis/discovery/v1beta1).
/// </summary>
internal sealed class EndpointSliceV1Beta1Registry : KindRegistry<EndpointSliceV1Beta1>
{
    private const string Zone = "topology.kubernetes.io/zone", Node = "kubernetes.io/hostname";

    private static readonly EndpointSliceRegistry V1 = new();

    public override bool IsStored => false;

    public override KindRegistry Stored => V1;

    public override string Deprecation => "discovery.k8s.io/v1beta1 EndpointSlice is deprecated in v1.21+, unavailable in v1.25+; use discovery.k8s.io/v1 EndpointSlice";

    public override KubeObject ToStored(KubeObject obj)
    {
        var slice = (EndpointSliceV1Beta1)obj;
        return new EndpointSlice
        {
            Kind = V1.Resource.Kind, ApiVersion = V1.Resource.ApiVersion, Metadata = slice.Metadata, AddressType = slice.AddressType, Ports = slice.Ports,
            Endpoints = slice.Endpoints?.Select(Endpoint (e) => new()
            {
                Addresses = e.Addresses, Conditions = e.Conditions, Hostname = e.Hostname, TargetRef = e.TargetRef, Hints = e.Hints,
                NodeName = e.NodeName ?? e.Topology?.GetValueOrDefault(Node), Zone = e.Topology?.GetValueOrDefault(Zone), DeprecatedTopology = Rest(e.Topology),
            }).ToList(),
        };
    }

    public override KubeObject FromStored(KubeObject obj)
    {
        var slice = (EndpointSlice)obj;
        return new EndpointSliceV1Beta1
        {
            Kind = Resource.Kind, ApiVersion = Resource.ApiVersion, Metadata = slice.Metadata, AddressType = slice.AddressType, Ports = slice.Ports,
            Endpoints = slice.Endpoints?.Select(EndpointV1Beta1 (e) => new()
            {
                Addresses = e.Addresses, Conditions = e.Conditions, Hostname = e.Hostname, TargetRef = e.TargetRef, Hints = e.Hints, NodeName = e.NodeName, Topology = Topology(e),
            }).ToList(),
        };
    }

    private static Dictionary<string, string>? Rest(IReadOnlyDictionary<string, string>? topology)
    {
        var rest = topology?.Where(pair => pair.Key is not (Zone or Node)).ToDictionary();
        return rest is { Count: > 0 } ? rest : null;
    }

    private static Dictionary<string, string>? Topology(Endpoint endpoint)
    {
        var topology = endpoint.DeprecatedTopology?.ToDictionary() ?? [];
        if (endpoint.Zone is { } zone) topology[Zone] = zone;
        if (endpoint.NodeName is { } node) topology[Node] = node;
        return topology.Count > 0 ? topology : null;
    }

    /// <summary>The stored kind's rules say it all.</summary>
    protected override void Validate(EndpointSliceV1Beta1 slice, FieldErrors errors) { }

    public override IReadOnlyList<TableColumnDefinition> Columns => V1.Columns;

    protected override IReadOnlyList<object?> Cells(EndpointSliceV1Beta1 slice, DateTime now) => V1.Cells(ToStored(slice), now);
}
