using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Addresses that do not lead back into the node, and ports with names where there are several.</summary>
internal sealed class EndpointsRegistry : KindRegistry<Endpoints>
{
    public override bool CreatesOnUpdate => true;

    private static readonly string[] Protocols = ["TCP", "UDP", "SCTP"];

    protected override Endpoints Default(Endpoints endpoints) => endpoints.Subsets is null ? endpoints : endpoints with
    {
        Subsets = endpoints.Subsets.Select(subset => subset.Ports is null ? subset : subset with
        {
            Ports = subset.Ports.Select(port => string.IsNullOrEmpty(port.Protocol) ? port with { Protocol = "TCP" } : port).ToList(),
        }).ToList(),
    };

    protected override void Validate(Endpoints endpoints, FieldErrors errors)
    {
        var subsets = endpoints.Subsets ?? [];
        for (var i = 0; i < subsets.Count; i++) Subset(subsets[i], $"subsets[{i}]", errors);
    }

    /// <summary>Kubernetes says so to who reads them, too; here only to who writes them, for reading them is how one looks at a Service's pods.</summary>
    protected override IEnumerable<string> Warnings(Endpoints endpoints) => ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"];

    private static void Subset(EndpointSubset subset, string path, FieldErrors errors)
    {
        var (ready, notReady, ports) = (subset.Addresses ?? [], subset.NotReadyAddresses ?? [], subset.Ports ?? []);
        if (ready.Count + notReady.Count == 0) errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
        for (var i = 0; i < ready.Count; i++) Address(ready[i], $"{path}.addresses[{i}]", errors);
        for (var i = 0; i < notReady.Count; i++) Address(notReady[i], $"{path}.notReadyAddresses[{i}]", errors);
        for (var i = 0; i < ports.Count; i++) Port(ports[i], nameNeeded: ports.Count > 1, $"{path}.ports[{i}]", errors);
    }

    private static void Address(EndpointAddress address, string path, FieldErrors errors)
    {
        errors.Check($"{path}.ip", address.Ip, IpAddress.SpecialProblem(address.Ip));
        if (!string.IsNullOrEmpty(address.Hostname)) errors.Check($"{path}.hostname", address.Hostname, Names.Dns1123Label(address.Hostname));
        if (!string.IsNullOrEmpty(address.NodeName)) errors.Check($"{path}.nodeName", address.NodeName, Names.Dns1123Subdomain(address.NodeName));
    }

    private static void Port(EndpointPort port, bool nameNeeded, string path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(port.Name))
        {
            if (nameNeeded) errors.Required($"{path}.name");
        }
        else errors.Check($"{path}.name", port.Name, Names.Dns1123Label(port.Name));
        errors.Check($"{path}.port", port.Port, Names.Port(port.Port));
        errors.OneOf($"{path}.protocol", port.Protocol, Protocols);
        if (port.AppProtocol is { } app) errors.Check($"{path}.appProtocol", app, Names.QualifiedName(app));
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
        [Column.Name, Column.Text("Endpoints", "Ready addresses and ports."), Column.Age];

    protected override IReadOnlyList<object?> Cells(Endpoints endpoints, DateTime now) =>
        [endpoints.Name, Cell.FirstThree(Addresses(endpoints), Cell.None), Cell.Age(endpoints, now)];

    /// <summary>Every port with every ready address; addresses alone where a subset has no ports.</summary>
    private static List<string> Addresses(Endpoints endpoints) => (endpoints.Subsets ?? []).SelectMany(subset =>
        subset.Ports is { Count: > 0 } ports
            ? ports.SelectMany(port => (subset.Addresses ?? []).Select(address => Join(address.Ip, port.Port)))
            : (subset.Addresses ?? []).Select(address => address.Ip)).ToList();

    private static string Join(string ip, int port) => ip.Contains(':') ? $"[{ip}]:{port}" : $"{ip}:{port}";
}
