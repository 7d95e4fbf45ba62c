using System.Net.Sockets;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;
using Endpoint = KubeApi.Objects.Endpoint;

namespace ControlPlane.Registry;

/// <summary>Up to 1000 endpoints with addresses of one type, which never changes.</summary>
internal sealed class EndpointSliceRegistry : KindRegistry<EndpointSlice>
{
    private const int MaxEndpoints = 1000, MaxAddresses = 100, MaxPorts = 20000;

    private static readonly string[] AddressTypes = ["FQDN", "IPv4", "IPv6"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    protected override object Generated(EndpointSlice slice) => slice with { Metadata = new ObjectMeta() };

    protected override EndpointSlice Default(EndpointSlice slice) => slice.Ports is null ? slice : slice with
    {
        Ports = slice.Ports.Select(port => port with
        {
            Name = port.Name ?? "",
            Protocol = string.IsNullOrEmpty(port.Protocol) ? "TCP" : port.Protocol,
        }).ToList(),
    };

    protected override void Validate(EndpointSlice slice, FieldErrors errors)
    {
        errors.OneOf("addressType", slice.AddressType, AddressTypes);
        var (endpoints, ports) = (slice.Endpoints ?? [], slice.Ports ?? []);
        if (endpoints.Count > MaxEndpoints) errors.TooMany("endpoints", endpoints.Count, MaxEndpoints);
        else for (var i = 0; i < endpoints.Count; i++) Endpoint(endpoints[i], slice.AddressType, $"endpoints[{i}]", errors);
        if (ports.Count > MaxPorts) errors.TooMany("ports", ports.Count, MaxPorts);
        else Ports(ports, errors);
    }

    private static void Endpoint(Endpoint endpoint, string type, string path, FieldErrors errors)
    {
        if (endpoint.Addresses.Count == 0) errors.Required($"{path}.addresses", "must contain at least 1 address");
        else if (endpoint.Addresses.Count > MaxAddresses) errors.TooMany($"{path}.addresses", endpoint.Addresses.Count, MaxAddresses);
        for (var i = 0; i < endpoint.Addresses.Count; i++)
            errors.Check($"{path}.addresses[{i}]", endpoint.Addresses[i], AddressProblem(endpoint.Addresses[i], type));
        if (!string.IsNullOrEmpty(endpoint.NodeName)) errors.Check($"{path}.nodeName", endpoint.NodeName, Names.Dns1123Subdomain(endpoint.NodeName));
        if (!string.IsNullOrEmpty(endpoint.Hostname)) errors.Check($"{path}.hostname", endpoint.Hostname, Names.Dns1123Label(endpoint.Hostname));
    }

    private static string? AddressProblem(string address, string type) => type switch
    {
        "IPv4" when IpAddress.Parse(address)?.AddressFamily != AddressFamily.InterNetwork => "must be a valid IPv4 address",
        "IPv6" when IpAddress.Parse(address)?.AddressFamily != AddressFamily.InterNetworkV6 => "must be a valid IPv6 address",
        "IPv4" or "IPv6" => IpAddress.SpecialProblem(address),
        "FQDN" => Names.Dns1123Subdomain(address),
        _ => null,
    };

    private static void Ports(IReadOnlyList<DiscoveryEndpointPort> ports, FieldErrors errors)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < ports.Count; i++)
        {
            var (path, name) = ($"ports[{i}]", ports[i].Name ?? "");
            if (name.Length > 0) errors.Check($"{path}.name", name, Names.Dns1123Label(name));
            if (!names.Add(name)) errors.Duplicate($"{path}.name", name);
            errors.OneOf($"{path}.protocol", ports[i].Protocol, Protocols);
            if (ports[i].Port is { } port) errors.Check($"{path}.port", port, Names.Port(port));
            if (ports[i].AppProtocol is { } app) errors.Check($"{path}.appProtocol", app, Names.QualifiedName(app));
        }
    }

    protected override void ValidateChange(EndpointSlice old, EndpointSlice updated, FieldErrors errors)
    {
        if (old.AddressType != updated.AddressType) errors.Invalid("addressType", updated.AddressType, "field is immutable");
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("AddressType", "IPv4, IPv6 or FQDN."), Column.Text("Ports", "Ports of every endpoint."),
        Column.Text("Endpoints", "Addresses."), Column.Age,
    ];

    protected override IReadOnlyList<object?> Cells(EndpointSlice slice, DateTime now) =>
    [
        slice.Name, slice.AddressType,
        Cell.FirstThree((slice.Ports ?? []).Select(port => port.Port?.ToString() ?? "*").ToList(), "<unset>"),
        Cell.FirstThree((slice.Endpoints ?? []).SelectMany(endpoint => endpoint.Addresses).ToList(), "<unset>"),
        Cell.Age(slice, now),
    ];
}
